"""The query API described for programs (OpenAPI 3.1): operations in a table, schemas from the values themselves."""

import dataclasses
import types
import typing
from collections.abc import Mapping
from typing import Final, Literal

from botlogs_collector.model.flow import Flow
from botlogs_collector.model.reading import ConversationSummary, LogEvent, NodeAction, TimelineItem
from botlogs_collector.model.walk import Variable, Visit
from botlogs_collector.query.params import STATES

Schema = dict[str, object]
Kind = Literal["text", "number", "boolean", "time", "state"]

_TEXT: Final[Schema] = {"type": "string", "maxLength": 512}
_TIME: Final[Schema] = {"type": "string", "description": "RFC 3339, or Unix nanoseconds"}
_KINDS: Final[Mapping[Kind, Schema]] = {
    "text": _TEXT,
    "number": {"type": "integer", "minimum": 1, "maximum": 1000},
    "boolean": {"type": "boolean"},
    "time": _TIME,
    "state": {"type": "string", "enum": list(STATES)},
}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """One GET: what it gives, its query parameters, its answer."""

    path: str
    summary: str
    answer: str
    parameters: Mapping[str, Kind] = dataclasses.field(default_factory=dict[str, Kind])
    media_type: str = "application/json"


_OF: Final = "/conversations/{id}"
_RANGE: Final[Mapping[str, Kind]] = {"from": "time", "to": "time"}
_PAGED: Final[Mapping[str, Kind]] = {"limit": "number", "cursor": "text"}
_READS: Final = (
    _Read(
        path="/conversations",
        summary="Conversations, the latest activity first",
        answer="ConversationPage",
        parameters={
            "environment": "text", "bot": "text", "state": "state", **_RANGE, "q": "text", "flow": "text",
            "node": "text", "channel": "text", "user": "text", "tag": "text", "has_error": "boolean", **_PAGED,
        },
    ),
    _Read(path=_OF, summary="One conversation and its receipt", answer="Conversation"),
    _Read(
        path=f"{_OF}/timeline",
        summary="What happened, in time order",
        answer="TimelinePage",
        parameters={"after": "text", "limit": "number"},
    ),
    _Read(
        path=f"{_OF}/logs",
        summary="Full log events",
        answer="LogPage",
        parameters={"at": "time", "node_action_id": "text", "event_name": "text", "q": "text", **_PAGED},
    ),
    _Read(path=f"{_OF}/node", summary="The node action active then", answer="NodeAction", parameters={"at": "time"}),
    _Read(path=f"{_OF}/variables", summary="The variables then", answer="VariablePage", parameters={"at": "time"}),
    _Read(path=f"{_OF}/path", summary="The way through the nodes", answer="VisitPage"),
    _Read(path=f"{_OF}/trace", summary="The conversation as OTLP/JSON", answer="Object"),
    _Read(path=f"{_OF}/markdown", summary="The conversation for a ticket", answer="Text", media_type="text/markdown"),
    _Read(
        path=f"{_OF}/stream",
        summary="Server-sent events, one timeline item each; goes on from Last-Event-ID",
        answer="Text",
        parameters={"last_event_id": "text"},
        media_type="text/event-stream",
    ),
    _Read(
        path="/flows/{id}",
        summary="A flow's graph and what readable conversations did in it",
        answer="Flow",
        parameters={"version": "text", "bot": "text", "environment": "text", **_RANGE},
    ),
)  # fmt: skip

_PAGES: Final = {
    "ConversationPage": "ConversationSummary",
    "TimelinePage": "TimelineItem",
    "LogPage": "LogEvent",
    "VariablePage": "Variable",
    "VisitPage": "Visit",
}
_REFUSALS: Final = {
    "400": "A parameter is malformed; the detail says what would be right",
    "404": "There is nothing of that id, or nothing at that instant",
    "409": "not-released: the conversation goes on or is held; see available_unix_nano",
    "410": "sampled-out: the conversation was dropped by the policy named",
    "429": "Too many calls at once; see Retry-After",
    "503": "The store does not answer; see Retry-After",
    "504": "It took too long; ask for less at once",
}


def document(prefix: str) -> Schema:
    """Return the OpenAPI document of what lies under *prefix*."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Bot logs query API",
            "version": "1",
            "description": "Times named *_unix_nano are texts of Unix nanoseconds; ids are lower-case hex.",
        },
        "servers": [{"url": prefix}],
        "paths": {read.path: {"get": _operation(read)} for read in _READS},
        "components": {"schemas": _schemas()},
    }


def _operation(read: _Read) -> Schema:
    parameters: list[Schema] = [
        {"name": name, "in": "query", "schema": _KINDS[kind]} for name, kind in read.parameters.items()
    ]
    if "{id}" in read.path:
        what = "conversation id, trace id or receipt key" if read.path.startswith(_OF) else "flow id"
        parameters.insert(
            0, {"name": "id", "in": "path", "required": True, "description": what, "schema": {**_TEXT, "minLength": 1}}
        )
    if read.path.endswith("/node"):
        parameters[-1]["required"] = True
    answers: Schema = {
        "200": {
            "description": read.summary,
            "content": {read.media_type: {"schema": {"$ref": f"#/components/schemas/{read.answer}"}}},
        }
    }
    for status, description in _REFUSALS.items():
        answers[status] = {
            "description": description,
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    name = read.path.replace("/{id}", "").strip("/").replace("/", "_") or "root"
    return {
        "operationId": f"get_{name}{'_one' if read.path.endswith('{id}') else ''}",
        "summary": read.summary,
        "parameters": parameters,
        "responses": answers,
    }


def _schemas() -> Schema:
    schemas: Schema = {
        "Object": {"type": "object"},
        "Text": {"type": "string"},
        "Problem": {
            "type": "object",
            "required": ["type", "title", "status", "detail"],
            "properties": {
                "type": {"type": "string"},
                "title": {"type": "string"},
                "status": {"type": "integer"},
                "detail": {"type": "string"},
                "available_unix_nano": {"type": ["string", "null"]},
                "policy": {"type": "string"},
            },
        },
    }
    for kind in (ConversationSummary, TimelineItem, LogEvent, NodeAction, Flow, Variable, Visit):
        _add(schemas, kind)
    for page, item in _PAGES.items():
        schemas[page] = {
            "type": "object",
            "required": ["items", "next_cursor"],
            "properties": {
                "items": {"type": "array", "items": {"$ref": f"#/components/schemas/{item}"}},
                "next_cursor": {"type": ["string", "null"]},
            },
        }
    schemas["Conversation"] = {
        "allOf": [{"$ref": "#/components/schemas/ConversationSummary"}],
        "type": "object",
        "required": ["receipt"],
        "properties": {"receipt": {"type": "object"}},
    }
    return schemas


def _add(schemas: Schema, kind: type) -> Schema:
    """Add the schema of a dataclass and of those within; return a reference to it."""
    if kind.__name__ not in schemas:
        hints = typing.get_type_hints(kind)
        names = [field.name for field in dataclasses.fields(kind)]
        schemas[kind.__name__] = {}  # known while its parts are added
        schemas[kind.__name__] = {
            "type": "object",
            "required": [name.rstrip("_") for name in names],
            "properties": {name.rstrip("_"): _schema(schemas, name, hints[name]) for name in names},
        }
    return {"$ref": f"#/components/schemas/{kind.__name__}"}


def _schema(schemas: Schema, name: str, hint: object) -> Schema:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        inner = _schema(schemas, name, next(part for part in arguments if part is not types.NoneType))
        return {**inner, "type": [inner["type"], "null"]} if "type" in inner else {"anyOf": [inner, {"type": "null"}]}
    if origin in (tuple, list):
        return {"type": "array", "items": _schema(schemas, "", arguments[0])}
    if origin is Literal:
        return {"type": "string", "enum": list(arguments)}
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return _add(schemas, hint)
    if name.endswith("_unix_nano"):
        return {"type": "string", "pattern": "^-?[0-9]+$"}
    plain: dict[object, Schema] = {str: {"type": "string"}, bool: {"type": "boolean"}, int: {"type": "integer"}}
    if hint in plain:
        return plain[hint]
    return {"type": "object"} if origin is not None else {}
