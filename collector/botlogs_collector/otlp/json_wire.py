"""OTLP/JSON as Protobuf's bytes, written straight from the parsed document: a tenth of what json_format costs.

The writers are made from the official descriptors. They take what senders write every day and nothing else:
for whatever is unusual, right or wrong (names in snake_case, numbers in odd spellings, two values in one),
they give up, and json_format decides, whose words of what is wrong are better too.
"""

import base64
import functools
import struct
from collections.abc import Callable
from typing import cast

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from botlogs_collector.otlp.nested import varint

_Write = Callable[[object], bytes]
_SHORT = [varint(length) for length in range(16384)]
# Hexadecimal in OTLP/JSON, not base64 (OTLP specification, JSON encoding).
_IDS = frozenset({"trace_id", "span_id", "parent_span_id"})
_utf8 = cast("_Write", str.encode)  # of anything but text a TypeError, of a lone surrogate a ValueError
_VARINT, _EIGHT_BYTES, _DELIMITED, _FOUR_BYTES = 0, 1, 2, 5


class UnusualError(Exception):
    """This document is for json_format."""


def write_message(descriptor: Descriptor, document: object) -> bytes:
    """Return *document*, a parsed JSON object, as the bytes of the message that *descriptor* describes.

    Raises:
        UnusualError: it holds something that only json_format reads, or refuses.
    """
    try:
        return _message(descriptor)(document)
    except (AttributeError, TypeError, ValueError, OverflowError, struct.error, RecursionError) as error:
        raise UnusualError from error


def hex_id(value: object) -> bytes:
    """Return an id; one that is not hex becomes one byte: of the wrong length, so its item is rejected alone."""
    try:
        return bytes.fromhex(cast("str", value))
    except (ValueError, TypeError):
        return b"\0"


@functools.cache
def _message(descriptor: Descriptor) -> _Write:
    """Return what writes the content of one kind of message."""
    fields: dict[str, _Write] = {}
    other_names = {field.name for field in descriptor.fields} - {field.json_name for field in descriptor.fields}
    has_oneof = bool(descriptor.oneofs)

    def write(node: object) -> bytes:
        if not fields:  # not before: messages nest in themselves
            fields.update({field.json_name: _field(field) for field in descriptor.fields})
        parts: list[bytes] = []
        for name, value in node.items():  # pyright: ignore[reportAttributeAccessIssue]  # a cast costs as much as the loop
            writer = fields.get(name)
            if writer is None:
                if name in other_names or name[:1] == "[":
                    raise UnusualError
            elif value is not None:
                parts.append(writer(value))
        if has_oneof and len(parts) > 1:
            raise UnusualError
        return b"".join(parts)

    return write


def _field(field: FieldDescriptor) -> _Write:
    """Return what writes one field with its tag."""
    if field.is_repeated:
        return _repeated(_delimited(field.number, _message(field.message_type)))  # OTLP repeats messages alone
    if field.type not in _BY_TYPE:
        msg = f"{field.full_name} has a type that OTLP did not have before"
        raise UnusualError(msg)
    return _BY_TYPE[field.type](field)


def _tag(number: int, wire_type: int) -> bytes:
    return varint(number << 3 | wire_type)


def _repeated(write: _Write) -> _Write:
    def write_all(values: object) -> bytes:
        if type(values) is not list:
            raise UnusualError
        return b"".join(map(write, cast("list[object]", values)))

    return write_all


def _delimited(number: int, content: _Write) -> _Write:
    tag = _tag(number, _DELIMITED)

    def write(value: object) -> bytes:
        data = content(value)
        length = len(data)
        return tag + (_SHORT[length] if length < 16384 else varint(length)) + data

    return write


def _from_base64(value: object) -> bytes:
    data = cast("str", value).encode()
    return base64.urlsafe_b64decode(data + b"=" * (4 - len(data) % 4))


def _bool(number: int) -> _Write:
    tag = _tag(number, _VARINT)

    def write(value: object) -> bytes:
        if type(value) is not bool:
            raise UnusualError
        return tag + (b"\x01" if value else b"\x00")

    return write


def _packed(number: int, wire_type: int, layout: str, plain: Callable[[object], float]) -> _Write:
    tag, pack = _tag(number, wire_type), struct.Struct(layout).pack
    return lambda value: tag + pack(plain(value))


def _finite(value: object) -> float:
    number = float(value) if type(value) in (int, float) else None  # pyright: ignore[reportArgumentType]
    if number is None or number - number != 0:  # infinities and NaN are quoted in JSON
        raise UnusualError
    return number


def _integer(value: object) -> int:
    """Return a number, or one in quotes as 64-bit numbers are in JSON."""
    if type(value) is int:
        return value
    text = cast("str", value)
    if not (text.isascii() and text.removeprefix("-").isdigit()):
        raise UnusualError
    return int(text)


def _number(number: int, least: int, beyond: int) -> _Write:
    tag = _tag(number, _VARINT)

    def write(value: object) -> bytes:
        plain = _integer(value)
        if not least <= plain < beyond:
            raise UnusualError
        return tag + (_SHORT[plain] if 0 <= plain < 16384 else varint(plain & 0xFFFF_FFFF_FFFF_FFFF))

    return write


def _enum(number: int, kinds: EnumDescriptor | None) -> _Write:
    write_number = _number(number, -(2**31), 2**31)
    by_name = {name: value.number for name, value in kinds.values_by_name.items()} if kinds else {}
    return lambda value: write_number(by_name[value] if type(value) is str and value in by_name else value)


_BY_TYPE: dict[int, Callable[[FieldDescriptor], _Write]] = {
    FieldDescriptor.TYPE_MESSAGE: lambda field: _delimited(field.number, _message(field.message_type)),
    FieldDescriptor.TYPE_STRING: lambda field: _delimited(field.number, _utf8),
    FieldDescriptor.TYPE_BYTES: lambda field: _delimited(field.number, hex_id if field.name in _IDS else _from_base64),
    FieldDescriptor.TYPE_BOOL: lambda field: _bool(field.number),
    FieldDescriptor.TYPE_DOUBLE: lambda field: _packed(field.number, _EIGHT_BYTES, "<d", _finite),
    FieldDescriptor.TYPE_FIXED64: lambda field: _packed(field.number, _EIGHT_BYTES, "<Q", _integer),
    FieldDescriptor.TYPE_FIXED32: lambda field: _packed(field.number, _FOUR_BYTES, "<I", _integer),
    FieldDescriptor.TYPE_ENUM: lambda field: _enum(field.number, field.enum_type),
    FieldDescriptor.TYPE_INT32: lambda field: _number(field.number, -(2**31), 2**31),
    FieldDescriptor.TYPE_INT64: lambda field: _number(field.number, -(2**63), 2**63),
    FieldDescriptor.TYPE_UINT32: lambda field: _number(field.number, 0, 2**32),
}
