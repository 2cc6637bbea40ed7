"""The names that OTTL conditions may use: fields, functions, enums, as the span and span event contexts define them."""

import difflib
from typing import Literal

from botlogs_collector.sample.ottl_ast import Path, ValueType

Owner = Literal["span", "resource", "scope", "event"]

ENUMS = {
    "SPAN_KIND_UNSPECIFIED": 0, "SPAN_KIND_INTERNAL": 1, "SPAN_KIND_SERVER": 2, "SPAN_KIND_CLIENT": 3,
    "SPAN_KIND_PRODUCER": 4, "SPAN_KIND_CONSUMER": 5,
    "STATUS_CODE_UNSET": 0, "STATUS_CODE_OK": 1, "STATUS_CODE_ERROR": 2,
}  # fmt: skip

FUNCTIONS: dict[str, tuple[int, ValueType]] = {
    "IsMatch": (2, "bool"), "HasPrefix": (2, "bool"), "HasSuffix": (2, "bool"),
    "Int": (1, "maybe_int"), "Double": (1, "maybe_float"), "String": (1, "maybe_text"),
    "IsString": (1, "bool"), "IsInt": (1, "bool"), "IsDouble": (1, "bool"), "IsBool": (1, "bool"),
    "IsRootSpan": (0, "bool"),
}  # fmt: skip
"""Function: number of arguments, type of the result."""

_FIELDS: dict[Owner, dict[str, ValueType]] = {
    "span": {
        "attributes": "attribute", "name": "text", "kind": "int", "status.code": "int", "status.message": "text",
        "start_time_unix_nano": "int", "end_time_unix_nano": "int", "start_time": "time", "end_time": "time",
        "trace_id.string": "text", "span_id.string": "text", "parent_span_id.string": "text", "trace_state": "text",
    },
    "resource": {"attributes": "attribute"},
    "scope": {"name": "text", "version": "text", "attributes": "attribute"},
    "event": {"attributes": "attribute", "name": "text", "time_unix_nano": "int", "time": "time"},
}  # fmt: skip
_OWNERS: dict[str, Owner] = {
    "span": "span", "resource": "resource", "scope": "scope", "instrumentation_scope": "scope", "spanevent": "event",
}  # fmt: skip


def resolve_path(names: tuple[str, ...], keys: tuple[str, ...], scope: Literal["span", "spanevent"]) -> Path | str:
    """Return the field that *names* mean in *scope*, or what is wrong with them."""
    prefix = _OWNERS.get(names[0]) if len(names) > 1 else None
    owner: Owner = prefix or ("event" if scope == "spanevent" else "span")
    if owner == "event" and scope == "span":
        return "a condition on spans cannot look at span events; list it under spanevent"
    field = ".".join(names[1:] if prefix else names)
    kind = _FIELDS[owner].get(field)
    if kind is None:
        near = difflib.get_close_matches(field, _FIELDS[owner], n=1)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(_FIELDS[owner])}"
        return f"unknown field {'.'.join(names)} of {owner}; {hint}"
    if kind != "attribute":
        return Path(owner, field, kind) if not keys else f"{field} has no keys"
    if len(keys) != 1:
        return f'{field} needs one key, such as {field}["name"]' + ("; nested values are not supported" if keys else "")
    return Path(owner, field, kind, keys[0])
