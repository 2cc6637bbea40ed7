"""The release engine: a round finds what is due, decides, writes receipts and moves what is kept.

ClickHouse is its only state. Each step repeated gives the same result, so a crash anywhere is
mended by the next round: receipts that say `releasing` are finished first (design, "exactly once").
"""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from botlogs_collector.clock import Clock
from botlogs_collector.model.conversation import ConversationFacts, DueConversation
from botlogs_collector.model.decision import Decision
from botlogs_collector.model.move import Move
from botlogs_collector.model.receipt import Receipt, receipt_of
from botlogs_collector.ports import HeldStore, InFlight
from botlogs_collector.telemetry import Telemetry

KEEP = Decision(outcome="keep", decided_by="default", votes=(), policies_hash="")


class ReleaseEngine:
    """Releases conversations of one store, in one thread."""

    def __init__(
        self, store: HeldStore, in_flight: InFlight, clock: Clock, telemetry: Telemetry, *, batch: int, lag_ns: int
    ) -> None:
        """Take what it works on; *lag_ns* is how long another collector's commit may be under way."""
        self._store = store
        self._in_flight = in_flight
        self._clock = clock
        self._telemetry = telemetry
        self._batch = batch
        self._lag_ns = lag_ns

    def run_round(self) -> int:
        """Finish what a crash left, then decide and release what is due; return how many were decided.

        Raises:
            Retryable: ClickHouse did not answer; the next round goes on from there.
        """
        self._finish(self._store.unfinished())
        decided = 0
        while True:
            now_ns = self._clock.now_ns()
            due = self._store.due(now_ns, self._watermark(now_ns), self._batch)
            if due:
                self._telemetry.due_lag.set((now_ns - due[0].available_unix_nano) / 1e9)
                self._release(due, now_ns)
                decided += len(due)
            else:
                self._telemetry.due_lag.set(0)
            if len(due) < self._batch:
                return decided

    def _watermark(self, now_ns: int) -> int:
        """Return the stamp up to which every row that will ever be in the store is there."""
        oldest = self._in_flight.oldest_in_flight_unix_nano()
        watermark_ns = now_ns - self._lag_ns
        return watermark_ns if oldest is None else min(watermark_ns, oldest - 1)

    def _release(self, due: Sequence[DueConversation], now_ns: int) -> None:
        batch_id = uuid.uuid4().hex
        facts = self._store.facts(due)
        receipts: list[Receipt] = []
        moves: list[Move] = []
        for conversation, row in zip(due, facts, strict=True):
            receipt = receipt_of(conversation, row, self._decide(conversation, row), batch_id=batch_id, now_ns=now_ns)
            receipts.append(receipt)
            if receipt.status == "releasing":
                moves.append(_move(receipt))
        self._store.write_receipts(receipts, moves)
        for receipt in receipts:
            self._telemetry.decided(receipt.decision.outcome, receipt.decision.decided_by)
        self._finish([receipt for receipt in receipts if receipt.status == "releasing"])

    def _decide(self, _conversation: DueConversation, _facts: ConversationFacts) -> Decision:
        return KEEP

    def _finish(self, receipts: Sequence[Receipt]) -> None:
        """Make the moves that *receipts* announce, then say that they are made."""
        by_batch = sorted(receipts, key=lambda receipt: receipt.batch_id)
        for batch_id, group in groupby(by_batch, key=lambda receipt: receipt.batch_id):
            self._store.move(batch_id)
            done = [
                replace(
                    receipt,
                    status="released" if receipt.status == "releasing" else "restored",
                    version=max(self._clock.now_ns(), receipt.version + 1),
                )
                for receipt in group
            ]
            self._store.write_receipts(done, [])


def _move(receipt: Receipt) -> Move:
    return Move(
        batch_id=receipt.batch_id,
        key=receipt.key,
        trace_ids=receipt.trace_ids,
        after_ns=receipt.after_watermark_ns,
        upto_ns=receipt.watermark_ns,
        visible_unix_nano=receipt.released_unix_nano,
    )
