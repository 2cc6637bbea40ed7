"""Makes the totals exact once an hour is over: what senders repeated counts once (decision 0017).

On arrival everything is counted as it comes, since looking for repetitions there would cost every commit. Ten
minutes after an hour the rows themselves, each identity once, say what the totals should have said.
"""

from collections.abc import Callable

from botlogs_collector.clock import Clock
from botlogs_collector.ports import Lease
from botlogs_collector.release_ports import TotalsStore

_S = 1_000_000_000
_HOUR_S = 3600
_GRACE_S = 600  # a commit under way, another collector's clock, a sender's retries


class ExactTotals:
    """Settles the hours of one store, in one thread."""

    def __init__(self, store: TotalsStore, *, lease: Lease, clock: Clock, hold_retention_ns: int) -> None:
        """Take what it works on; rows of the hold count while *hold_retention_ns* keeps them."""
        self._store = store
        self._lease = lease
        self._clock = clock
        self._kept_s = hold_retention_ns // _S
        self._settled_s = 0

    def run_round(self, goes_on: Callable[[], bool] = lambda: True) -> int:
        """Settle the hours that have passed since the last time; return how many.

        The last hour settled before is settled again: it costs little and finds what came after all.

        Raises:
            Retryable: ClickHouse did not answer; the next round does it.
        """
        now_s = self._clock.now_ns() // _S
        upto_s = _hour(now_s - _GRACE_S)
        if upto_s <= self._settled_s or not self._lease.holds() or not goes_on():
            return 0
        # Hours whose rows the hold no longer has in full cannot be counted again, nor the one after them.
        whole_s = _hour(now_s - self._kept_s) + 2 * _HOUR_S
        from_s = max(self._store.settled_upto_s() - _HOUR_S, whole_s)
        if from_s < upto_s:
            self._store.settle(from_s, upto_s)
        self._settled_s = upto_s
        return max(0, upto_s - from_s) // _HOUR_S


def _hour(time_s: int) -> int:
    return time_s - time_s % _HOUR_S
