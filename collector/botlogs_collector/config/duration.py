"""Durations as people write them (`15m`, `1h30m`, `250ms`), held as whole nanoseconds."""

import re
from typing import NewType

DurationNs = NewType("DurationNs", int)

_UNITS_NS = {
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
    "d": 86_400_000_000_000,
}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_WHOLE = re.compile(rf"(?:{_PART.pattern})+")


def parse_duration(text: str) -> DurationNs:
    """Return nanoseconds for *text*.

    Raises:
        ValueError: it is not a number with one of the units ms, s, m, h, d.
    """
    if text == "0":
        return DurationNs(0)
    if not _WHOLE.fullmatch(text):
        msg = f"{text!r} is not a duration; write a number with a unit, such as 250ms, 30s, 15m, 24h or 7d"
        raise ValueError(msg)
    return DurationNs(sum(round(float(n) * _UNITS_NS[unit]) for n, unit in _PART.findall(text)))
