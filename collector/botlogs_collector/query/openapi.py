"""The query API described for programs (OpenAPI 3.1): operations in tables, schemas from the values themselves."""

from collections.abc import Mapping
from typing import Final

from botlogs_collector.query.openapi_calls import CALLS, PAGES, READS, SESSION, Call, Kind
from botlogs_collector.query.openapi_schemas import Schema, schemas
from botlogs_collector.query.params import STATES

_TEXT: Final[Schema] = {"type": "string", "maxLength": 512}
_KINDS: Final[Mapping[Kind, Schema]] = {
    "text": _TEXT,
    "number": {"type": "integer", "minimum": 1, "maximum": 1000},
    "boolean": {"type": "boolean"},
    "time": {"type": "string", "description": "RFC 3339, or Unix nanoseconds"},
    "state": {"type": "string", "enum": list(STATES)},
}
_REFUSALS: Final = {
    "400": "Something asked for is malformed; the detail says what would be right",
    "401": "A token is needed, or this one is not good (any more)",
    "403": "The token may not do this, or a page of another origin asks for a change; see api.cors_origins",
    "404": "There is nothing of that id, or nothing at that instant",
    "409": "not-released: the conversation goes on or is held; see available_unix_nano",
    "410": "sampled-out: the conversation was dropped by the policy named",
    "429": "Too many calls at once; see Retry-After",
    "503": "The store does not answer; see Retry-After",
    "504": "It took too long; ask for less at once",
}


def document(prefix: str) -> Schema:
    """Return the OpenAPI document of what lies under *prefix*."""
    paths: dict[str, dict[str, Schema]] = {}
    for call in (*READS, *CALLS, *SESSION):
        paths.setdefault(call.path, {})[call.method] = _operation(call)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Bot logs query API",
            "version": "1",
            "description": "Times named *_unix_nano are texts of Unix nanoseconds; ids are lower-case hex.",
        },
        "servers": [{"url": prefix}],
        "security": [{}, {"token": []}],
        "paths": paths,
        "components": {
            "schemas": schemas(PAGES),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "See botlogs token"}},
        },
    }


def _operation(call: Call) -> Schema:
    operation: Schema = {
        "operationId": call.name,
        "summary": call.summary,
        "parameters": _parameters(call),
        "responses": {**_answer(call), **_refusals()},
    }
    if call.body:
        operation["requestBody"] = {
            "required": call.body_needed,
            "content": {"application/json": {"schema": _reference(call.body)}},
        }
    return operation


def _parameters(call: Call) -> list[Schema]:
    given: list[Schema] = [
        {"name": name, "in": "query", "schema": _KINDS[kind], "required": name in call.required}
        for name, kind in call.parameters.items()
    ]
    if call.id_is:
        named: Schema = {"name": "id", "in": "path", "required": True, "schema": {**_TEXT, "minLength": 1}}
        given.insert(0, {**named, "description": call.id_is})
    return given


def _answer(call: Call) -> Schema:
    answer: Schema = {"description": call.summary}
    if call.answer:
        answer["content"] = {call.media_type: {"schema": _reference(call.answer)}}
    return {call.status: answer}


def _refusals() -> Schema:
    return {
        status: {"description": description, "content": {"application/problem+json": {"schema": _reference("Problem")}}}
        for status, description in _REFUSALS.items()
    }


def _reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
