"""Google ADK traces itself: its spans of nodes, agents and tools stand for node actions, and none is doubled.

An invocation is a turn of the conversation that its session is, and ADK's trace of it lies in that turn. What its
spans do not tell (messages, routes, state, requests for input) is taken from the events that the nodes give.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any, Final, cast
from weakref import WeakKeyDictionary

from opentelemetry import context as otel_context
from opentelemetry.context import Context, create_key
from opentelemetry.trace import Span, StatusCode, get_current_span

import otel_botlogs
from otel_botlogs import Flow, Node, adopt
from otel_botlogs.activity import Active, Activity
from otel_botlogs.instrumentors.base import RuntimeInstrumentor
from otel_botlogs.instrumentors.patches import Patches
from otel_botlogs.recorder import Recorder
from otel_botlogs.scope import scope_of

_KEY: Final = create_key("otel_botlogs.google_adk.invocation")
_TRACER: Final = "gcp.vertex.agent"
_NODES: Final = {"invoke_node": "function", "invoke_agent": "agent", "execute_tool": "tool"}
_ROUTE: Final = "bot.node.route"
_DEFAULT_ROUTE: Final = "__DEFAULT__"
_MAX_RUNNING: Final = 10_000


class GoogleAdkInstrumentor(RuntimeInstrumentor):
    """Records the conversations of Google ADK agents and workflows."""

    supported = ("google-adk >= 2.0, < 3",)

    def _patch(self, patches: Patches) -> None:
        import_module("google.adk.runners")  # a ModuleNotFoundError passes this runtime over
        told = patches.observe("google.adk.telemetry.node_tracing", "TelemetryContext.add_event", _given)
        on_item = None if told else _yielded  # a function's events are then its workflow's
        for name in ("Runner.run_async", "Runner.run_live"):
            patches.observe_stream("google.adk.runners", name, _invoked, on_item)
        self._stop_observing = adopt.observe_spans(_Spans())

    def _uninstrument(self, **kwargs: Any) -> None:
        self._stop_observing()
        super()._uninstrument(**kwargs)


class Invocation:
    """One message to the runner and what comes of it, driven like a turn."""

    def __init__(self, runner: Any, kwargs: Mapping[str, Any]) -> None:
        session = kwargs.get("session")  # `run_live` may be given one
        self.root: Any = runner.agent
        self.nodes: dict[str, Node] = {}  # the latest of each name
        self.workflows = {workflow.name: workflow for workflow in _workflows(self.root)}
        self.conversation = otel_botlogs.conversation(
            kwargs.get("session_id") or getattr(session, "id", None),
            user_id=kwargs.get("user_id") or getattr(session, "user_id", None),
        )
        message = kwargs.get("new_message")
        self.turn = self.conversation.turn(_said(message))
        self.resumes = any(part.function_response is not None for part in getattr(message, "parts", None) or ())
        self._context: Context = Context()

    def start(self) -> Invocation:
        """Begin the turn."""
        self.conversation.start()
        with self.conversation.active():
            self.turn.start()
        with self.turn.active():
            self._context = otel_context.set_value(_KEY, self)
        return self

    def active(self) -> Active:
        """Return a context in which ADK's spans find the turn, and we find this."""
        return Active(self._context)

    def finish(self, error: BaseException | None = None) -> None:
        """End the turn."""
        self.turn.finish(error)


def _invoked(runner: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Activity | None:  # noqa: ARG001
    """A message came; an agent that runs as another's tool stays in that one's conversation."""
    if otel_context.get_value(_KEY) is not None:
        return None
    return cast("Activity", Invocation(runner, kwargs))


class _Spans:
    """Lets ADK's spans stand for nodes."""

    def __init__(self) -> None:
        self._running: dict[int, tuple[Node, Any]] = {}  # by span id, with the workflow that the node is in
        self._flows: WeakKeyDictionary[Span, tuple[Flow | None, Any]] = WeakKeyDictionary()

    def span_started(self, span: Span, context: Context) -> None:
        """Start the node that *span* stands for."""
        invocation = cast("Invocation | None", otel_context.get_value(_KEY, context))
        readable = cast("Any", span)
        if invocation is None or readable.instrumentation_scope.name != _TRACER:
            return
        kind, _, name = str(readable.name).partition(" ")
        flow, workflow = self._flows.get(get_current_span(context)) or (_agent_flow(invocation.root), None)
        if (kind in _NODES or (kind == "invoke_workflow" and workflow is not None)) and len(
            self._running
        ) < _MAX_RUNNING:
            node = Node(scope_of(context) or invocation.turn, name, type=_NODES.get(kind, "workflow"), flow=flow)
            self._running[span.get_span_context().span_id] = node.start(on=span), workflow
            invocation.nodes[name] = node
            if flow is not None and isinstance(node.parent, Node):
                flow.learn_edge(node.parent.name, name, kind)
        if kind == "invoke_workflow" and (inner := invocation.workflows.get(name)) is not None:
            flow, workflow = _workflow_flow(inner), inner
            if not invocation.resumes:
                invocation.turn.flow_start(name)
        self._flows[span] = flow, workflow

    def span_ended(self, span: Any) -> None:
        """Finish it; an exception that ends it is still on its way here."""
        node, workflow = self._running.pop(span.context.span_id, (None, None))
        if node is None:
            return
        if span.status.status_code is StatusCode.ERROR:
            _record(node, span)
        elif workflow is not None and node.outcome != "waiting":
            for to, label in _next(workflow, node.name, node.attributes.get(_ROUTE)):
                node.transition(to, label)
        node.finish()


def _record(node: Node, span: Any) -> None:
    """Record why *span* failed: the exception itself if it is at hand, else what the span tells of it."""
    told = next((dict(event.attributes or {}) for event in reversed(span.events) if event.name == "exception"), {})
    error = sys.exc_info()[1]
    if isinstance(error, Exception) and str(told.get("exception.type", "")).endswith(type(error).__qualname__):
        node.record_error(error)
    else:
        kind = told.get("exception.type") or span.attributes.get("error.type") or "error"
        node.event("bot.error", None, level="ERROR", **{"error.type": kind, **told})


def _given(telemetry: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
    """A node gives an event: to the user, to the session, or to the graph."""
    context: Context = telemetry.otel_context
    invocation = cast("Invocation | None", otel_context.get_value(_KEY, context))
    if invocation is not None:
        scope, event = scope_of(context), args[0] if args else kwargs["event"]
        _tell(scope if isinstance(scope, Node) else invocation.nodes.get(event.author, invocation.turn), event)


def _yielded(invocation: Any, event: Any) -> None:
    _tell(invocation.nodes.get(event.author, invocation.turn), event)


def _tell(scope: Recorder, event: Any) -> None:
    """Write what an event of ADK tells; parts of an answer that is still coming are passed over."""
    if event.partial or event.author == "user":
        return
    actions = event.actions
    for name, value in (actions.state_delta or {}).items():
        scope.set_variable(name, value)
    if (route := getattr(actions, "route", None)) is not None:
        scope.branch("route", {"route": route}, taken=route)
        scope.set_attribute(_ROUTE, route if isinstance(route, str | int | bool) else str(route))
    if actions.transfer_to_agent:
        scope.handoff(actions.transfer_to_agent, reason="transfer_to_agent")
    if text := _said(event.content):
        scope.reply(text)
    if event.long_running_tool_ids:
        if isinstance(scope, Node):
            scope.wait("for the user's input")
        else:
            scope.event("bot.node.wait", "for the user's input")


def _said(content: Any) -> str | None:
    """Return the text of a message: what was written, asked by a request for input, or answered to one."""
    texts: list[str] = []
    for part in getattr(content, "parts", None) or ():
        call, response = part.function_call, part.function_response
        if part.text and not part.thought:
            texts.append(part.text)
        elif call is not None and call.name == "adk_request_input":
            texts.append(str((call.args or {}).get("message") or ""))
        elif response is not None and response.name == "adk_request_input":
            texts.extend(str(value) for value in (response.response or {}).values())
    return "\n".join(text for text in texts if text) or None


def _next(workflow: Any, name: str, route: object) -> Iterator[tuple[str, str | None]]:
    """Give the nodes that follow *name*, by the graph's own rules: untagged edges, the route's, else the default's."""
    edges = [edge for edge in workflow.graph.edges if edge.from_node.name == name]
    routed = [edge for edge in edges if edge.route is not None and route is not None and route in _routes(edge)]
    if not routed:
        routed = [edge for edge in edges if _DEFAULT_ROUTE in _routes(edge)]
    for edge in edges:
        if edge.route is None or edge in routed:
            yield edge.to_node.name, None if edge.route is None else f"route {route}"


def _routes(edge: Any) -> list[Any]:
    return edge.route if isinstance(edge.route, list) else [edge.route]


def _workflows(root: Any) -> Iterator[Any]:
    """Give the workflows that *root* is or holds."""
    graph = getattr(root, "graph", None)
    if graph is not None:
        yield root
        for node in graph.nodes:
            if node is not root:
                yield from _workflows(node)


def _workflow_flow(workflow: Any) -> Flow | None:
    graph = workflow.graph
    return otel_botlogs.flow(
        {
            "id": workflow.name,
            "nodes": [{"id": node.name, "type": _type(node)} for node in graph.nodes],
            "edges": [
                {"from": edge.from_node.name, "to": edge.to_node.name}
                | ({} if edge.route is None else {"label": ", ".join(map(str, _routes(edge)))})
                for edge in graph.edges
            ],
        }
    )


def _type(node: Any) -> str:
    """Return the type by which the node's span will be known."""
    if getattr(node, "graph", None) is not None:
        return "workflow"
    return "agent" if hasattr(node, "sub_agents") else "start" if node.name == "__START__" else "function"


def _agent_flow(root: Any) -> Flow | None:
    """Return the learned flow of an agent that is no workflow."""
    if getattr(root, "graph", None) is not None:
        return None
    return otel_botlogs.find_flow(root.name) or otel_botlogs.flow({"id": root.name}, learned=True)
