"""One reader's stream of a conversation: all that there is, then what comes, each entry once."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Final

from botlogs_collector.access.principal import current
from botlogs_collector.errors import BotLogsError
from botlogs_collector.model.reading import ConversationRef, Entry, EntryQuery, TimelineItem
from botlogs_collector.query.access import Access
from botlogs_collector.query.feeds import Feeds, Reader
from botlogs_collector.query.follow_cursor import FollowCursor, decode
from botlogs_collector.query.kinds import TITLE_KEYS
from botlogs_collector.query.timeline import TITLE_TEXT, Timeline

HEARTBEAT_S: Final = 15.0
_PAGE: Final = 2_000
_BURST: Final = 100
_MOST_RECENT: Final = 20_000
_READING_AT_ONCE: Final = 4  # a hundred viewers come back at once after a restart; the store's queue is for all readers


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamEvent:
    """An item and the id to go on from; without an item a heartbeat, or with `dropped` the end and its reason.

    Of more than _BURST items at once only the last has an id: whoever breaks off within them gets them again.
    """

    item: TimelineItem | None = None
    event_id: str = ""
    dropped: str = ""


class Follow:
    """Streams of timeline items."""

    def __init__(self, feeds: Feeds, timeline: Timeline, access: Access) -> None:
        self._feeds = feeds
        self._timeline = timeline
        self._access = access
        self._turn = asyncio.Semaphore(_READING_AT_ONCE)

    def now(self) -> int:
        """Return what to give to `beginning` for a stream that starts with what becomes visible from now on."""
        return self._feeds.settled()

    async def beginning(self, identifier: str, since: int) -> str:
        """Return the event id of a stream that starts with what becomes visible from *since* on.

        What became visible seconds before comes too: readers that hold a page know an item by its `item_id`.

        Raises:
            NotFound, NotReleased, SampledOut: as `Access.readable`.
        """
        ref = await self._access.readable(identifier)
        return FollowCursor(settled=since, target=since, position=None).encode(ref)

    async def open(self, identifier: str, last_event_id: str = "") -> AsyncGenerator[StreamEvent]:
        """Return the events after *last_event_id*, or from the beginning; endless until closed or dropped.

        Raises, before the first event:
            NotFound, NotReleased, SampledOut: as `Access.readable`.
            InvalidRequest: the id is not of this conversation's stream.
            Overloaded: too many streams are open.
        """
        async with self._turn:
            ref = await self._access.readable(identifier, fresh=True)
        cursor = decode(ref, last_event_id) if last_event_id else FollowCursor(settled=0, target=0, position=None)
        stack = contextlib.ExitStack()
        reader = stack.enter_context(self._feeds.reading(ref, wants_whole=current().masks(is_live=ref.is_live)))
        return self._events(ref.growing(), cursor, reader, stack)

    async def _events(
        self, ref: ConversationRef, cursor: FollowCursor, reader: Reader, stack: contextlib.ExitStack
    ) -> AsyncGenerator[StreamEvent]:
        with stack:
            yield StreamEvent()  # the answer's head leaves at once
            try:
                async for event in self._history(ref, cursor):  # where a reader broke off
                    yield event
                cursor.aim(self._feeds.settled())
                async for event in self._history(ref, cursor):
                    yield event
                async for event in self._recent(ref, cursor, reader):
                    yield event
                async for event in self._news(ref, cursor, reader):
                    yield event
            except (BotLogsError, TimeoutError) as error:  # the head has left: all that can be said is why it ends
                yield StreamEvent(dropped=f"{error}; reconnect to go on from where it was")

    async def _read(self, ref: ConversationRef, wanted: EntryQuery) -> tuple[list[Entry], list[TimelineItem]]:
        """Return what *wanted* asks for, when it is this stream's turn."""
        async with self._turn:
            entries = await self._timeline.entries(ref, wanted)
            return entries, await self._timeline.items(ref, entries)

    async def _history(self, ref: ConversationRef, cursor: FollowCursor) -> AsyncGenerator[StreamEvent]:
        """Yield what became visible between `settled` and `target`, in time order."""
        while cursor.position is not None:
            wanted = EntryQuery(
                after=cursor.position,
                time_from=max(0, cursor.position.time_unix_nano),
                visible_after=cursor.settled,
                visible_until=cursor.target,
                keys=TITLE_KEYS,
                max_text=TITLE_TEXT,
                limit=_PAGE,
            )
            entries, items = await self._read(ref, wanted)
            is_last_page = len(entries) < _PAGE
            for number, (entry, item) in enumerate(zip(entries, items, strict=True), 1):
                is_new = not cursor.has(entry)
                cursor.position = entry.position
                if is_last_page and number == len(entries):
                    cursor.settle(cursor.target)
                if is_new:
                    yield StreamEvent(item=item, event_id=cursor.encode(ref))
            if is_last_page:
                cursor.settle(cursor.target)

    async def _recent(self, ref: ConversationRef, cursor: FollowCursor, reader: Reader) -> AsyncGenerator[StreamEvent]:
        """Yield what has become visible since, as far as it may still be overtaken by other commits."""
        wanted = EntryQuery(
            visible_after=cursor.settled, keys=TITLE_KEYS, max_text=TITLE_TEXT, by_visible=True, limit=_MOST_RECENT
        )
        entries, items = await self._read(ref, wanted)
        fresh = [pair for pair in zip(entries, items, strict=True) if not cursor.has(pair[0])]
        cursor.forget_unknown()
        fresh.sort(key=lambda pair: (pair[0].visible_unix_nano, pair[0].position))
        for event in _sent(ref, cursor, fresh):
            yield event
        if len(entries) >= _MOST_RECENT:
            reader.drop(f"more than {_MOST_RECENT} entries came within seconds; reconnect to go on")

    async def _news(self, ref: ConversationRef, cursor: FollowCursor, reader: Reader) -> AsyncGenerator[StreamEvent]:
        """Yield what the feed hands out, heartbeats between, and at the end why it ended."""
        while True:
            batch = await _next(reader)
            settled = reader.settled
            if reader.dropped:
                yield StreamEvent(dropped=reader.dropped)
                return
            fresh = [(entry, item) for entry, item in batch if not cursor.has(entry)]
            if reader.wants_whole:
                entries = self._timeline.as_seen(ref, [entry for entry, _ in fresh])
                fresh = list(zip(entries, await self._timeline.items(ref, entries), strict=True))
            for event in _sent(ref, cursor, fresh):
                yield event
            cursor.settle(settled)
            if not fresh:
                yield StreamEvent()


def _sent(ref: ConversationRef, cursor: FollowCursor, fresh: list[tuple[Entry, TimelineItem]]) -> list[StreamEvent]:
    """Return the events of *fresh*, noted as sent."""
    events: list[StreamEvent] = []
    for number, (entry, item) in enumerate(fresh, 1):
        cursor.add(entry)
        has_id = len(fresh) <= _BURST or number == len(fresh)
        events.append(StreamEvent(item=item, event_id=cursor.encode(ref) if has_id else ""))
    return events


async def _next(reader: Reader) -> list[tuple[Entry, TimelineItem]]:
    """Return what is waiting, at least one entry; nothing after HEARTBEAT_S or at the end."""
    getting = asyncio.ensure_future(reader.queue.get())
    ending = asyncio.ensure_future(reader.ended.wait())
    try:
        await asyncio.wait((getting, ending), timeout=HEARTBEAT_S, return_when=asyncio.FIRST_COMPLETED)
        if not getting.done():
            return []
        batch = [getting.result()]
    finally:
        getting.cancel()
        ending.cancel()
    while not reader.queue.empty():
        batch.append(reader.queue.get_nowait())
    return batch
