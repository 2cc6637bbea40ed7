"""A turn: one user message and all that the bot does because of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Unpack

from opentelemetry.context import Context, get_current
from opentelemetry.trace import INVALID_SPAN, Link, get_current_span, set_span_in_context

from otel_botlogs import guard, semconv
from otel_botlogs.activity import Activity
from otel_botlogs.node import Node, NodeOptions
from otel_botlogs.scope import scope_of

if TYPE_CHECKING:
    from otel_botlogs.conversation import Conversation


class Turn(Activity):
    """A turn; made by `conversation.turn(…)`."""

    __slots__ = ("_index", "_message", "_message_attributes", "index")

    def __init__(
        self,
        conversation: Conversation,
        user_message: object = None,
        *,
        index: int | None = None,
        message_id: str | None = None,
        message_type: str | None = None,
        not_errors: tuple[type[BaseException], ...] = (),
        attributes: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__()
        self._not_errors = not_errors
        self.parent = conversation
        self._conversation = conversation
        self._pipeline = conversation._pipeline  # noqa: SLF001 - one family
        self._base = conversation._base  # noqa: SLF001
        self._context = conversation._context  # noqa: SLF001
        self._index = index
        self.index = index or 0
        self._message = user_message
        self._message_attributes = {
            semconv.BOT_MESSAGE_ID: message_id,
            semconv.BOT_MESSAGE_TYPE: message_type,
        }
        if attributes:
            self._base = dict(self._base)
            self._pipeline.content.add_to_place(self._base, attributes)

    def node(self, name: str, **options: Unpack[NodeOptions]) -> Node:
        """Return a node action of this turn, to be used in a `with` block or started and finished.

        *id* defaults to the name. *flow* is an id or what `otel_botlogs.flow` gave; of a declared flow the
        version and the node's type are known. Exceptions of the types *not_errors* are the runtime's control
        flow. The span is called *name*, so that must not hold ids or a user's text.
        """
        return Node(self, name, **options)

    def _start(self) -> None:
        conversation = self._conversation
        links = conversation.begin_turn()
        own = {key: value for key, value in self._base.items() if key not in conversation._base}  # noqa: SLF001
        self.index = self._index or conversation.next_turn()
        self._base = {**conversation._base, semconv.BOT_TURN_INDEX: self.index, **own}  # noqa: SLF001
        parent = self._parent_context(links)
        self._open_span(semconv.SPAN_TURN, parent, links)
        if self._span is not None:
            conversation.remember_turn(self._span.get_span_context())
        if self._message is not None:
            self._emit(semconv.EVENT_MESSAGE_USER, self._message, self._message_attributes, at_ns=self.started_ns)
        if (hook := self._pipeline.hooks.turn_hook) is not None:
            try:
                hook(self)
            except Exception as error:  # noqa: BLE001 - the author's hook
                guard.note("turn_hook", error)

    def _parent_context(self, links: list[Link]) -> Context:
        """Return where the span goes: in the conversation's trace, in one of its own, or in the runtime's."""
        conversation, current = self._conversation, get_current()
        running = get_current_span(current).get_span_context()
        if conversation.trace_mode == "adopt" and running.is_valid:
            links.clear()  # what brought the message is the parent, or near
            return current
        parent = conversation._context  # noqa: SLF001
        if running.trace_id == conversation.trace_id:
            if scope_of(current) is conversation:
                parent = current  # a foreign span in between stays the parent
        elif running.is_valid and all(link.context != running for link in links):
            links.append(Link(running))
        return set_span_in_context(INVALID_SPAN, parent) if conversation.trace_mode == "turn" else parent

    def _finish(self) -> None:
        try:
            self._conversation.publish_flows()
        finally:
            self._close_span(self._pipeline.clock.time_ns())
