"""An event within its byte limit, counted as OTLP encodes it: names and frames count too, not values alone.

An event of twenty thousand short attributes is as dear to every queue and store behind it as one of a megabyte of text.
"""

from __future__ import annotations

from typing import Final

from otel_botlogs.plain import cut

Value = str | bool | int | float
"""What an attribute of an event is on the wire; containers become JSON text."""

FRAME_BYTES: Final = 18  # tags and lengths around a name and its value: four fields, lengths of up to 3 bytes
NUMBER_BYTES: Final = 10  # the longest varint; a double has 8
RECORD_BYTES: Final = (
    384  # times, ids, flags, severity, event name, the body's frame, and the count of what was dropped
)
_LEAST_BYTES: Final = 64  # of a text that is cut: room for the mark, and some of its beginning


def fit(attributes: dict[str, Value], body: str | None, max_bytes: int) -> tuple[str | None, int]:
    """Make *attributes* and *body* fit into *max_bytes*, in place; return the body and how many were dropped.

    Attributes stay in their order as long as there is room for their names and a beginning; texts that do not
    fit whole share what is left, the shortest first, and end with a mark.
    """
    characters = len(body or "") + sum(
        len(name) + (len(value) if type(value) is str else NUMBER_BYTES) for name, value in attributes.items()
    )
    # Four bytes a character at most: surely within.
    if characters * 4 + len(attributes) * FRAME_BYTES + RECORD_BYTES <= max_bytes:
        return body, 0
    left, dropped = max_bytes - RECORD_BYTES, 0
    longer: list[tuple[int, str | None]] = []
    if body is not None and (size := _bytes(body)) > _LEAST_BYTES:
        longer.append((size - _LEAST_BYTES, None))
    left -= _LEAST_BYTES
    for name, value in list(attributes.items()):
        size = _bytes(value) if type(value) is str else NUMBER_BYTES
        least = _bytes(name) + FRAME_BYTES + min(size, _LEAST_BYTES)
        if least > left:
            del attributes[name]
            dropped += 1
            continue
        left -= least
        if size > _LEAST_BYTES:
            longer.append((size - _LEAST_BYTES, name))
    for place, (more, name) in enumerate(sorted(longer, key=lambda one: one[0])):
        share = min(more, left // (len(longer) - place))
        left -= share
        if name is None:
            body = cut(body or "", _LEAST_BYTES + share)
        else:
            attributes[name] = cut(str(attributes[name]), _LEAST_BYTES + share)
    return body, dropped


def size_of(attributes: dict[str, Value]) -> int:
    """Return the most bytes that *attributes* have in OTLP."""
    return sum(
        _bytes(name) + FRAME_BYTES + (_bytes(value) if type(value) is str else NUMBER_BYTES)
        for name, value in attributes.items()
    )


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
