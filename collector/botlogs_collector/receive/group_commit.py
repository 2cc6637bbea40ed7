"""Many small requests, one INSERT: the caller of `submit` waits until its request is durable.

A commit costs about 45 ms before its first span (decision 0002), so requests gather while one runs
(natural group commit). Ownership instead of locks: all state belongs to the event loop; only the
INSERT itself runs in the one thread of its signal.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from botlogs_collector.clock import Clock
from botlogs_collector.errors import InvalidRequest, Overloaded, Permanent, Retryable
from botlogs_collector.ports import CommitSink, Signal
from botlogs_collector.telemetry import Telemetry

# After a commit of T seconds the next waits 2 T, at most this, for others to join it: a trickle of small requests
# leaves most of a core to others. It does not wait when this part of a full commit has gathered already (some
# 20,000 spans, over which the fixed cost is 2 µs a span), nor when as many requests wait as were just answered or
# came meanwhile: senders that send again at their answer are then all back, and waiting longer gathers nothing.
_MAX_PAUSE_S = 0.12
_ENOUGH = 1 / 3


@dataclass(slots=True)
class _Pending:
    body: bytes
    items: int
    size: int
    done: asyncio.Future[None]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitLimits:
    """How much may wait, and how much goes into one INSERT."""

    max_pending_bytes: int
    max_pending_requests: int
    max_commit_bytes: int


class GroupCommit:
    """Gathers the requests of one signal into commits."""

    def __init__(
        self, signal: Signal, sink: CommitSink, limits: CommitLimits, clock: Clock, telemetry: Telemetry
    ) -> None:
        self._signal: Signal = signal
        self._sink = sink
        self._limits = limits
        self._clock = clock
        self._telemetry = telemetry
        self._queue: deque[_Pending] = deque()
        self._bytes = 0
        self._committing: list[_Pending] = []
        self._wake = asyncio.Event()
        self._enough = asyncio.Event()
        self._awaited = 0
        self._draining = False
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"commit-{signal}")
        self._task: asyncio.Task[None] | None = None
        self._last_stamp_ns = 0
        self._in_flight_ns: int | None = None
        self.on_commit: list[Callable[[], None]] = []

    def start(self) -> None:
        """Begin committing; call from the event loop."""
        self._task = asyncio.create_task(self._run(), name=f"commit-{self._signal}")

    async def submit(self, body: bytes, items: int, size: int | None = None) -> None:
        """Return after *body*, a checked request with *items* spans or records, is durable.

        *size* is what it counts for in the limits, if that is more than its own.
        If the caller is cancelled the request may still be committed; a retry is shown once.

        Raises:
            Overloaded: too much is waiting; nothing was taken.
            InvalidRequest: the engine cannot read this request.
            Retryable: the store failed, or the service is stopping.
        """
        if self._draining or self._task is None:
            raise Retryable("the service is stopping; send again")
        size = len(body) if size is None else size
        if self._bytes + size > self._limits.max_pending_bytes and self._queue:
            self._refuse("bytes", items)
        if len(self._queue) >= self._limits.max_pending_requests:
            self._refuse("requests", items)
        pending = _Pending(body, items, size, asyncio.get_running_loop().create_future())
        self._queue.append(pending)
        self._bytes += size
        self._wake.set()
        if self._has_enough():
            self._enough.set()
        await pending.done

    def _refuse(self, reason: str, items: int) -> None:
        self._telemetry.refused(self._signal, f"queue_full_{reason}", items)
        msg = f"too many {reason} wait to be stored; send again later"
        raise Overloaded(msg, retry_after_s=1.0)

    def oldest_in_flight_unix_nano(self) -> int | None:
        """Return the stamp of the commit under way, None if there is none: what is older is in the store."""
        return self._in_flight_ns

    async def stop(self, deadline_s: float) -> None:
        """Take no more, commit what waits, and return; at the deadline fail what is left as retryable."""
        self._draining = True
        self._wake.set()
        self._enough.set()
        if self._task is not None:
            done, _ = await asyncio.wait({self._task}, timeout=deadline_s)
            if not done:
                self._task.cancel()
                for pending in (*self._committing, *self._queue):
                    _fail(pending, Retryable("the service stopped before it could store this; send again"))
        await asyncio.to_thread(self._thread.shutdown)  # off the loop: who was failed hears of it meanwhile

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            batch = self._take()
            if not batch:
                if self._draining:
                    return
                self._wake.clear()
                continue
            self._committing = batch
            took_s = await self._commit(batch)
            self._committing = []
            self._awaited = len(batch) + len(self._queue)
            await self._gather(min(2 * took_s, _MAX_PAUSE_S))

    def _has_enough(self) -> bool:
        return len(self._queue) >= self._awaited or self._bytes >= self._limits.max_commit_bytes * _ENOUGH

    async def _gather(self, pause_s: float) -> None:
        """Return after *pause_s*, or sooner when enough waits for a commit or the service stops."""
        if self._draining or self._has_enough():
            return
        self._enough.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._enough.wait(), pause_s)

    def _take(self) -> list[_Pending]:
        batch: list[_Pending] = []
        size = 0
        while self._queue and (not batch or size + self._queue[0].size <= self._limits.max_commit_bytes):
            pending = self._queue.popleft()
            size += pending.size
            batch.append(pending)
        self._bytes -= size
        return batch

    async def _commit(self, batch: list[_Pending]) -> float:
        started_s = self._clock.monotonic_s()
        try:
            await self._insert(batch)
        except Permanent:
            await self._commit_alone(batch)
        except Exception as error:  # noqa: BLE001  # senders must hear of anything, and the loop must go on
            retry = error if isinstance(error, Retryable) else Retryable(f"the store failed: {type(error).__name__}")
            self._telemetry.commit_failed(self._signal, error)
            for pending in batch:
                _fail(pending, retry)
        else:
            self._succeed(batch)
        took_s = self._clock.monotonic_s() - started_s
        self._telemetry.committed(self._signal, took_s)
        return took_s

    async def _commit_alone(self, batch: list[_Pending]) -> None:
        """One request is poison: halve until it stands alone, so that it harms no other."""
        if len(batch) == 1:
            try:
                await self._insert(batch)
            except Permanent as error:
                self._telemetry.refused(self._signal, "unreadable", batch[0].items)
                _fail(batch[0], InvalidRequest(f"the store cannot read this request: {error}"))
            except Exception as error:  # noqa: BLE001  # as above
                _fail(batch[0], Retryable(f"the store failed: {type(error).__name__}"))
            else:
                self._succeed(batch)
            return
        middle = len(batch) // 2
        for half in (batch[:middle], batch[middle:]):
            await self._commit(half)

    async def _insert(self, batch: list[_Pending]) -> None:
        # The release engine reads its clock, then this, in another thread: a bound below every stamp to come
        # must stand here before the clock is read, or a row could be older than a watermark without it.
        self._in_flight_ns = self._last_stamp_ns
        stamp = max(self._clock.now_ns(), self._last_stamp_ns + 1)
        self._last_stamp_ns = self._in_flight_ns = stamp
        try:
            await asyncio.get_running_loop().run_in_executor(
                self._thread, self._sink.insert, self._signal, [pending.body for pending in batch], stamp
            )
        finally:
            self._in_flight_ns = None

    def _succeed(self, batch: list[_Pending]) -> None:
        for pending in batch:
            self._telemetry.accepted(self._signal, pending.items, len(pending.body))
            if not pending.done.done():
                pending.done.set_result(None)
        for notify in self.on_commit:
            notify()


def _fail(pending: _Pending, error: Exception) -> None:
    if not pending.done.done():
        pending.done.set_exception(error)
