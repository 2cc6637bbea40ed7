"""Values of the model as JSON: nanosecond times are text, since a browser's numbers end at 2^53."""

import dataclasses
import json
from collections.abc import Mapping
from typing import cast


def to_wire(value: object) -> object:
    """Return *value* as what JSON knows; fields keep their names, a trailing underscore goes."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name.rstrip("_"): _field(field.name, getattr(value, field.name))
            for field in dataclasses.fields(value)
        }
    if isinstance(value, tuple) and hasattr(value, "_asdict"):  # a NamedTuple
        return to_wire(value._asdict())  # pyright: ignore[reportAttributeAccessIssue]
    if isinstance(value, Mapping):
        return {str(key): _field(str(key), item) for key, item in cast("Mapping[object, object]", value).items()}
    if isinstance(value, (list, tuple)):
        return [to_wire(item) for item in cast("list[object]", value)]
    return value


def to_json(value: object) -> bytes:
    """Return *value* as JSON text; what is not valid Unicode is replaced."""
    text = json.dumps(to_wire(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8", "replace")


def _field(name: str, value: object) -> object:
    if name.endswith("_unix_nano") and isinstance(value, int):
        return str(value)
    if name == "attributes":
        return value  # a sender's own: not ours to reshape
    return to_wire(value)
