"""How far an endpoint has got, and the next piece of what it is to get.

Rows become visible in another order than they are stored in. So a cursor is a window of the time of becoming visible,
gone through in the order of the tables: one pass over the data however long an endpoint was away, and what was sent
twice lies side by side.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardFilter:
    """What an endpoint gets; an empty list means everything."""

    environments: tuple[str, ...] = ()
    bots: tuple[str, ...] = ()
    events: tuple[str, ...] = ()  # event names; of log records alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """The key of the last row delivered of a window."""

    trace_id: str
    time_unix_nano: int
    item_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """All that became visible up to `from_unix_nano` is delivered, and of the window after it all up to `position`.

    The window ends with `upto_unix_nano`; without a position nothing of it is delivered yet.
    """

    from_unix_nano: int
    upto_unix_nano: int
    position: Position | None = None

    @property
    def is_in_window(self) -> bool:
        """Whether a window is open."""
        return self.upto_unix_nano > self.from_unix_nano

    def window_to(self, watermark_ns: int) -> "Cursor":
        """Return the cursor at the start of the window up to *watermark_ns*, or as it is if there is nothing new."""
        if self.is_in_window or watermark_ns <= self.from_unix_nano:
            return self
        return Cursor(from_unix_nano=self.from_unix_nano, upto_unix_nano=watermark_ns)

    def done(self) -> "Cursor":
        """Return the cursor after its window."""
        return Cursor(from_unix_nano=self.upto_unix_nano, upto_unix_nano=self.upto_unix_nano)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some of a window: export requests, how many spans or records they have, the cursor once they are delivered."""

    requests: tuple[bytes, ...]
    items: int
    cursor: Cursor
