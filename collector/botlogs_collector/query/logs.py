"""Full log events: those at an instant, of a node action, or that hold a text."""

import dataclasses
import re

from botlogs_collector.errors import InvalidRequest, NotFound
from botlogs_collector.model.reading import ConversationRef, Entry, EntryPosition, EntryQuery, LogEvent
from botlogs_collector.ports import EntryReader
from botlogs_collector.query import cursor as cursors
from botlogs_collector.query.access import Access
from botlogs_collector.query.node_of import NodeOf, Owner
from botlogs_collector.query.page import Page, checked_limit
from botlogs_collector.query.pool import StorePool
from botlogs_collector.query.timeline import Timeline

_SPAN_ID = re.compile(r"[0-9a-f]{16}")
_MAX_TEXT = 200


class Logs:
    """Log events with everything they say."""

    def __init__(
        self, reader: EntryReader, timeline: Timeline, node_of: NodeOf, access: Access, pool: StorePool
    ) -> None:
        self._reader = reader
        self._timeline = timeline
        self._node_of = node_of
        self._access = access
        self._pool = pool

    async def page(
        self,
        identifier: str,
        *,
        at: int | None = None,
        node_action_id: str | None = None,
        event_name: str | None = None,
        text: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Page[LogEvent]:
        """Return log events in time order; what is given narrows.

        Raises:
            NotFound: nothing happened at *at*; the message names the nearest timestamp.
            NotFound, NotReleased, SampledOut: as `Access.readable`.
            InvalidRequest: a parameter is malformed.
        """
        limit = checked_limit(limit, default=100, highest=1000)
        if node_action_id is not None and not _SPAN_ID.fullmatch(node_action_id):
            msg = f"node_action_id is a span id, 16 hex digits, not {node_action_id!r}"
            raise InvalidRequest(msg)
        if text is not None and len(text) > _MAX_TEXT:
            msg = f"q has {len(text)} characters; at most {_MAX_TEXT} are searched for"
            raise InvalidRequest(msg)
        whole = EntryQuery(kinds=(event_name,) if event_name else (), text=text or "", limit=limit + 1)
        after = None
        if cursor is None:
            wanted = _narrowed(whole, at, None)
            ref, entries = await self._access.reading(
                identifier, lambda ref: self._entries(ref, wanted, node_action_id)
            )
        else:
            ref = await self._access.readable(identifier)
            query = ("logs", ref.key, at, node_action_id, event_name, text)
            time, rank, item_id = cursors.decode(query, cursor, (int, int, str))
            after = EntryPosition(int(time), int(rank), str(item_id))
            entries = await self._entries(ref, _narrowed(whole, at, after), node_action_id)
        query = ("logs", ref.key, at, node_action_id, event_name, text)
        if not entries and at is not None and after is None:
            raise await nothing_at(ref, at, self._reader, self._pool)
        more = len(entries) > limit
        entries = entries[:limit]
        owners = await self._node_of.owners(ref, entries)
        return Page(
            items=[_event(entry, owners.get(entry.span_id)) for entry in entries],
            next_cursor=cursors.encode(query, tuple(entries[-1].position)) if more else None,
        )

    async def _entries(self, ref: ConversationRef, wanted: EntryQuery, node_action_id: str | None) -> list[Entry]:
        """Return the entries that *wanted* asks for; of a node action, if one is given, alone."""
        if node_action_id is not None:
            wanted = dataclasses.replace(wanted, span_ids=tuple(await self._node_of.below(ref, node_action_id)))
        return await self._timeline.entries(ref, wanted)


async def nothing_at(ref: ConversationRef, at: int, reader: EntryReader, pool: StorePool) -> NotFound:
    """Return the error that tells the nearest timestamp."""
    nearest = await pool.run(reader.nearest, ref, at)
    hint = "this conversation has no logs" if nearest is None else f"the nearest is {nearest}"
    return NotFound(f"nothing at {at} (Unix nanoseconds); {hint}")


def _narrowed(whole: EntryQuery, at: int | None, after: EntryPosition | None) -> EntryQuery:
    """Return *whole* at one instant, or after a position."""
    if at is not None:
        whole = dataclasses.replace(whole, time_from=at, time_to=at)
    if after is not None:
        whole = dataclasses.replace(whole, after=after, time_from=max(whole.time_from, after.time_unix_nano))
    return whole


def _event(entry: Entry, owner: Owner | None) -> LogEvent:
    named = owner or entry
    is_span = entry.kind == "span"
    return LogEvent(
        log_id=entry.log_id or None,
        time_unix_nano=entry.time_unix_nano,
        severity=entry.severity,
        severity_number=entry.severity_number,
        event_name="" if entry.kind == "log" else entry.kind,
        body=entry.body,
        attributes=entry.attributes,
        trace_id=entry.trace_id,
        span_id=entry.span_id or None,
        node_action_id=(owner.node_action_id if owner else entry.span_id) or None,
        flow_id=named.flow_id or None,
        flow_version=named.flow_version or None,
        node_id=named.node_id or None,
        node_name=named.node_name or None,
        node_type=named.node_type or None,
        turn_index=entry.turn_index,
        duration_ns=entry.duration_ns if is_span else None,
        status=entry.status if is_span else None,
        service_name=entry.service_name,
        scope_name=entry.scope_name,
    )
