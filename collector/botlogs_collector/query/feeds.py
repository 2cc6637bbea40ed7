"""What is new in the conversations that somebody follows: one poll for all of them and all their readers.

A poll asks for everything that became visible since the last instant at which nothing can appear
any more, and hands each entry once to every reader of its conversation. It runs when a commit says
so and at least once a second, and never takes more than a quarter of the time.
"""

import asyncio
import contextlib
import dataclasses
import logging
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from typing import Final

from botlogs_collector.clock import Clock
from botlogs_collector.errors import BotLogsError, Overloaded
from botlogs_collector.model.reading import SOURCES, ConversationRef, Entry, EntryQuery, EntrySource, TimelineItem
from botlogs_collector.ports import EntryReader, InFlight
from botlogs_collector.query.access import Access
from botlogs_collector.query.kinds import TITLE_KEYS
from botlogs_collector.query.pool import StorePool
from botlogs_collector.query.timeline import TITLE_TEXT, Timeline

log = logging.getLogger("botlogs.query")

MAX_FEEDS: Final = 500
MAX_READERS: Final = 2000
QUEUE: Final = 2000  # entries that a reader may lag behind
_POLL_S: Final = 1.0
_SOONEST_S: Final = 0.1
_PATIENCE: Final = 3  # a poll is followed by a pause of this many times its length
_REFRESH_S: Final = 2.0
_REFRESH_AT_ONCE: Final = 5
_MOST: Final = 5000
# A row may become visible this long after its stamp: commits under way are known, those of other
# collectors are cancelled after 30 s, a release takes seconds.
_SETTLE_OWN_NS: Final = 10 * 10**9
_SETTLE_OTHERS_NS: Final = 40 * 10**9


@dataclass(slots=True, eq=False)
class Reader:
    """One stream's queue; `dropped` says why it was cut off.

    Whoever has emptied the queue has got all that became visible up to `settled`. One that `wants_whole` gets
    entries uncut, to mask them.
    """

    queue: "asyncio.Queue[tuple[Entry, TimelineItem]]" = field(default_factory=lambda: asyncio.Queue(QUEUE))
    settled: int = 0
    wants_whole: bool = False
    dropped: str = ""
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def drop(self, reason: str) -> None:
        """End the stream for *reason*; the first one counts."""
        self.dropped = self.dropped or reason
        self.ended.set()


@dataclass(slots=True, eq=False)
class _Feed:
    ref: ConversationRef
    since: int
    refreshed_s: float
    readers: set[Reader] = field(default_factory=set[Reader])
    seen: dict[str, int] = field(default_factory=dict[str, int])


class Feeds:
    """The conversations being followed in this process. Lives on one event loop."""

    def __init__(
        self,
        reader: EntryReader,
        timeline: Timeline,
        access: Access,
        *,
        pool: StorePool,
        clock: Clock,
        in_flight: InFlight | None,
        max_readers: int = MAX_READERS,
    ) -> None:
        self._reader = reader
        self._timeline = timeline
        self._access = access
        self._pool = pool
        self._clock = clock
        self._in_flight = in_flight
        self._max_readers = max_readers
        self._feeds: dict[str, _Feed] = {}
        self._task: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = asyncio.Event()
        self._news: set[EntrySource] = set()

    def settled(self) -> int:
        """Return the instant (Unix ns) up to which nothing will become visible any more."""
        now = self._clock.now_ns()
        if self._in_flight is None:
            return now - _SETTLE_OTHERS_NS
        oldest = self._in_flight.oldest_in_flight_unix_nano()
        return min(now, oldest if oldest is not None else now) - _SETTLE_OWN_NS

    def on_commit(self, signal: str) -> None:
        """Note that rows of *signal* have become visible; for any thread, and free if nobody reads."""
        if self._loop is not None and self._feeds:
            with contextlib.suppress(RuntimeError):  # the loop is closing
                self._loop.call_soon_threadsafe(self._noted, signal)

    def _noted(self, signal: str) -> None:
        self._news.update(("log",) if signal == "logs" else ("span", "event"))
        self._wake.set()

    @contextlib.contextmanager
    def reading(self, ref: ConversationRef, *, wants_whole: bool = False) -> Generator[Reader]:
        """Yield a `Reader` that gets what is new in the conversation from now on.

        Raises:
            Overloaded: too many are read already.
        """
        if (
            sum(len(feed.readers) for feed in self._feeds.values()) >= self._max_readers
            or len(self._feeds) >= MAX_FEEDS
        ):
            msg = "too many streams are open; try again later, or read pages of the timeline"
            raise Overloaded(msg, retry_after_s=5)
        feed = self._feeds.get(ref.key)
        if feed is None:
            feed = _Feed(ref, self.settled(), self._clock.monotonic_s())
            self._feeds[ref.key] = feed
        reader = Reader(wants_whole=wants_whole)
        feed.readers.add(reader)
        self._start()
        try:
            yield reader
        finally:
            feed.readers.discard(reader)
            if not feed.readers and self._feeds.get(ref.key) is feed:
                del self._feeds[ref.key]

    def drop_all(self, reason: str) -> None:
        """End the streams that are open; those who follow may come back."""
        for feed in self._feeds.values():
            for reader in feed.readers:
                reader.drop(reason)

    def stop(self) -> None:
        """End all streams; a second call is harmless."""
        self.drop_all("the service is stopping")
        if self._task is not None:
            self._task.cancel()

    def _start(self) -> None:
        if self._task is None or self._task.done():
            self._loop = asyncio.get_running_loop()
            self._task = self._loop.create_task(self._run(), name="feeds")

    async def _run(self) -> None:
        while self._feeds:
            started = self._clock.monotonic_s()
            sources, self._news = self._asked(), set()
            self._wake.clear()
            try:
                await self._refresh()
                await self._poll(sources)
            except (BotLogsError, TimeoutError) as error:
                log.warning("following conversations failed and will be tried again: %s", error)
            took = self._clock.monotonic_s() - started
            await asyncio.sleep(max(_SOONEST_S, _PATIENCE * took))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), _POLL_S)

    def _asked(self) -> set[EntrySource]:
        """Return the sources that may have news; of what other collectors commit nothing is heard."""
        return self._news if self._news and self._in_flight is not None else set(SOURCES)

    async def _refresh(self) -> None:
        """Look for traces that have joined, of a few conversations at a time."""
        now = self._clock.monotonic_s()
        due = [feed for feed in self._feeds.values() if now - feed.refreshed_s > _REFRESH_S]
        for feed in sorted(due, key=lambda feed: feed.refreshed_s)[:_REFRESH_AT_ONCE]:
            feed.refreshed_s = now
            with contextlib.suppress(BotLogsError):
                feed.ref = await self._access.again(feed.ref)

    async def _poll(self, sources: Iterable[EntrySource]) -> None:
        feeds = list(self._feeds.values())
        settled = self.settled()
        of_trace: dict[str, _Feed] = {trace: feed for feed in feeds for trace in feed.ref.trace_ids}
        everything = dataclasses.replace(
            feeds[0].ref,
            trace_ids=tuple(trace for feed in feeds for trace in feed.ref.trace_ids),
            first_received_unix_nano=min(feed.ref.first_received_unix_nano for feed in feeds),
            last_received_unix_nano=self._clock.now_ns(),
        ).growing()
        wanted = EntryQuery(
            keys=TITLE_KEYS,
            max_text=0 if any(reader.wants_whole for feed in feeds for reader in feed.readers) else TITLE_TEXT,
            visible_after=min(feed.since for feed in feeds),
            by_visible=True,
            limit=_MOST,
        )
        parts = await asyncio.gather(
            *(self._pool.run(self._reader.entries, everything, source, wanted) for source in sources)
        )
        is_whole = all(len(part) < _MOST for part in parts)
        for feed in feeds:
            mine = [entry for part in parts for entry in part if of_trace.get(entry.trace_id) is feed]
            await self._hand_out(feed, mine)
            if is_whole:
                feed.since = max(feed.since, settled)
            elif mine:
                feed.since = max(feed.since, min(part[-1].visible_unix_nano for part in parts if part) - 1)
            feed.seen = {item: visible for item, visible in feed.seen.items() if visible > feed.since}
            for reader in feed.readers:
                reader.settled = feed.since

    async def _hand_out(self, feed: _Feed, entries: list[Entry]) -> None:
        fresh = [entry for entry in entries if entry.item_id not in feed.seen and entry.visible_unix_nano > feed.since]
        if not fresh:
            return
        fresh.sort(key=lambda entry: (entry.visible_unix_nano, entry.position))
        items = await self._timeline.items(feed.ref, fresh)
        for entry, item in zip(fresh, items, strict=True):
            feed.seen[entry.item_id] = entry.visible_unix_nano
            for reader in feed.readers:
                _put(reader, entry, item)


def _put(reader: Reader, entry: Entry, item: TimelineItem) -> None:
    if reader.dropped:
        return
    try:
        reader.queue.put_nowait((entry, item))
    except asyncio.QueueFull:
        reader.drop(f"this reader was {QUEUE} entries behind; reconnect to go on from where it was")
