"""The parameters of one request, checked: unknown ones are named with the nearest known."""

import difflib
from typing import Literal

from starlette.datastructures import QueryParams

from botlogs_collector.errors import InvalidRequest
from botlogs_collector.query.times import parse_time


class Params:
    """Query parameters of a request that takes those of *known* and no others."""

    def __init__(self, given: QueryParams, *known: str) -> None:
        for name in given:
            if name not in known:
                near = difflib.get_close_matches(name, known, 1)
                hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known) or 'none'}"
                msg = f"unknown parameter {name[:60]!r}; {hint}"
                raise InvalidRequest(msg)
            if len(given.getlist(name)) > 1:
                msg = f"{name} is given {len(given.getlist(name))} times; once is enough"
                raise InvalidRequest(msg)
        self._given = given

    def text(self, name: str) -> str:
        """Return the parameter's text, empty if it is not given."""
        return self._given.get(name) or ""

    def optional(self, name: str) -> str | None:
        """Return the parameter's text, None if it is not given or empty."""
        return self._given.get(name) or None

    def integer(self, name: str) -> int | None:
        """Return a whole number."""
        text = self.optional(name)
        if text is None:
            return None
        if not (text.isascii() and text.isdigit() and len(text) <= 9):
            msg = f"{name} must be a whole number without a sign, of at most 9 digits, not {text[:60]!r}"
            raise InvalidRequest(msg)
        return int(text)

    def boolean(self, name: str) -> bool | None:
        """Return true or false."""
        text = self.text(name).lower()
        if text not in ("", "true", "false", "1", "0"):
            msg = f"{name} must be true or false, not {text[:60]!r}"
            raise InvalidRequest(msg)
        return None if not text else text in ("true", "1")

    def time(self, name: str) -> int | None:
        """Return Unix nanoseconds."""
        text = self.optional(name)
        return None if text is None else parse_time(text, name)

    def required_time(self, name: str) -> int:
        """Return Unix nanoseconds of a parameter that must be given."""
        time = self.time(name)
        if time is None:
            msg = f"{name} is missing: RFC 3339 or Unix nanoseconds"
            raise InvalidRequest(msg)
        return time


StateName = Literal["live", "ongoing", "held", "released", "dropped", "restored"]
STATES: tuple[StateName, ...] = ("live", "ongoing", "held", "released", "dropped", "restored")


def checked_state(text: str) -> StateName | None:
    """Return a conversation's state, None for an empty text.

    Raises:
        InvalidRequest: there is no such state.
    """
    if text and text not in STATES:
        msg = f"state must be one of {', '.join(STATES)}, not {text[:60]!r}"
        raise InvalidRequest(msg)
    return text or None
