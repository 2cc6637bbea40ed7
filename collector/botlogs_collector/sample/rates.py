"""Counted limits as values: what the store keeps between batches, so that rates hold for all collectors together.

The engine loads a `RateState` with a batch, hands it to `decide_batch` and saves what changed
in the same step as the batch's receipts. Everything here is pure: the same state and the same
batch give the same result, whoever decides and however often.
"""

from collections.abc import Mapping
from typing import NamedTuple

SECOND_NS = 1_000_000_000
HOUR_NS = 3600 * SECOND_NS
DAY_NS = 24 * HOUR_NS

# Conversations of one moment may reach us in two batches, a little out of order. A larger step
# back means that the clock was set back: then time starts again from there, without a refill.
_JITTER_NS = 60 * SECOND_NS


class Cell(NamedTuple):
    """One number that outlives a batch: tokens left or things counted, and since when.

    After `keep_until_unix_nano` the cell says nothing that its absence does not say.
    """

    level: float
    at_unix_nano: int
    keep_until_unix_nano: int


RateState = Mapping[str, Cell]


class Rates:
    """A working copy of the state while a batch is decided; the given state is never changed."""

    def __init__(self, state: RateState) -> None:
        self._before = state
        self.changed: dict[str, Cell] = {}

    def state(self) -> RateState:
        """Return the whole state as it is now."""
        return {**self._before, **self.changed}

    def _cell(self, name: str) -> Cell | None:
        return self.changed.get(name) or self._before.get(name)

    def take(self, name: str, amount: int, per_second: float, burst: int, at: int) -> tuple[bool, float]:
        """Take *amount* tokens from a bucket if it holds as many; return whether, and how many there were.

        A bucket nobody used is full; it refills continuously and never above *burst*. As in
        golang.org/x/time/rate, a refused take changes nothing.
        """
        cell = self._cell(name)
        tokens, since = float(burst), at
        if cell is not None:
            since = cell.at_unix_nano if at <= cell.at_unix_nano <= at + _JITTER_NS else at
            elapsed_s = max(0, since - cell.at_unix_nano) / SECOND_NS
            tokens = min(float(burst), cell.level + elapsed_s * per_second)
        if amount > tokens:
            return False, tokens
        left = tokens - amount
        full_in_ns = round((burst - left) / per_second * SECOND_NS) if per_second > 0 else DAY_NS
        self.changed[name] = Cell(left, since, since + full_in_ns + _JITTER_NS)
        return True, tokens

    def counted(self, name: str, window_ns: int, at: int) -> tuple[int, int]:
        """Return how much was counted in the window of *at*, and when that window began."""
        start = at - at % window_ns
        cell = self._cell(name)
        if cell is None:
            return 0, start
        if start < cell.at_unix_nano <= start + max(window_ns, _JITTER_NS):
            start = cell.at_unix_nano
        return (int(cell.level) if cell.at_unix_nano == start else 0), start

    def count(self, name: str, amount: int, window_ns: int, at: int) -> int:
        """Count *amount* in the window of *at*; return the sum."""
        before, start = self.counted(name, window_ns, at)
        total = before + amount
        self.changed[name] = Cell(total, start, start + window_ns + _JITTER_NS)
        return total


def changed_cells(before: RateState, after: RateState) -> dict[str, Cell]:
    """Return the cells of *after* that differ from *before*: what is to be saved."""
    return {name: cell for name, cell in after.items() if before.get(name) != cell}


def still_needed(state: RateState, now_unix_nano: int) -> dict[str, Cell]:
    """Return the cells that still say something: what is worth keeping."""
    return {name: cell for name, cell in state.items() if cell.keep_until_unix_nano > now_unix_nano}
