"""The release engine: a round finds what is due, decides, writes receipts and moves what is kept.

ClickHouse is its only state. Each step repeated gives the same result, so a crash anywhere is
mended by the next round: receipts that say `releasing` are finished first (design, "exactly once").
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace

from botlogs_collector.clock import Clock
from botlogs_collector.model.conversation import ConversationFacts, DueConversation
from botlogs_collector.model.move import Move
from botlogs_collector.model.receipt import Receipt, late_receipt, receipt_of
from botlogs_collector.ports import InFlight, Lease
from botlogs_collector.release.judge import follow, is_late, judge
from botlogs_collector.release.moves import Moves
from botlogs_collector.release.portions import Portions
from botlogs_collector.release.stamps import VisibleStamps
from botlogs_collector.release.steady import SteadyTime
from botlogs_collector.release_ports import HeldStore
from botlogs_collector.sample.policies import PolicySet
from botlogs_collector.telemetry import Telemetry

_COUNT_EVERY_S = 60.0
_Pair = tuple[DueConversation, ConversationFacts]


class ReleaseEngine:
    """Releases conversations of one store, in one thread."""

    def __init__(
        self,
        store: HeldStore,
        *,
        in_flight: InFlight,
        lease: Lease,
        policies: Callable[[], PolicySet],
        clock: Clock,
        telemetry: Telemetry,
        batch: int,
        lag_ns: int,
        stamps: VisibleStamps | None = None,
    ) -> None:
        """Take what it works on.

        *policies* is asked once a batch, so that they can change while running; *lag_ns* is how long
        a commit of another collector may be under way.
        """
        self._stamps = stamps or VisibleStamps(clock)
        self._store = store
        self._in_flight = in_flight
        self._lease = lease
        self._policies = policies
        self._clock = clock
        self._steady = SteadyTime(clock)
        self._telemetry = telemetry
        self._moves = Moves(store, clock, telemetry)
        self._portions = Portions(clock, batch)
        self._lag_ns = lag_ns
        self._next_count_s = 0.0

    def run_round(self, goes_on: Callable[[], bool] = lambda: True) -> int:
        """Finish what a crash left, then decide and release what is due; return how many were decided.

        What becomes due meanwhile waits for the next round, or a busy store would never end one. Ends after
        the batch under way when *goes_on* says no.

        Raises:
            Retryable: ClickHouse did not answer; the next round goes on from there.
            Exception: a batch could not be decided; the next round tries a smaller one.
        """
        if not self._lease.holds():
            return 0
        self._moves.make()
        decided = 0
        round_ns = self._steady.now_ns()
        while goes_on() and self._lease.holds():
            now_ns = self._clock.now_ns()
            all_due = self._store.due(round_ns, self._watermark(round_ns), self._portions.limit)
            self._telemetry.due_lag.set((now_ns - all_due[0].available_unix_nano) / 1e9 if all_due else 0.0)
            due = self._portions.cut(all_due)
            if not due:
                break
            if self._try(due, now_ns):
                decided += len(due)
        self._count_held()
        return decided

    def _count_held(self) -> None:
        """Tell the metrics how much is held, once in a while: it costs as much as finding what is due."""
        if self._clock.monotonic_s() < self._next_count_s:
            return
        self._next_count_s = self._clock.monotonic_s() + _COUNT_EVERY_S
        self._telemetry.holds(*self._store.totals(self._clock.now_ns()))

    def _watermark(self, now_ns: int) -> int:
        """Return the stamp up to which every row that will ever be in the store is there."""
        oldest = self._in_flight.oldest_in_flight_unix_nano()
        watermark_ns = now_ns - self._lag_ns
        return watermark_ns if oldest is None else min(watermark_ns, oldest - 1)

    def _try(self, due: Sequence[DueConversation], now_ns: int) -> bool:
        """Release *due*; return False if it is one conversation that cannot be, and others go on."""
        keys = [conversation.key for conversation in due]
        try:
            self._release(due, now_ns)
        except Exception as error:  # whatever it was, one conversation must not hold up the others
            wait_s = self._portions.failed(keys)
            if not wait_s:
                raise
            self._telemetry.set_aside(keys[0], error, wait_s)
            return False
        else:
            self._portions.succeeded(keys)
            return True
        finally:
            self._telemetry.aside.set(self._portions.set_aside)

    def _release(self, due: Sequence[DueConversation], now_ns: int) -> None:
        policies = self._policies()
        batch_id = uuid.uuid4().hex
        pairs = list(zip(due, self._store.facts(due, policies.conditions), strict=True))
        late = [pair for pair in pairs if is_late(*pair)]
        fresh = [pair for pair in pairs if not is_late(*pair)]
        receipts = self._late(late, batch_id, now_ns)
        rates = self._store.rates()
        judged = judge(policies, self._store.grants(now_ns), fresh, rates)
        for (conversation, facts), decision in zip(fresh, judged.decisions, strict=True):
            receipts.append((receipt_of(conversation, facts, decision, batch_id=batch_id, now_ns=now_ns), conversation))
            self._telemetry.decided(decision.outcome, decision.decided_by)
        self._store.note_rates(batch_id, rates, judged.rates, now_ns)
        with self._stamps.taken() as visible_ns:
            moves = [_move(receipt, due, visible_ns) for receipt, due in receipts if receipt.is_moving]
            self._store.write_receipts([receipt for receipt, _ in receipts], moves)
        self._store.save_rates(rates, judged.rates, now_ns)
        self._moves.make()

    def _late(self, pairs: Sequence[_Pair], batch_id: str, now_ns: int) -> list[tuple[Receipt, DueConversation]]:
        """Return the receipts of episodes to which rows came late, brought up to date."""
        previous = {receipt.key: receipt for receipt in self._store.receipts([due.key for due, _ in pairs])}
        receipts: list[tuple[Receipt, DueConversation]] = []
        for due, facts in pairs:
            before = previous[due.key]
            decision = follow(before.decision, facts)
            receipt = late_receipt(before, due, facts, decision, batch_id=batch_id, now_ns=now_ns)
            self._telemetry.late(facts.spans + facts.log_events)
            # A drop that became a keep moves the whole episode, not the late rows alone.
            start_ns = due.after_watermark_ns if before.is_kept else before.after_watermark_ns
            receipts.append((receipt, replace(due, after_watermark_ns=start_ns)))
        return receipts


def _move(receipt: Receipt, due: DueConversation, visible_ns: int) -> Move:
    return Move(
        batch_id=receipt.batch_id,
        key=receipt.key,
        trace_ids=receipt.trace_ids,
        after_ns=due.after_watermark_ns,
        upto_ns=receipt.watermark_ns,
        visible_unix_nano=visible_ns,
        weight=receipt.decision.weight,
    )
