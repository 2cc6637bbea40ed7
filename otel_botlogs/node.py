"""A node action: one node of a flow doing its work once.

It is announced by `bot.node.enter` the moment it starts, because a span leaves only when it
ends: a node that is still running, or whose process died, is visible by that event alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypedDict, Unpack

from opentelemetry.context import Context, get_current

from otel_botlogs import guard, semconv
from otel_botlogs.activity import Activity
from otel_botlogs.content import Value
from otel_botlogs.flow import Flow, find_flow
from otel_botlogs.scope import scope_of
from otel_botlogs.severity import ERROR, INFO

if TYPE_CHECKING:
    from otel_botlogs.recorder import Recorder


class NodeOptions(TypedDict, total=False):
    """What may be said of a node action beside its name."""

    type: str | None
    id: str | None
    flow: Flow | str | None
    flow_version: str | None
    not_errors: tuple[type[BaseException], ...]
    attributes: Mapping[str, object] | None


class Node(Activity):
    """A node action; made by `turn.node(…)`, `node.node(…)` or `otel_botlogs.node(…)`."""

    __slots__ = ("_exit", "_flow", "name")

    def __init__(
        self,
        parent: Recorder,
        name: str,
        *,
        type: str | None = None,  # noqa: A002 - the name on the outside
        id: str | None = None,  # noqa: A002
        flow: Flow | str | None = None,
        flow_version: str | None = None,
        not_errors: tuple[type[BaseException], ...] = (),
        attributes: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__()
        self._flow: Flow | None = None
        self._exit: dict[str, Value] = {}
        self.parent = parent
        self.name = name
        self._pipeline = parent._pipeline  # noqa: SLF001 - one family
        self._conversation = parent._conversation  # noqa: SLF001
        self._context = parent._context  # noqa: SLF001
        self._not_errors = not_errors
        self._base = parent._base  # noqa: SLF001
        try:
            self._describe(type, id, flow, flow_version, attributes)
        except Exception as error:  # noqa: BLE001 - guard
            guard.note("node", error)

    def wait(self, reason: object = None, *, timeout_s: float | None = None) -> None:
        """`bot.node.wait`: the node waits for the user; it is not an error that it stops here."""
        self._outcome = "waiting"
        self._emit_kind(semconv.EVENT_NODE_WAIT, reason, {semconv.BOT_WAIT_TIMEOUT_S: timeout_s})

    def transition(self, to: str, reason: object = None) -> None:
        """Say which node comes next and why.

        The first goes out with `bot.node.exit`; a further one (the flow forks), or one after that, by itself.
        """
        try:
            said = None
            if reason is not None:  # after the rules, once: a learned edge carries it too
                said = self._pipeline.content.attribute(semconv.BOT_TRANSITION_REASON, reason)
            if self._finished or semconv.BOT_TRANSITION_TO in self._exit:
                named = {semconv.BOT_TRANSITION_TO: to, semconv.BOT_TRANSITION_REASON: said}
                self._emit(semconv.EVENT_NODE_TRANSITION, None, named)
            else:
                self._exit[semconv.BOT_TRANSITION_TO] = self._safe_name(to)
                if said is not None:
                    self._exit[semconv.BOT_TRANSITION_REASON] = said
            if self._flow is not None and self._flow.learned:
                self._flow.learn_edge(str(self._base[semconv.BOT_NODE_ID]), to, None if said is None else str(said))
        except Exception as error:  # noqa: BLE001 - guard
            guard.note("transition", error)

    def node(self, name: str, **options: Unpack[NodeOptions]) -> Node:
        """Return a node action inside this one; options as of `turn.node`."""
        return Node(self, name, **options)

    def _describe(
        self,
        kind: str | None,
        node_id: str | None,
        flow: Flow | str | None,
        version: str | None,
        attributes: Mapping[str, object] | None,
    ) -> None:
        self._flow = find_flow(flow) if isinstance(flow, str) else flow
        identity = self._safe_name(node_id if node_id is not None else self.name)
        base = dict(self._base)
        if flow is not None:
            base[semconv.BOT_FLOW_ID] = self._flow.id if self._flow else self._safe_name(flow)
            base.pop(semconv.BOT_FLOW_VERSION, None)
        if self._flow is not None:
            version = version or self._flow.version
            kind = kind or self._flow.node_type(identity)
        if version is not None:
            base[semconv.BOT_FLOW_VERSION] = version
        base[semconv.BOT_NODE_ID] = identity
        base[semconv.BOT_NODE_NAME] = identity if node_id is None else self._safe_name(self.name)
        base[semconv.BOT_NODE_TYPE] = self._safe_name(kind or "action")
        if attributes:
            self._pipeline.content.add_to_place(base, attributes)
        self._base = base

    def _start(self) -> None:
        self._conversation.count_span()
        name = str(self._base[semconv.BOT_NODE_NAME])
        self._open_span(name, self._parent_context(), own=self._genai(name))
        if self._flow is not None:
            self._flow.learn_node(
                str(self._base[semconv.BOT_NODE_ID]), self.name, str(self._base[semconv.BOT_NODE_TYPE])
            )
            self._conversation.use_flow(self._flow)
        self._write(semconv.EVENT_NODE_ENTER, None, None, INFO, self.started_ns)
        if (hook := self._pipeline.hooks.node_hook) is not None:
            try:
                hook(self)
            except Exception as error:  # noqa: BLE001 - the author's hook
                guard.note("node_hook", error)

    def _genai(self, name: str) -> dict[str, Value] | None:
        """Return the GenAI names of the span, where the node's type has any; the span's only, events have their own."""
        known = semconv.GEN_AI_NODES.get(str(self._base[semconv.BOT_NODE_TYPE]))
        return None if known is None else {semconv.GEN_AI_OPERATION_NAME: known[0], known[1]: name}

    def _parent_context(self) -> Context:
        """Return the running context if it is the parent's (a foreign span in between stays), else the parent's own."""
        current = get_current()
        if self._conversation.trace_mode == "adopt":
            return current
        return current if scope_of(current) is self.parent and self._conversation.is_current(self) else self._context

    def _finish(self) -> None:
        ended_ns = self._pipeline.clock.time_ns()
        try:
            if self._outcome != "completed":
                self._exit[semconv.BOT_NODE_OUTCOME] = self._outcome
            if self._exit and self._span is not None and self._span.is_recording():
                self._span.set_attributes(self._exit)
            self._exit[semconv.BOT_NODE_OUTCOME] = self._outcome
            level = ERROR if self._outcome == "error" else INFO
            self._write(semconv.EVENT_NODE_EXIT, None, self._exit, level, ended_ns)
        finally:
            self._close_span(ended_ns)
