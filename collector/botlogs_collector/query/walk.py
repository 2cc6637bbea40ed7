"""Variables at an instant, and the way a conversation took through its nodes: for comparing two, and for tickets."""

import asyncio
import dataclasses
from collections.abc import AsyncGenerator

from botlogs_collector.model.reading import ConversationRef, Entry, EntryPosition, EntryQuery, NodeAction
from botlogs_collector.model.walk import Variable, Visit
from botlogs_collector.ports import EntryReader, NodeReader
from botlogs_collector.query import cursor as cursors
from botlogs_collector.query.access import Access
from botlogs_collector.query.nodes import merged
from botlogs_collector.query.page import TotalPage, checked_limit
from botlogs_collector.query.pool import StorePool
from botlogs_collector.query.timeline import Timeline

MAX_VISITS = 10_000
PAGE = 10_000  # changes of variables read at once
_LINE_TEXT = 200


class Walk:
    """What becomes of a conversation on its way."""

    def __init__(
        self, entries: EntryReader, nodes: NodeReader, timeline: Timeline, *, access: Access, pool: StorePool
    ) -> None:
        self._entries = entries
        self._nodes = nodes
        self._timeline = timeline
        self._access = access
        self._pool = pool

    async def variables(self, identifier: str, at: int | None) -> list[Variable]:
        """Return each variable as it was last set up to *at* (None: at the end), by name.

        Raises:
            NotFound, NotReleased, SampledOut: as `Access.readable`.
        """
        ref = await self._access.readable(identifier)
        wanted = EntryQuery(kinds=("bot.variable.set",), time_to=2**63 - 1 if at is None else at, limit=PAGE)
        last: dict[str, Variable] = {}
        while True:
            changes = await self._pool.run(self._entries.entries, ref, "log", wanted)
            last.update({(one := _variable(change)).name: one for change in self._timeline.as_seen(ref, changes)})
            if len(changes) < PAGE:
                return [last[name] for name in sorted(last)]
            after = changes[-1].position
            wanted = dataclasses.replace(wanted, after=after, time_from=max(0, after.time_unix_nano))

    async def changes(
        self, identifier: str, *, variable: str = "", limit: int | None = None, cursor: str | None = None
    ) -> TotalPage[Variable]:
        """Return a page of the changes of variables in time order, or those of one *variable*.

        Raises:
            NotFound, NotReleased, SampledOut: as `Access.readable`.
            InvalidRequest: the limit or the cursor is malformed.
        """
        limit = checked_limit(limit, default=50, highest=1000)
        ref = await self._access.readable(identifier)
        query = ("changes", ref.key, variable)
        wanted = EntryQuery(kinds=("bot.variable.set",), variable=variable, limit=limit + 1)
        if cursor is not None:
            time, rank, item_id = cursors.decode(query, cursor, (int, int, str))
            after = EntryPosition(int(time), int(rank), str(item_id))
            wanted = dataclasses.replace(wanted, after=after, time_from=max(0, after.time_unix_nano))
        changes, total = await asyncio.gather(
            self._pool.run(self._entries.entries, ref, "log", wanted),
            self._pool.run(self._entries.count, ref, wanted),
        )
        more = len(changes) > limit
        changes = self._timeline.as_seen(ref, changes[:limit])
        return TotalPage(
            items=[_variable(change) for change in changes],
            next_cursor=cursors.encode(query, tuple(changes[-1].position)) if more else None,
            total=total,
        )

    async def path(
        self,
        identifier: str,
        *,
        node: str = "",
        flow: str = "",
        limit: int | None = None,
        cursor: str | None = None,
    ) -> TotalPage[Visit]:
        """Return a page of the node actions in the order in which they began; *node*, *flow*: those of one alone.

        Raises:
            NotFound, NotReleased, SampledOut: as `Access.readable`.
            InvalidRequest: the limit or the cursor is malformed.
        """
        asked = checked_limit(limit, default=MAX_VISITS, highest=MAX_VISITS)
        ref = await self._access.readable(identifier)
        if limit is None and cursor is None and not node and not flow:
            whole = await self._whole_path(ref)
            if whole is not None:
                return TotalPage(items=whole, total=len(whole))
        query = ("path", ref.key, node, flow)
        after = None
        if cursor is not None:
            time, span_id = cursors.decode(query, cursor, (int, str))
            after = (int(time), str(span_id))
        begun, total = await self._pool.run(self._nodes.begun, ref, node=node, flow=flow, after=after, limit=asked + 1)
        more = len(begun) > asked
        begun = begun[:asked]
        return TotalPage(
            items=await self._visits(ref, [span_id for _, span_id in begun]),
            next_cursor=cursors.encode(query, begun[-1]) if more else None,
            total=total,
        )

    async def _whole_path(self, ref: ConversationRef) -> list[Visit] | None:
        """Return the whole way of a conversation, None if it is longer than MAX_VISITS."""
        spans, announced = await asyncio.gather(
            self._pool.run(self._nodes.spans, ref, nodes_only=True, limit=MAX_VISITS + 1),
            self._pool.run(self._nodes.announced, ref, limit=MAX_VISITS + 1),
        )
        actions = sorted(merged(announced, spans), key=lambda action: (action.started_unix_nano, action.span_id))
        is_whole = max(len(spans), len(announced), len(actions)) <= MAX_VISITS
        return [_visit(action) for action in actions] if is_whole else None

    async def _visits(self, ref: ConversationRef, span_ids: list[str]) -> list[Visit]:
        if not span_ids:
            return []
        spans, announced = await asyncio.gather(
            self._pool.run(self._nodes.spans, ref, span_ids=span_ids, nodes_only=True, limit=len(span_ids)),
            self._pool.run(self._nodes.announced, ref, span_ids=span_ids, limit=len(span_ids)),
        )
        found = {action.span_id: _visit(action) for action in merged(announced, spans)}
        return [found[span_id] for span_id in span_ids if span_id in found]

    async def markdown(self, identifier: str) -> AsyncGenerator[str]:
        """Return the lines of a ticket: the facts, then one line a timeline item. Endless text is cut.

        Raises, before the first line:
            NotFound, NotReleased, SampledOut: as `Access.readable`.
        """
        await self._access.readable(identifier)
        summary = (await self._access.row(identifier)).summary
        return self._lines(
            identifier,
            [
                f"# Conversation {_cell(summary.id)}",
                "",
                f"* bot {_cell(summary.bot_id)}, environment {_cell(summary.environment)}, state {summary.state}",
                f"* {summary.turns} turns, {summary.node_actions} node actions, {summary.log_events} log events",
                f"* {summary.errors} errors",
                "",
                "| time (Unix ns) | node | severity | what |",
                "|---|---|---|---|",
            ],
        )

    async def _lines(self, identifier: str, head: list[str]) -> AsyncGenerator[str]:
        for line in head:
            yield line
        ref = await self._access.readable(identifier)
        after: EntryPosition | None = None
        while True:
            wanted = self._timeline.wanted(after, 1000)
            entries = await self._timeline.entries(ref, wanted)
            for item in await self._timeline.items(ref, entries):
                node = item.node_name or item.node_id or ""
                yield f"| {item.time_unix_nano} | {_cell(node)} | {_cell(item.severity)} | {_cell(item.title)} |"
            if len(entries) < wanted.limit:
                return
            after = entries[-1].position


def _variable(change: Entry) -> Variable:
    return Variable(
        name=str(change.attributes.get("bot.variable.name", "")),
        value=change.attributes.get("bot.variable.new"),
        old=change.attributes.get("bot.variable.old"),
        set_unix_nano=change.time_unix_nano,
        log_id=change.log_id,
        node_action_id=change.span_id or None,
        node_id=change.node_id or None,
        node_name=change.node_name or None,
    )


def _visit(action: NodeAction) -> Visit:
    return Visit(
        node_action_id=action.node_action_id,
        flow_id=action.flow_id,
        flow_version=action.flow_version,
        node_id=action.node_id,
        node_name=action.node_name,
        node_type=action.node_type,
        turn_index=action.turn_index,
        started_unix_nano=action.started_unix_nano,
        ended_unix_nano=action.ended_unix_nano,
        status=action.status,
        outcome=action.outcome,
        transition_to=action.transition_to,
        transition_reason=action.transition_reason,
    )


def _cell(text: str) -> str:
    """Return *text* so that Markdown shows it and runs nothing."""
    escaped = "".join(f"\\{character}" if character in "\\`*_|<>[]#!" else character for character in text)
    return " ".join(escaped.split())[:_LINE_TEXT]
