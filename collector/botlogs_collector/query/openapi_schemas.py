"""JSON schemas of the query API: made from the values of the model, written out where there is no such value."""

import dataclasses
import types
import typing
from collections.abc import Mapping
from typing import Final, Literal

from botlogs_collector.model.flow import Flow
from botlogs_collector.model.grant import Scope
from botlogs_collector.model.reading import ConversationSummary, LogEvent, NodeAction, ReceiptShown, TimelineItem
from botlogs_collector.model.walk import Variable, Visit
from botlogs_collector.model.what_if import WhatIfReport

Schema = dict[str, object]
_MODEL: Final = (
    ConversationSummary, ReceiptShown, TimelineItem, LogEvent, NodeAction, Flow, Variable, Visit, WhatIfReport,
)  # fmt: skip
_NANOS: Final[Schema] = {"type": "string", "pattern": "^-?[0-9]+$"}
_TEXT: Final[Schema] = {"type": "string", "maxLength": 1000}
_NAMES: Final[Schema] = {"type": "array", "items": {"type": "string"}}
_MOMENT: Final[Schema] = {"type": "string", "description": "RFC 3339, or Unix nanoseconds", "maxLength": 64}
_PLAIN: Final[Mapping[object, Schema]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
}


def schemas(pages: Mapping[str, str]) -> Schema:
    """Return all schemas by name; *pages* are lists and what is in them."""
    found = _written()
    for kind in _MODEL:
        _add(found, kind)
    for page, item in pages.items():
        found[page] = _object(items={"type": "array", "items": _to(item)}, next_cursor={"type": ["string", "null"]})
    timeline = typing.cast("dict[str, Schema]", typing.cast("Schema", found["TimelinePage"])["properties"])
    back = "for `before`, which may also be `end`; null at the beginning and where a page was asked for by `after`"
    timeline["previous_cursor"] = {"type": ["string", "null"], "description": back}
    timeline["stream_id"] = {"type": "string", "description": "the Last-Event-ID with which the stream goes on"}
    visits = typing.cast("dict[str, Schema]", typing.cast("Schema", found["VisitPage"])["properties"])
    for name in ("VisitPage", "ChangePage"):
        properties = typing.cast("dict[str, Schema]", typing.cast("Schema", found[name])["properties"])
        properties["total"] = {"type": "integer", "description": "on all pages"}
    visits["is_whole"] = {"type": "boolean", "description": "false: there are more node actions than these"}
    found["Conversation"] = {
        "allOf": [_to("ConversationSummary")],
        "type": "object",
        "required": ["receipt"],
        "properties": {"receipt": _to("ReceiptShown")},
    }
    return found


def _written() -> Schema:
    scope = dict.fromkeys((each.name for each in dataclasses.fields(Scope)), _TEXT)
    return {
        "Object": {"type": "object"},
        "Text": {"type": "string"},
        "OtlpJson": _object(resourceSpans={"type": "array"}, resourceLogs={"type": "array"}),
        "Problem": {
            **_object(type=_PLAIN[str], title=_PLAIN[str], status=_PLAIN[int], detail=_PLAIN[str]),
            "description": "RFC 9457; available_unix_nano comes with not-released, policy with sampled-out",
        },
        "Scope": {
            "type": "object", "description": "what is set must all match", "properties": scope,
            "additionalProperties": False, "minProperties": 1,
        },
        "Grant": _object(grant_id=_PLAIN[str], scope=_to("Scope"), **{"from": _NANOS}, until=_NANOS, reason=_PLAIN[str],
                         by=_PLAIN[str]),
        "GrantRequest": _asked(
            needed=("scope", "reason"), scope=_to("Scope"), **{"from": {**_MOMENT, "description": "now if left out"}},
            until={**_MOMENT, "description": "for good if left out"}, reason=_TEXT, by=_TEXT,
        ),
        "Session": _object(tokens=_PLAIN[bool], name=_PLAIN[str], roles=_NAMES, bots=_NAMES),
        "SessionRequest": _asked(needed=("token",), token=_TEXT),
        "RestoreRequest": _asked(reason=_TEXT, by=_TEXT),
        "Restored": _object(conversation_id=_PLAIN[str], state={"type": "string", "enum": ["restored"]}),
        "WhatIfRequest": _asked(
            policies={"type": "array", "items": {"type": "object"}, "description": "as under tail_sampling.policies"},
            policy_file={"type": "string", "description": "instead: the text of a YAML file with tail_sampling"},
            since={"type": "string", "description": "how far to look back, such as 24h", "maxLength": 64},
        ),
    }  # fmt: skip


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "required": list(properties), "properties": dict(properties)}


def _asked(needed: tuple[str, ...] = (), **properties: Schema) -> Schema:
    return {
        "type": "object", "required": list(needed), "properties": dict(properties), "additionalProperties": False,
    }  # fmt: skip


def _to(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _add(found: Schema, kind: type) -> Schema:
    """Add the schema of a dataclass and of those within; return a reference to it."""
    if kind.__name__ not in found:
        hints = typing.get_type_hints(kind)
        names = [field.name for field in dataclasses.fields(kind)]
        found[kind.__name__] = {}  # known while its parts are added
        found[kind.__name__] = _object(
            **{name.rstrip("_"): _schema(found, name, hints[name]) for name in names},
        )
    return _to(kind.__name__)


def _schema(found: Schema, name: str, hint: object) -> Schema:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        inner = _schema(found, name, next(part for part in arguments if part is not types.NoneType))
        if "type" not in inner or "enum" in inner:
            return {"anyOf": [inner, {"type": "null"}]}
        return {**inner, "type": [inner["type"], "null"]}
    if origin in (tuple, list):
        return {"type": "array", "items": _schema(found, "", arguments[0])}
    if origin is Literal:
        return {"type": "string", "enum": list(arguments)}
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return _add(found, hint)
    if name.endswith("_unix_nano"):
        return _NANOS
    return _PLAIN.get(hint) or ({"type": "object"} if origin is not None else {})
