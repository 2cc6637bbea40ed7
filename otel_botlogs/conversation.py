"""A conversation: one dialogue between a user and a bot, and one trace whichever process writes it.

Its trace id and root span id are derived, so turns hang under a root that need not exist: the
root's span is written when the conversation ends, and nothing may ever wait for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import Token
from types import TracebackType
from typing import Final, Self, Unpack

from opentelemetry import context as otel_context
from opentelemetry.context import Context
from opentelemetry.trace import Link, SpanContext, get_current_span

from otel_botlogs import guard, semconv
from otel_botlogs.activity import Active
from otel_botlogs.config import TraceMode
from otel_botlogs.content import Value, hashed_user
from otel_botlogs.failures import PassingError, error_attributes
from otel_botlogs.flow import Flow, publish
from otel_botlogs.node import Node, NodeOptions
from otel_botlogs.pipeline import Pipeline
from otel_botlogs.plain import cut, valid_text
from otel_botlogs.recorder import Recorder
from otel_botlogs.registry import ConversationState
from otel_botlogs.segment import Segment
from otel_botlogs.severity import ERROR
from otel_botlogs.turn import Turn

_MAX_VARIABLES: Final = 200
_MAX_ID_BYTES: Final = 1024  # it goes along in a header


class Conversation(Recorder):
    """A conversation; made by `otel_botlogs.conversation(…)`, once for each message or once for all."""

    __slots__ = (
        "_attributes",
        "_caller",
        "_flows",
        "_segment",
        "_state",
        "_token",
        "_variables",
        "id",
        "passing",
        "trace_mode",
    )

    def __init__(
        self,
        pipeline: Pipeline,
        conversation_id: str | None,
        *,
        channel: str | None = None,
        user_id: str | None = None,
        session_id: str | None = None,
        trace_mode: TraceMode | None = None,
        new: bool = True,
        segment: int | None = None,
        attributes: Mapping[str, object] | None = None,
    ) -> None:
        self.id = cut(valid_text(conversation_id), _MAX_ID_BYTES) if conversation_id else None
        self.parent = None
        self.trace_mode: TraceMode = trace_mode or pipeline.settings.trace_mode
        self._pipeline = pipeline
        self._conversation = self
        self._token: Token[Context] | None = None
        self._variables: dict[str, Value] = {}
        self._flows: list[Flow] = []
        self.passing = PassingError()
        self._caller = get_current_span().get_span_context()
        now_ns = pipeline.clock.time_ns()
        self._state = pipeline.registry.state(self.id, now_ns) if self.id else ConversationState(now_ns, now_ns)
        self._state.announced = self._state.announced or not new
        if segment is not None and segment > self._state.segment:
            self._state.go_on_in(segment, now_ns)
        given = {semconv.BOT_CHANNEL: channel, semconv.SESSION_ID: session_id, **(attributes or {})}
        self._attributes: dict[str, Value] = {}
        pipeline.content.add_to_place(self._attributes, given)
        if user_id is not None:
            self._attributes[semconv.USER_ID] = hashed_user(pipeline.settings, str(user_id))
        self._open_segment()

    @property
    def trace_id(self) -> int:
        """The id of the conversation's trace, the same in every process that knows the conversation's id."""
        return self._segment.identity.trace_id

    @property
    def segment(self) -> int:
        """Which trace of the conversation this is, from 0; keep it with the conversation's state.

        And give it to `otel_botlogs.conversation(…, segment=…)`, if another process may go on with it.
        """
        return self._segment.number

    @property
    def root_span_id(self) -> int:
        """The id of the root span, which exists once the conversation has ended."""
        return self._segment.identity.root_span_id

    def turn(
        self,
        user_message: object = None,
        *,
        index: int | None = None,
        message_id: str | None = None,
        message_type: str | None = None,
        not_errors: tuple[type[BaseException], ...] = (),
        attributes: Mapping[str, object] | None = None,
    ) -> Turn:
        """Return a turn, to be used in a `with` block or started and finished.

        *user_message* is content. *index* counts from 1; without it, it counts the turns that this
        process has seen, which is less than there were if several processes share the conversation. Exceptions
        of the types *not_errors* are the runtime's control flow.
        """
        return Turn(
            self,
            user_message,
            index=index,
            message_id=message_id,
            message_type=message_type,
            not_errors=not_errors,
            attributes=attributes,
        )

    def node(self, name: str, **options: Unpack[NodeOptions]) -> Node:
        """Return a node action outside any turn (a reminder, a proactive message).

        Options as of `turn.node`.
        """
        return Node(self, name, **options)

    def start(self) -> Self:
        """Announce the conversation, the first time that this process sees it; a `with` block does it too."""
        self._announce()
        return self

    def end(self, reason: str = "signal") -> None:
        """Write `bot.conversation.end` and the root span; without this call idleness ends a conversation."""
        try:
            if self._state.ended:
                return
            self._state.ended = True
            numbers = {
                semconv.BOT_CONVERSATION_END_REASON: reason,
                semconv.BOT_CONVERSATION_TURNS: self._state.turns,
            }
            self._emit(semconv.EVENT_CONVERSATION_END, None, numbers)
            self._write_root()
        except Exception as error:  # noqa: BLE001 - guard
            guard.note("end", error)

    def active(self) -> Active:
        """Return a context manager in which this conversation is the current scope.

        And nothing else happens.
        """
        return Active(self._context)

    def __enter__(self) -> Self:
        self._announce()
        self._token = otel_context.attach(self._context)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if (token := self._token) is not None:
            self._token = None
            otel_context.detach(token)
        if isinstance(error, Exception) and self.passing.is_new(error):
            self._emit_kind(semconv.EVENT_ERROR, None, error_attributes(error), ERROR)
        self.passing.forget()

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)

    # What turns and nodes need of their conversation.

    def begin_turn(self) -> list[Link]:
        """Roll over to a new segment if this one is full; return the links of the turn that begins."""
        links, state = self._segment.caller_links(), self._state
        now_ns = self._pipeline.clock.time_ns()
        if self._segment.is_full(state, now_ns):
            links.append(Link(self._segment.root()))
            self._write_root()
            state.go_on_in(state.segment + 1, now_ns)
        if state.segment != self._segment.number:
            self._open_segment()
        if self.trace_mode == "turn" and state.last_turn is not None:
            links.append(Link(state.last_turn))
        if state.ended:
            state.ended = False
            self._write(semconv.EVENT_CONVERSATION_REOPEN, None, None)
        self.count_span()
        return links

    def next_turn(self) -> int:
        """Return the index of a new turn."""
        return self._pipeline.registry.next_turn(self._state)

    def remember_turn(self, span: SpanContext) -> None:
        """Remember the latest turn, for the link of the next one where each has its own trace."""
        self._state.last_turn = span if self.trace_mode == "turn" else None

    def count_span(self) -> None:
        """Count a span of this segment."""
        self._state.segment_spans += 1

    def is_current(self, child: Recorder) -> bool:
        """Whether the context attached for the parent of *child* holds; a rollover makes the conversation stale."""
        return child.parent is not self or get_current_span().get_span_context().trace_id == self.trace_id

    def use_flow(self, graph: Flow) -> None:
        """Publish *graph* if need be, and again at the end of the turn if it has grown by then."""
        publish(graph, self)
        if graph.learned and graph not in self._flows:
            self._flows.append(graph)

    def publish_flows(self) -> None:
        """Publish what the flows of this turn have learned."""
        for graph in self._flows:
            publish(graph, self)
        self._flows.clear()

    def last_variable(self, name: str, new: Value) -> Value | None:
        """Return what *name* was last set to while this object lived, and remember *new*."""
        old = self._variables.get(name)
        if old is not None or len(self._variables) < _MAX_VARIABLES:
            self._variables[name] = new
        return old

    def _announce(self) -> None:
        try:
            if not self._state.announced:
                self._state.announced = True
                self._write(semconv.EVENT_CONVERSATION_START, None, None)
        except Exception as error:  # noqa: BLE001 - guard
            guard.note("conversation.start", error)

    def _open_segment(self) -> None:
        self._segment = Segment(self._pipeline, self.id, self._state, self._attributes, self._caller)
        self._base = self._segment.base
        self._context = self._segment.context(self, self.trace_mode)

    def _write_root(self) -> None:
        if self.trace_mode == "conversation":
            self._segment.write_root()
