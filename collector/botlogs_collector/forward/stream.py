"""One signal on its way to one endpoint: window after window, page after page, the cursor behind what was taken."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace

from botlogs_collector.clock import Clock
from botlogs_collector.forward.delivery import Delivery, Stopping
from botlogs_collector.forward.metrics import ForwardMetrics
from botlogs_collector.forward.watermark import Watermark
from botlogs_collector.model.forwarding import Cursor, ForwardFilter, Page
from botlogs_collector.ports import Lease, Outbox, Signal

# 32,000 spans are some 13 MB as OTLP (the outbox stops at 16); a page costs 50 ms of CPU and 6 to 8 µs a span of it.
_PAGE_ITEMS = 32_000
# After a window of less than a page there is no backlog: a second later the next is worth what a page costs.
_PAUSE_S = 1.0
_LEASE_EVERY_S = 10.0
# A cursor that moved over nothing is noted once in a while: an idle endpoint costs no writes.
_NOTE_EVERY_S = 30.0
_WORTH_SAYING_NS = 1_000_000_000


class Stream:
    """Runs in a thread of its own until told to stop; two pages are in memory at most."""

    def __init__(
        self,
        endpoint: str,
        signal: Signal,
        *,
        outbox: Outbox,
        watermark: Watermark,
        lease: Lease,
        delivery: Delivery,
        metrics: ForwardMetrics,
        clock: Clock,
        wanted: ForwardFilter,
        retention_ns: int,
        max_request_bytes: int,
        concurrency: int,
        from_beginning: bool,
        draining: threading.Event,
    ) -> None:
        """Take what it works on.

        *retention_ns* is how long the store keeps what is readable. After *draining* it ends once everything visible
        is taken, or at once if the endpoint does not take it (the event ends the delivery's pauses, too).
        """
        self._endpoint = endpoint
        self._signal: Signal = signal
        self._outbox = outbox
        self._watermark = watermark
        self._lease = lease
        self._delivery = delivery
        self._metrics = metrics
        self._clock = clock
        self._wanted = wanted
        self._retention_ns = retention_ns
        self._max_request_bytes = max_request_bytes
        self._from_beginning = from_beginning
        self._draining = draining
        self._halted = threading.Event()
        self._cursor: Cursor | None = None
        self._expired_ns = 0
        self._lease_until_s = self._noted_s = -1e9
        self._thread = threading.Thread(target=self._run, name=f"forward-{endpoint}-{signal}")
        self._reader = ThreadPoolExecutor(1, f"forward-read-{endpoint}-{signal}")
        self._senders = ThreadPoolExecutor(concurrency, f"forward-send-{endpoint}-{signal}")
        metrics.lag_is(self._lag_s)

    def start(self) -> None:
        """Begin where the cursor is."""
        self._thread.start()

    def halt(self) -> None:
        """End after the page under way."""
        self._halted.set()

    def join(self) -> None:
        """Return after the thread has ended; harmless if it never began."""
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        with self._reader, self._senders:
            while not self._draining.is_set():
                if not self._try_round():
                    self._draining.wait(_PAUSE_S)
            self._try_round()

    def _try_round(self) -> bool:
        """Forward a window; return whether there may be more than a page of the next at once."""
        try:
            return self.run_round() >= _PAGE_ITEMS
        except Stopping:
            return False
        except Exception as error:  # noqa: BLE001  # whatever it was, the next round must come
            self._metrics.store_failed(error)
        self._cursor = None  # what was noted last is the truth
        return False

    def run_round(self) -> int:
        """Forward one window, if it is this process's turn and something became visible; return how many items.

        Raises:
            Stopping: told to stop in the middle; the cursor is behind the last page that was taken.
            Retryable: the store did not answer.
        """
        if not self._holds():
            return 0
        watermark_ns = self._watermark.unix_nano(is_last=self._draining.is_set())
        cursor = self._current().window_to(watermark_ns)
        if not cursor.is_in_window:
            return 0
        items = 0
        ahead = self._read(cursor)
        while not self._halted.is_set():
            page = ahead.result()
            if page.cursor.is_in_window:
                ahead = self._read(page.cursor)
            self._deliver(page)
            items += page.items
            if not page.cursor.is_in_window or not self._holds():
                break
        return items

    def _deliver(self, page: Page) -> None:
        """Return after everything of *page* is taken or skipped, and the cursor noted behind it."""
        deliveries = [self._senders.submit(self._delivery.deliver, request) for request in page.requests]
        wait(deliveries)
        skipped = sum(delivery.result() for delivery in deliveries)
        self._metrics.forwarded(max(0, page.items - skipped))
        self._cursor = self._after_retention(page.cursor)
        if page.items or self._clock.monotonic_s() - self._noted_s > _NOTE_EVERY_S:
            self._note(self._cursor)

    def _read(self, cursor: Cursor) -> "Future[Page]":
        return self._reader.submit(
            self._outbox.page, self._signal, cursor, self._wanted,
            max_items=_PAGE_ITEMS, max_request_bytes=self._max_request_bytes,
        )  # fmt: skip

    def _holds(self) -> bool:
        """Whether it is this process's turn; asked of the store every ten seconds of the lease's sixty."""
        if self._clock.monotonic_s() < self._lease_until_s:
            return True
        holds = self._lease.holds()
        self._lease_until_s = self._clock.monotonic_s() + _LEASE_EVERY_S if holds else -1e9
        if not holds:
            self._cursor = None  # another one moves it
        return holds

    def _current(self) -> Cursor:
        """Return the cursor; of a new endpoint, or one older than the data, the one to begin with."""
        cursor = self._cursor or self._outbox.cursor(self._endpoint, self._signal)
        oldest_ns = max(0, self._clock.now_ns() - self._retention_ns)
        if cursor is None:
            start_ns = oldest_ns if self._from_beginning else self._watermark.unix_nano()
            cursor = Cursor(from_unix_nano=start_ns, upto_unix_nano=start_ns)
            self._note(cursor)
        self._cursor = cursor = self._after_retention(cursor)
        return cursor

    def _after_retention(self, cursor: Cursor) -> Cursor:
        """Return *cursor*, but not before the oldest data there can be; what it skips is said and counted, once."""
        oldest_ns = self._clock.now_ns() - self._retention_ns
        if cursor.from_unix_nano >= oldest_ns:
            return cursor
        lost_ns = oldest_ns - max(cursor.from_unix_nano, self._expired_ns)
        if lost_ns > _WORTH_SAYING_NS:
            self._metrics.expired(lost_ns / 1e9)
            self._expired_ns = oldest_ns
        if cursor.upto_unix_nano <= oldest_ns:
            return Cursor(from_unix_nano=oldest_ns, upto_unix_nano=oldest_ns)
        return replace(cursor, from_unix_nano=oldest_ns)

    def _note(self, cursor: Cursor) -> None:
        self._outbox.save(self._endpoint, self._signal, cursor)
        self._noted_s = self._clock.monotonic_s()

    def _lag_s(self) -> float:
        cursor = self._cursor
        return max(0.0, (self._clock.now_ns() - cursor.from_unix_nano) / 1e9) if cursor else 0.0
