"""Attribute values as they were sent, from the text and the type that the store keeps."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence

# Beyond this a JSON number is no longer exact in a browser: such integers stay text.
_EXACT = 2**53


def typed_value(text: str, kind: str = "", *, nested: bool = False) -> object:
    """Return the value of *text*, whose type is *kind* of the store's enum ('' for what other exporters wrote).

    Nested values are JSON text in the store and come back as lists and dictionaries; bytes stay base64.
    """
    if nested:
        try:
            return json.loads(text)
        except ValueError:
            return text
    try:
        match kind:
            case "bool_value":
                return text == "true"
            case "int_value":
                return int(text) if abs(int(text)) <= _EXACT else text
            case "double_value":
                number = float(text)
                return number if number - number == 0 else text  # JSON has no infinity
            case "absent":
                return None
            case _:
                return text
    except ValueError:
        return text


def typed_attributes(
    keys: Sequence[str], values: Sequence[str], kinds: Sequence[str], nested: Sequence[bool]
) -> Mapping[str, object]:
    """Return attributes with their types; *kinds* and *nested* may be shorter, as of rows of other exporters."""
    return {
        key: typed_value(
            value, kinds[i] if i < len(kinds) else "", nested=bool(nested[i]) if i < len(nested) else False
        )
        for i, (key, value) in enumerate(zip(keys, values, strict=True))
    }


def raw_bytes(text: str) -> bytes:
    """Return the bytes that the store keeps as base64 *text*."""
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return text.encode()
