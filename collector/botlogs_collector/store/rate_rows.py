"""What rate-limited policies have spent, as rows: noted with a batch, counted with its receipts, then folded.

Two writes cannot be one in ClickHouse, so the note comes first and counts only if a receipt of its batch is there: a
crash between the two has spent nothing, and the batch is judged again from the same state.
"""

from collections.abc import Mapping

from botlogs_collector.sample.rates import Cell, RateState, changed_cells, still_needed
from botlogs_collector.store.client import Database, Row

_COLUMNS = ("Name", "Level", "At", "KeepUntil", "Version")


class RateRows:
    """The rates of one store; used by one thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._newest = 0

    def load(self, now_ns: int) -> RateState:
        """Return what is spent; fold what a crash left noted."""
        rows = self._database.query("rates", now_ns=now_ns)
        self._newest = max((row["Version"] for row in rows), default=0)
        noted = {row["BatchId"] for row in rows} - {""}
        on_record = self._on_record(noted) if noted else set[str]()
        state = _cells(rows, {"", *on_record})
        if on_record:
            self._newest += 1
            self._write("botlogs_held.rate_state", state, (), self._newest)
        return still_needed(state, now_ns)

    def note(self, batch_id: str, before: RateState, after: RateState, now_ns: int) -> None:
        """See `release_ports.HeldStore.note_rates`."""
        self._write("botlogs_held.rate_notes", changed_cells(before, after), (batch_id,), self._version(now_ns))

    def save(self, before: RateState, after: RateState, now_ns: int) -> None:
        """See `release_ports.HeldStore.save_rates`."""
        self._write("botlogs_held.rate_state", changed_cells(before, after), (), self._version(now_ns))

    def _version(self, now_ns: int) -> int:
        # A clock that was set back must not make older rows win.
        return max(now_ns, self._newest + 1)

    def _on_record(self, batch_ids: set[str]) -> set[str]:
        rows = self._database.query("batches_on_record", batch_ids=sorted(batch_ids))
        return {row["BatchId"] for row in rows}

    def _write(self, table: str, cells: Mapping[str, Cell], batch: tuple[str, ...], version: int) -> None:
        if cells:
            columns = (*_COLUMNS, "BatchId") if batch else _COLUMNS
            self._database.insert(table, [[name, *cell, version, *batch] for name, cell in cells.items()], columns)


def _cells(rows: list[Row], counted: set[str]) -> dict[str, Cell]:
    """Return the newest cell of each name: *rows* come in the order of their versions."""
    return {row["Name"]: Cell(row["Level"], row["At"], row["KeepUntil"]) for row in rows if row["BatchId"] in counted}
