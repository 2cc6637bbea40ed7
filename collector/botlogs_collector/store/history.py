"""Grants and restores in the store (release_ports.HistoryStore)."""

from collections.abc import Sequence

from botlogs_collector.model.grant import Grant
from botlogs_collector.model.move import Move
from botlogs_collector.model.receipt import Receipt
from botlogs_collector.store import grant_rows, receipt_rows
from botlogs_collector.store.client import Database
from botlogs_collector.store.held import Hold


class HistoryTables:
    """Grants, receipts and the audit of one store."""

    def __init__(self, database: Database, hold: Hold) -> None:
        self._database = database
        self._hold = hold

    def grants(self, now_ns: int) -> list[Grant]:
        """See `release_ports.HistoryStore`."""
        return grant_rows.active(self._database, now_ns)

    def add_grant(self, grant: Grant, now_ns: int) -> None:
        """See `release_ports.HistoryStore`."""
        grant_rows.add(self._database, grant, now_ns)

    def revoke_grant(self, grant: Grant, by: str, now_ns: int) -> None:
        """See `release_ports.HistoryStore`."""
        grant_rows.revoke(self._database, grant, by, now_ns)

    def receipts_of(self, conversation: str) -> list[Receipt]:
        """See `release_ports.HistoryStore`."""
        return receipt_rows.of_conversation(self._database, conversation)

    def begin_restore(
        self, receipts: Sequence[Receipt], moves: Sequence[Move], *, by: str, reason: str, now_ns: int
    ) -> None:
        """See `release_ports.HistoryStore`."""
        for receipt in receipts:
            grant_rows.audit(
                self._database, "restore", by=by, subject=receipt.conversation_id or receipt.trace_ids[0],
                reason=reason, now_ns=now_ns, conversation_key=receipt.key, episode=receipt.episode,
            )  # fmt: skip
        self._hold.write_receipts(receipts, moves)
