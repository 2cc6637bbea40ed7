"""The timeline of a conversation: log events, span events and spans in one time order, page by page."""

import asyncio
import dataclasses
import heapq
import itertools
from collections.abc import Iterable, Iterator, Sequence

from botlogs_collector.access.mask import Mask
from botlogs_collector.access.principal import current
from botlogs_collector.clock import Clock
from botlogs_collector.config.settings import Settings
from botlogs_collector.errors import InvalidRequest
from botlogs_collector.model.reading import (
    END,
    SOURCES,
    ConversationRef,
    Entry,
    EntryPosition,
    EntryQuery,
    TimelineItem,
)
from botlogs_collector.model.standing import STRAGGLERS_NS
from botlogs_collector.ports import EntryReader
from botlogs_collector.query import cursor as cursors
from botlogs_collector.query.access import Access
from botlogs_collector.query.kinds import TITLE_KEYS, title
from botlogs_collector.query.masked import masked_entry
from botlogs_collector.query.node_of import NodeOf, Owner
from botlogs_collector.query.page import Page, checked_limit
from botlogs_collector.query.pool import StorePool

DEFAULT_LIMIT = 200
MAX_LIMIT = 1000
TITLE_TEXT = 240  # of a body or an attribute that a title shows


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class TimelinePage(Page[TimelineItem]):
    """A page with a way back where it was asked for by `before` or `at`."""

    previous_cursor: str | None = None


class Timeline:
    """Pages of timeline items."""

    def __init__(
        self,
        reader: EntryReader,
        node_of: NodeOf,
        access: Access,
        mask: Mask,
        *,
        pool: StorePool,
        settings: Settings,
        clock: Clock,
    ) -> None:
        self._reader = reader
        self._node_of = node_of
        self._access = access
        self._mask = mask
        self._pool = pool
        self._settings = settings
        self._clock = clock

    async def page(
        self,
        identifier: str,
        after: str | None = None,
        limit: int | None = None,
        *,
        before: str | None = None,
        at: int | None = None,
    ) -> TimelinePage:
        """Return up to *limit* items in time order: from the beginning, or *after* or *before* a cursor.

        *before* may be `end`: then the last items. *at*: from the first item at or after an instant on.

        Raises:
            NotFound, NotReleased, SampledOut: as `Access.readable`.
            InvalidRequest: the limit or the cursor is malformed, or more than one place is given.
        """
        limit = checked_limit(limit, default=DEFAULT_LIMIT, highest=MAX_LIMIT)
        if sum(each is not None for each in (after, before, at)) > 1:
            raise InvalidRequest("a page begins at one place: give `after`, `before` or `at`, not two of them")
        if before is not None:
            ref = await self._access.readable(identifier)
            query = ("timeline", ref.key)
            return await self._page_before(ref, query, END if before == "end" else _position(query, before), limit)
        if after is not None:
            ref = await self._access.readable(identifier)
            entries = await self.entries(ref, self.wanted(_position(("timeline", ref.key), after), limit + 1))
        else:
            wanted = dataclasses.replace(self.wanted(None, limit + 1), time_from=max(0, at or 0))
            ref, entries = await self._access.reading(identifier, lambda ref: self.entries(ref, wanted))
        query = ("timeline", ref.key)
        previous_cursor = None if at is None else cursors.encode(query, (at, 0, ""))
        more = len(entries) > limit
        entries = entries[:limit]
        next_cursor = cursors.encode(query, tuple(entries[-1].position)) if more else None
        items = await self.items(ref, entries)
        return TimelinePage(items=items, next_cursor=next_cursor, previous_cursor=previous_cursor)

    async def _page_before(
        self, ref: ConversationRef, query: tuple[object, ...], before: EntryPosition, limit: int
    ) -> TimelinePage:
        wanted = dataclasses.replace(self.wanted(None, limit + 1), before=before, newest_first=True)
        if before != END:
            wanted = dataclasses.replace(wanted, time_to=before.time_unix_nano)
        entries = await self.entries(ref, wanted)
        more = len(entries) > limit
        entries = entries[:limit][::-1]
        previous_cursor = cursors.encode(query, tuple(entries[0].position)) if more else None
        return TimelinePage(items=await self.items(ref, entries), previous_cursor=previous_cursor)

    @staticmethod
    def wanted(after: EntryPosition | None, limit: int) -> EntryQuery:
        """Return the question for *limit* entries after a position, as titles need them."""
        whole = EntryQuery(keys=TITLE_KEYS, max_text=TITLE_TEXT, limit=limit)
        if after is None:
            return whole
        return dataclasses.replace(whole, after=after, time_from=max(0, after.time_unix_nano))

    async def entries(self, ref: ConversationRef, wanted: EntryQuery) -> list[Entry]:
        """Return the entries of all sources in time order, up to the limit of *wanted*, as whoever asks may see them.

        Raises:
            Forbidden: a search in content that whoever asks would only get masked.
        """
        masks = current().masks(is_live=ref.is_live)
        if masks:
            if wanted.text:
                current().demand("unmasked")
            wanted = dataclasses.replace(wanted, max_text=0)  # a hash is one of the whole
        found = await self._found(ref, wanted)
        return [masked_entry(entry, self._mask) for entry in found] if masks else found

    async def _found(self, ref: ConversationRef, wanted: EntryQuery) -> list[Entry]:
        if _fits(ref, wanted):
            logs, spans, events = await self._parts(ref, dataclasses.replace(wanted, with_announced=True))
            announced = {entry.span_id for entry in logs if entry.kind == "bot.node.enter"}
            if len(logs) < wanted.limit and len(spans) < wanted.limit:  # nothing has come that it was not asked for
                return list(_merged((logs, [span for span in spans if span.span_id not in announced], events), wanted))
        return list(_merged(await self._parts(ref, wanted), wanted))

    async def _parts(self, ref: ConversationRef, wanted: EntryQuery) -> list[list[Entry]]:
        return await asyncio.gather(*(self._pool.run(self._reader.entries, ref, source, wanted) for source in SOURCES))

    def as_seen(self, ref: ConversationRef, entries: Sequence[Entry]) -> list[Entry]:
        """Return whole *entries*, read for somebody else, as whoever asks may see them."""
        masks = current().masks(is_live=ref.is_live)
        return [masked_entry(entry, self._mask) if masks else entry for entry in entries]

    async def items(self, ref: ConversationRef, entries: Sequence[Entry]) -> list[TimelineItem]:
        """Return *entries* as people read them."""
        owners = await self._node_of.owners(ref, entries)
        running = await self._running(ref, entries)
        return [_item(entry, owners.get(entry.span_id), running) for entry in entries]

    async def _running(self, ref: ConversationRef, entries: Sequence[Entry]) -> frozenset[str]:
        """Return the spans among *entries* that were entered and not left, if the conversation still goes on."""
        entered = [entry.span_id for entry in entries if entry.kind == "bot.node.enter"]
        if not entered or not self._goes_on(ref):
            return frozenset()
        return frozenset(entered) - await self._node_of.ended(ref, entered)

    def _goes_on(self, ref: ConversationRef) -> bool:
        if not ref.is_live:
            return False
        signalled = ref.end_received_unix_nano > 0 and (
            ref.last_received_unix_nano <= ref.end_received_unix_nano + STRAGGLERS_NS
        )
        quiet_ns = self._clock.now_ns() - ref.last_received_unix_nano
        return not signalled and quiet_ns < _idle_timeout_ns(self._settings, ref)


def _fits(ref: ConversationRef, wanted: EntryQuery) -> bool:
    """Whether *wanted* is a whole conversation and fits on a page: its logs then tell which spans they announce."""
    whole = EntryQuery(keys=wanted.keys, max_text=wanted.max_text, limit=wanted.limit, newest_first=wanted.newest_first)
    return wanted == whole and max(ref.log_events, ref.spans) < wanted.limit


def _merged(parts: Iterable[list[Entry]], wanted: EntryQuery) -> Iterator[Entry]:
    """Yield the entries of all *parts* in the order wanted, as many as are wanted."""
    in_order = heapq.merge(*parts, key=lambda entry: entry.position, reverse=wanted.newest_first)
    return itertools.islice(in_order, wanted.limit)


def _position(query: tuple[object, ...], cursor: str) -> EntryPosition:
    time, rank, item_id = cursors.decode(query, cursor, (int, int, str))
    return EntryPosition(int(time), int(rank), str(item_id))


def _idle_timeout_ns(settings: Settings, ref: ConversationRef) -> int:
    rules = settings.conversation
    for rule in (rules.channels.get(ref.channel), rules.environments.get(ref.environment)):
        if rule is not None and rule.idle_timeout:
            return rule.idle_timeout
    return rules.idle_timeout


def _item(entry: Entry, owner: Owner | None, running: frozenset[str]) -> TimelineItem:
    named = owner or entry
    return TimelineItem(
        item_id=entry.item_id,
        time_unix_nano=entry.time_unix_nano,
        kind=entry.kind,
        title=title(entry),
        severity=entry.severity,
        log_id=entry.log_id or None,
        span_id=entry.span_id or None,
        node_action_id=(owner.node_action_id if owner else entry.span_id) or None,
        flow_id=named.flow_id or None,
        flow_version=named.flow_version or None,
        node_id=named.node_id or None,
        node_name=named.node_name or None,
        node_type=named.node_type or None,
        turn_index=entry.turn_index,
        duration_ns=entry.duration_ns if entry.kind == "span" else None,
        running=entry.kind == "bot.node.enter" and entry.span_id in running,
    )
