"""The node action that was active at an instant: the innermost one, with a link into the bot builder."""

import asyncio
import dataclasses
import string
from urllib.parse import quote

from botlogs_collector.access.mask import Mask
from botlogs_collector.access.principal import current
from botlogs_collector.config.settings import Settings
from botlogs_collector.model.reading import ConversationRef, NodeAction
from botlogs_collector.ports import EntryReader, NodeReader
from botlogs_collector.query.access import Access
from botlogs_collector.query.logs import nothing_at
from botlogs_collector.query.masked import masked_action
from botlogs_collector.query.node_of import NodeOf
from botlogs_collector.query.pool import StorePool

_MANY = 100


class Nodes:
    """Node actions by time."""

    def __init__(
        self,
        reader: NodeReader,
        entries: EntryReader,
        node_of: NodeOf,
        *,
        access: Access,
        mask: Mask,
        pool: StorePool,
        settings: Settings,
    ) -> None:
        self._reader = reader
        self._entries = entries
        self._node_of = node_of
        self._access = access
        self._mask = mask
        self._pool = pool
        self._builder_url = settings.api.builder_url

    async def at(self, identifier: str, at: int) -> NodeAction:
        """Return the node action that was active at *at*.

        Where something was logged exactly then, it is the node that logged it; otherwise the innermost of
        those that had begun and not ended. A program without nodes gets its innermost span.

        Raises:
            NotFound: none was active; the message names the nearest timestamp.
            NotFound, NotReleased, SampledOut: as `Access.readable`.
        """
        ref, (active, logged) = await self._access.reading(identifier, lambda ref: self._around(ref, at))
        chosen = _innermost([action for action in active if action.span_id in logged]) or _innermost(active)
        if chosen is None:
            raise await nothing_at(ref, at, self._entries, self._pool)
        if current().masks(is_live=ref.is_live):
            chosen = masked_action(chosen, self._mask)
        return dataclasses.replace(chosen, builder_url=self._link(chosen))

    async def _around(self, ref: ConversationRef, at: int) -> tuple[list[NodeAction], frozenset[str]]:
        """Return the node actions that were active at *at*, and those of what was logged exactly then."""
        spans, events = await asyncio.gather(
            self._pool.run(self._reader.spans_around, ref, at, _MANY),
            self._pool.run(self._reader.events_around, ref, at, _MANY),
        )
        logged = await self._node_of.logging(ref, spans.logged + events.logged)
        return merged(events.actions, spans.actions), logged

    def _link(self, action: NodeAction) -> str | None:
        if not self._builder_url or not action.node_id:
            return None
        values = {
            "bot_id": action.bot_id,
            "flow_id": action.flow_id or "",
            "flow_version": action.flow_version or "",
            "node_id": action.node_id,
        }
        return fill(self._builder_url, values)


def fill(template: str, values: dict[str, str]) -> str:
    """Return *template* with its {names} replaced by *values*, quoted for a URL; unknown names stay as they are."""
    parts: list[str] = []
    for text, name, _spec, _conversion in string.Formatter().parse(template):
        parts.append(text)
        if name is not None:
            parts.append(quote(values[name], safe="") if name in values else f"{{{name}}}")
    return "".join(parts)


def merged(announced: list[NodeAction], spans: list[NodeAction]) -> list[NodeAction]:
    """Return each node action once: its span says more than its events, the events know the next node."""
    merged = {action.span_id: action for action in announced}
    for span in spans:
        event = merged.get(span.span_id)
        if event is not None:
            span = dataclasses.replace(  # noqa: PLW2901
                span,
                transition_to=span.transition_to or event.transition_to,
                transition_reason=span.transition_reason or event.transition_reason,
            )
        merged[span.span_id] = span
    return list(merged.values())


def _innermost(actions: list[NodeAction]) -> NodeAction | None:
    """Return the one begun last; of those begun together the one that is nobody's parent, or the shortest."""
    parents = {action.parent_span_id for action in actions}
    return max(
        actions,
        key=lambda action: (
            action.node_id is not None,
            action.started_unix_nano,
            action.span_id not in parents,
            -(action.ended_unix_nano or 2**63),
        ),
        default=None,
    )
