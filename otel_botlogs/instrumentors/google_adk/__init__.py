"""Google ADK traces itself: its spans of nodes, agents and tools stand for node actions, and none is doubled.

An invocation is a turn of the conversation that its session is, and ADK's trace of it lies in that turn. What its
spans do not tell (messages, routes, state, requests for input) is taken from the events that the nodes give.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, cast

from otel_botlogs import Node, adopt
from otel_botlogs.activity import Activity
from otel_botlogs.instrumentors.base import RuntimeInstrumentor
from otel_botlogs.instrumentors.google_adk.events import tell
from otel_botlogs.instrumentors.google_adk.invocation import Invocation, invocation_of
from otel_botlogs.instrumentors.google_adk.spans import SpanNodes
from otel_botlogs.instrumentors.patches import Patches
from otel_botlogs.scope import scope_of


class GoogleAdkInstrumentor(RuntimeInstrumentor):
    """Records the conversations of Google ADK agents and workflows."""

    supported = ("google-adk >= 2.0, < 3",)

    def _patch(self, patches: Patches) -> None:
        import_module("google.adk.runners")  # a ModuleNotFoundError passes this runtime over
        told = patches.observe("google.adk.telemetry.node_tracing", "TelemetryContext.add_event", _given)
        on_item = None if told else _yielded  # a function's events are then its workflow's
        for name in ("Runner.run_async", "Runner.run_live"):
            patches.observe_stream("google.adk.runners", name, _invoked, on_item)
        self._stop_observing = adopt.observe_spans(SpanNodes())

    def _uninstrument(self, **kwargs: Any) -> None:
        self._stop_observing()
        super()._uninstrument(**kwargs)


def _invoked(runner: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Activity | None:  # noqa: ARG001
    """A message came; an agent that runs as another's tool stays in that one's conversation."""
    if invocation_of() is not None:
        return None
    return cast("Activity", Invocation(runner, kwargs))


def _given(telemetry: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
    """A node gives an event: to the user, to the session, or to the graph."""
    context = telemetry.otel_context
    invocation = invocation_of(context)
    if invocation is not None:
        scope, event = scope_of(context), args[0] if args else kwargs["event"]
        tell(scope if isinstance(scope, Node) else invocation.nodes.get(event.author, invocation.turn), event)


def _yielded(invocation: Any, event: Any) -> None:
    tell(invocation.nodes.get(event.author, invocation.turn), event)
