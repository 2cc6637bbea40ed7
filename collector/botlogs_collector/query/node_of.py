"""Which node action an entry belongs to: its own span, or the nearest node above it.

A log line of an HTTP client inside a node carries the client's span, not the node's. The way up
is asked of the store a level at a time, for all entries of a page together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from botlogs_collector.model.reading import ConversationRef, Entry, LoggedAt, NodeAction
from botlogs_collector.ports import NodeReader
from botlogs_collector.query.pool import StorePool
from otel_botlogs.semconv import SCOPE_NAME

_MAX_LEVELS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """The node action that an entry belongs to, and what is known of its node."""

    node_action_id: str
    flow_id: str
    flow_version: str
    node_id: str
    node_name: str
    node_type: str


class NodeOf:
    """Finds the node actions of entries."""

    def __init__(self, reader: NodeReader, pool: StorePool) -> None:
        self._reader = reader
        self._pool = pool

    async def owners(self, ref: ConversationRef, entries: Sequence[Entry]) -> dict[str, Owner]:
        """Return the owner of each span that *entries* name, by span id; a span without any owns itself."""
        named = {entry.span_id: entry for entry in entries if entry.span_id and entry.node_id}
        owners = {span_id: _of_entry(entry) for span_id, entry in named.items()}
        # What the plugin writes in a node is on the node's own span. A line of others may have the node's name from the
        # plugin's processor and be in a span inside the node, and others do not know of nodes at all.
        own = {entry.span_id for entry in entries if entry.span_id and entry.scope_name == SCOPE_NAME}
        lost = {entry.span_id for entry in entries if entry.span_id} - own
        if not lost or not ref.node_actions:
            return owners
        owners.update({span_id: _of_action(action) for span_id, action in (await self._climb(ref, lost)).items()})
        return owners

    async def logging(self, ref: ConversationRef, marks: Sequence[LoggedAt]) -> frozenset[str]:
        """Return the node actions that *marks* belong to; a span without any stands for itself."""
        own = {mark.span_id for mark in marks if mark.node_id and mark.scope_name == SCOPE_NAME}
        others = {mark.span_id for mark in marks} - own
        lost = {mark.span_id for mark in marks if mark.span_id in others and mark.scope_name != SCOPE_NAME}
        above = await self._climb(ref, lost) if ref.node_actions else {}
        return frozenset(own | {above[span].node_action_id if span in above else span for span in others})

    async def _climb(self, ref: ConversationRef, span_ids: Iterable[str]) -> dict[str, NodeAction]:
        """Return the nearest node action at or above each of *span_ids*, where there is one."""
        nearest: dict[str, NodeAction] = {}
        above = {span_id: span_id for span_id in span_ids}  # where each has come to on its way up
        for _ in range(_MAX_LEVELS):
            if not above:
                break
            found = await self._actions(ref, set(above.values()))
            for span_id, current in list(above.items()):
                action = found.get(current)
                if action is not None and action.node_id:
                    nearest[span_id] = action
                if action is None or action.node_id or not action.parent_span_id:
                    del above[span_id]
                else:
                    above[span_id] = action.parent_span_id
        return nearest

    async def ended(self, ref: ConversationRef, span_ids: Sequence[str]) -> frozenset[str]:
        """Return those of *span_ids* that have ended, by their span or their exit event."""
        spans = await self._pool.run(self._reader.spans, ref, span_ids=span_ids, limit=len(span_ids))
        left = await self._pool.run(self._reader.announced, ref, span_ids=span_ids, limit=len(span_ids))
        return frozenset(action.span_id for action in (*spans, *left) if action.ended_unix_nano is not None)

    async def below(self, ref: ConversationRef, node_action_id: str) -> list[str]:
        """Return the spans whose entries belong to a node action: its own and those below it that are no node."""
        spans, level = [node_action_id], [node_action_id]
        for _ in range(_MAX_LEVELS):
            children = await self._pool.run(self._reader.spans, ref, parent_ids=level, limit=1000)
            level = [child.span_id for child in children if not child.node_id and child.span_id not in spans]
            if not level:
                break
            spans += level
        return spans

    async def _actions(self, ref: ConversationRef, span_ids: Iterable[str]) -> dict[str, NodeAction]:
        wanted = list(span_ids)
        spans = await self._pool.run(self._reader.spans, ref, span_ids=wanted, limit=len(wanted))
        found = {action.span_id: action for action in spans}
        if missing := [span_id for span_id in wanted if span_id not in found]:
            announced = await self._pool.run(self._reader.announced, ref, span_ids=missing, limit=len(missing))
            found.update({action.span_id: action for action in announced})
        return found


def _of_entry(entry: Entry) -> Owner:
    return Owner(
        node_action_id=entry.span_id,
        flow_id=entry.flow_id,
        flow_version=entry.flow_version,
        node_id=entry.node_id,
        node_name=entry.node_name,
        node_type=entry.node_type,
    )


def _of_action(action: NodeAction) -> Owner:
    return Owner(
        node_action_id=action.node_action_id,
        flow_id=action.flow_id or "",
        flow_version=action.flow_version or "",
        node_id=action.node_id or "",
        node_name=action.node_name,
        node_type=action.node_type or "",
    )
