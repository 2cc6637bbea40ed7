"""ADK's spans of nodes, agents and tools stand for node actions; none is written twice."""

from __future__ import annotations

import sys
from typing import Any, Final, cast
from weakref import WeakKeyDictionary

from opentelemetry.context import Context
from opentelemetry.trace import Span, StatusCode, get_current_span

from otel_botlogs import Flow, Node, semconv
from otel_botlogs.instrumentors.google_adk.events import ROUTE
from otel_botlogs.instrumentors.google_adk.graph import agent_flow, next_nodes, workflow_flow
from otel_botlogs.instrumentors.google_adk.invocation import invocation_of
from otel_botlogs.scope import scope_of

_TRACER: Final = "gcp.vertex.agent"
_NODES: Final = {"invoke_node": "function", "invoke_agent": "agent", "execute_tool": "tool"}
_MAX_RUNNING: Final = 10_000


class SpanNodes:
    """Lets ADK's spans stand for nodes."""

    def __init__(self) -> None:
        self._running: dict[int, tuple[Node, Any]] = {}  # by span id, with the workflow that the node is in
        self._flows: WeakKeyDictionary[Span, tuple[Flow | None, Any]] = WeakKeyDictionary()

    def span_started(self, span: Span, context: Context) -> None:
        """Start the node that *span* stands for."""
        invocation = invocation_of(context)
        readable = cast("Any", span)
        if invocation is None or readable.instrumentation_scope.name != _TRACER:
            return
        kind, _, name = str(readable.name).partition(" ")
        flow, workflow = self._flows.get(get_current_span(context)) or (agent_flow(invocation.root), None)
        if (kind in _NODES or (kind == "invoke_workflow" and workflow is not None)) and len(
            self._running
        ) < _MAX_RUNNING:
            node = Node(scope_of(context) or invocation.turn, name, type=_NODES.get(kind, "workflow"), flow=flow)
            self._running[span.get_span_context().span_id] = node.start(on=span), workflow
            invocation.nodes[name] = node
            if flow is not None and isinstance(node.parent, Node):
                flow.learn_edge(node.parent.name, name, kind)
        if kind == "invoke_workflow" and (inner := invocation.workflows.get(name)) is not None:
            flow, workflow = workflow_flow(inner), inner
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
            for to, label in next_nodes(workflow, node.name, node.attributes.get(ROUTE)):
                node.transition(to, label)
        node.finish()


def _record(node: Node, span: Any) -> None:
    """Record why *span* failed: the exception itself if it is at hand, else what the span tells of it."""
    told = next((dict(event.attributes or {}) for event in reversed(span.events) if event.name == "exception"), {})
    error = sys.exc_info()[1]
    if isinstance(error, Exception) and str(told.get(semconv.EXCEPTION_TYPE, "")).endswith(type(error).__qualname__):
        node.record_error(error)
    else:
        kind = told.get(semconv.EXCEPTION_TYPE) or span.attributes.get(semconv.ERROR_TYPE) or "error"
        # Not its stack: the SDK writes the message into that, which is content.
        known = {name: told.get(name) for name in (semconv.EXCEPTION_TYPE, semconv.EXCEPTION_MESSAGE)}
        node.event(semconv.EVENT_ERROR, None, level="ERROR", **{semconv.ERROR_TYPE: kind, **known})
