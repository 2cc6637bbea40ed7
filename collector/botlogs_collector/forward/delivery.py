"""One request to one endpoint, until every item of it was taken, or was skipped for a reason that is counted."""

import threading
from collections.abc import Callable
from typing import Protocol

from botlogs_collector.forward.answer import Answer
from botlogs_collector.forward.metrics import ForwardMetrics
from botlogs_collector.forward.pause import Pauses
from botlogs_collector.otlp.batches import count_items, first_item_ids, halved
from botlogs_collector.ports import Signal

# An endpoint that fails at a request (500) three times is asked whether it takes an empty one: then it is the request.
_FAILURES = 3
# After the second time-out in a row the request is halved: a slow endpoint gets what it can do in time.
_TIMEOUTS = 2
# So many single items refused one after the other, and not one taken: the rest of the request goes with them.
_REFUSALS = 32


class Stopping(Exception):  # noqa: N818  # not an error: the service stops, and the cursor knows how far it got
    """Told to stop before a request was taken."""


class Endpoint(Protocol):
    """Where requests go."""

    def send(self, signal: Signal, body: bytes, timeout_s: float) -> Answer:
        """Send one request; never raises for what the network or the endpoint does."""
        ...

    def close(self) -> None:
        """End what is under way."""
        ...


class Delivery:
    """Delivers requests of one signal to one endpoint; several threads may at once."""

    def __init__(
        self,
        endpoint: Endpoint,
        signal: Signal,
        metrics: ForwardMetrics,
        *,
        timeout_s: float,
        stopping: threading.Event,
        pauses: Callable[[], Pauses] = Pauses,
    ) -> None:
        """Take where to; *stopping* ends every pause."""
        self._endpoint = endpoint
        self._signal: Signal = signal
        self._metrics = metrics
        self._timeout_s = timeout_s
        self._stopping = stopping
        self._pauses = pauses

    def deliver(self, body: bytes) -> int:
        """Return how many items of the request *body* were skipped, after all others were taken.

        Raises:
            Stopping: the service stops; some items may have been taken.
        """
        pending = [body]
        skipped = refusals = 0
        while pending:
            part = pending.pop()
            if refusals >= _REFUSALS:
                skipped += self._skip(part, Answer(outcome="refused", message="as were the ones before"))
                continue
            answer = self._insist(part)
            if answer.outcome == "accepted":
                refusals = 0
                skipped += self._count_rejected(part, answer)
            elif halves := halved(self._signal, part):
                pending += reversed(halves)
            elif answer.outcome == "slow":
                pending.append(part)
            else:
                refusals += 1
                skipped += self._skip(part, answer)
        return skipped

    def _insist(self, body: bytes) -> Answer:
        """Return the answer that is not changed by sending *body* again: taken, or not as it is."""
        pauses = self._pauses()
        failures = timeouts = 0
        while True:
            answer = self._endpoint.send(self._signal, body, self._timeout_s)
            self._metrics.answered(answer)
            if answer.outcome in ("accepted", "refused", "too_large"):
                return answer
            failures = failures + 1 if answer.outcome == "failing" else 0
            timeouts = timeouts + 1 if answer.outcome == "slow" else 0
            if timeouts >= _TIMEOUTS or (failures >= _FAILURES and self._takes_nothing()):
                return answer
            if self._stopping.wait(pauses.next_s(answer.retry_after_s)):
                raise Stopping

    def _takes_nothing(self) -> bool:
        """Return whether the endpoint takes a request without items: it works, and what it fails at is ours."""
        return self._endpoint.send(self._signal, b"", self._timeout_s).outcome == "accepted"

    def _count_rejected(self, part: bytes, answer: Answer) -> int:
        if answer.rejected:
            self._metrics.skipped("rejected", answer.rejected, first_item_ids(self._signal, part), answer.message)
        return answer.rejected

    def _skip(self, part: bytes, answer: Answer) -> int:
        items = count_items(self._signal, part)
        self._metrics.skipped(answer.outcome, items, first_item_ids(self._signal, part), answer.message)
        return items
