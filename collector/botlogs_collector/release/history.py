"""The complete history: grants that keep what is to come, restores that bring back what was dropped."""

import uuid
from collections.abc import Sequence

from botlogs_collector.clock import Clock
from botlogs_collector.errors import InvalidRequest, NotFound
from botlogs_collector.model.grant import Grant, Scope
from botlogs_collector.model.move import Move
from botlogs_collector.model.receipt import Receipt
from botlogs_collector.release.stamps import VisibleStamps
from botlogs_collector.release_ports import HistoryStore
from botlogs_collector.telemetry import Telemetry


class History:
    """Keeps `release_ports.History`."""

    def __init__(
        self,
        store: HistoryStore,
        clock: Clock,
        hold_retention_ns: int,
        telemetry: Telemetry,
        stamps: VisibleStamps | None = None,
    ) -> None:
        self._store = store
        self._stamps = stamps or VisibleStamps(clock)
        self._clock = clock
        self._hold_retention_ns = hold_retention_ns
        self._telemetry = telemetry

    def grants(self) -> list[Grant]:
        """See `release_ports.History`."""
        now_ns = self._clock.now_ns()
        return [grant for grant in self._store.grants(now_ns) if grant.until_unix_nano > now_ns]

    def grant(self, scope: Scope, *, from_unix_nano: int | None, until_unix_nano: int, reason: str, by: str) -> Grant:
        """See `release_ports.History`."""
        if scope == Scope():
            raise InvalidRequest("a grant needs a scope: bot_id, conversation_id, user_id, node_id or environment")
        now_ns = self._clock.now_ns()
        start_ns = now_ns if from_unix_nano is None else from_unix_nano
        if until_unix_nano <= max(start_ns, now_ns):
            raise InvalidRequest("until must lie in the future and after from")
        if not reason.strip():
            raise InvalidRequest("a grant needs a reason: it is kept in the audit")
        grant = Grant(
            grant_id=uuid.uuid4().hex[:12],
            scope=scope,
            from_unix_nano=start_ns,
            until_unix_nano=until_unix_nano,
            reason=reason,
            by=by,
        )
        self._store.add_grant(grant, now_ns)
        return grant

    def revoke(self, grant_id: str, *, by: str) -> None:
        """See `release_ports.History`."""
        for grant in self.grants():
            if grant.grant_id == grant_id:
                self._store.revoke_grant(grant, by, self._clock.now_ns())
                return
        raise NotFound(f"there is no grant {grant_id!r} in force")

    def restore(self, conversation: str, *, by: str, reason: str) -> Sequence[Receipt]:
        """See `release_ports.History`."""
        receipts = self._store.receipts_of(conversation)
        if not receipts:
            raise NotFound(f"there is no receipt for {conversation!r}: nothing of it was dropped")
        dropped = [receipt for receipt in receipts if receipt.status == "dropped"]
        if not dropped:
            if any(receipt.status in ("restoring", "restored") for receipt in receipts):
                return receipts
            raise InvalidRequest(f"{conversation!r} was not dropped")
        now_ns = self._clock.now_ns()
        if all(receipt.watermark_ns < now_ns - self._hold_retention_ns for receipt in dropped):
            raise InvalidRequest(
                f"{conversation!r} is out of the hold: dropped content is kept for storage.hold_retention"
            )
        batch_id = uuid.uuid4().hex
        restoring = [receipt.restoring(batch_id, now_ns) for receipt in dropped]
        with self._stamps.taken() as visible_ns:
            moves = [_move(receipt, batch_id, visible_ns) for receipt in restoring]
            self._store.begin_restore(restoring, moves, by=by, reason=reason, now_ns=now_ns)
        self._telemetry.restored(len(restoring))
        return restoring


def _move(receipt: Receipt, batch_id: str, visible_ns: int) -> Move:
    return Move(
        batch_id=batch_id,
        key=receipt.key,
        trace_ids=receipt.trace_ids,
        after_ns=receipt.after_watermark_ns,
        upto_ns=receipt.watermark_ns,
        visible_unix_nano=visible_ns,
    )
