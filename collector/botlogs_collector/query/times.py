"""Times as people and programs write them: RFC 3339, or Unix nanoseconds."""

import datetime as dt
import re

from botlogs_collector.errors import InvalidRequest

_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+\- ]\d\d:\d\d)")
_MAX = 2**63 - 1


def parse_time(text: str, name: str) -> int:
    """Return Unix nanoseconds; *name* is the parameter's, for the message.

    Raises:
        InvalidRequest: it is neither, or lies outside 1970 to 2262.
    """
    if text.isascii() and text.isdigit() and len(text) <= 19 and int(text) <= _MAX:
        return int(text)
    match = _RFC3339.fullmatch(text)
    try:
        if match is None:
            raise ValueError(text)
        date, time, fraction, zone = match.groups()
        zone = "+00:00" if zone in "Zz" else zone.replace(" ", "+")  # an unquoted + in an address is a space
        moment = dt.datetime.fromisoformat(f"{date}T{time}{zone}")
        nanoseconds = int(moment.timestamp()) * 10**9 + int((fraction or "").ljust(9, "0"))
        if not 0 <= nanoseconds <= _MAX:
            raise ValueError(text)
    except (ValueError, OverflowError):
        msg = f"{name} must be RFC 3339 (2026-01-31T12:00:00.123456789Z) or Unix nanoseconds, not {text[:60]!r}"
        raise InvalidRequest(msg) from None
    return nanoseconds
