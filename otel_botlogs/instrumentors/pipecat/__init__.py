"""Pipecat flows: a call is a conversation, a flow's node works from its entry or the user's words to the bot's answer.

Frames are watched where the pipeline tells its observers, in the order in which they are pushed; a registered
observer would get them from a queue, later than the functions that they lead to.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from inspect import iscoroutinefunction
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from otel_botlogs.instrumentors.base import RuntimeInstrumentor
from otel_botlogs.instrumentors.patches import Patches
from otel_botlogs.instrumentors.pipecat.around import After, Entering, Working
from otel_botlogs.instrumentors.pipecat.call import Call
from otel_botlogs.instrumentors.pipecat.definition import declared, learned
from otel_botlogs.instrumentors.pipecat.frames import Watch, make_observer

Arguments = tuple[Any, ...]
Named = dict[str, Any]


class PipecatInstrumentor(RuntimeInstrumentor):
    """Records the conversations of Pipecat bots, with the nodes of `pipecat.flows`."""

    supported = ("pipecat-ai >= 1.9, < 2",)  # older ones have no flows that are data

    def _patch(self, patches: Patches) -> None:
        import_module("pipecat.flows")  # a ModuleNotFoundError passes this runtime over
        self._calls: WeakKeyDictionary[Any, Call] = WeakKeyDictionary()  # by worker
        self._watches: WeakKeyDictionary[Any, Watch] = WeakKeyDictionary()  # by the worker's observer
        self._flows: WeakSet[Any] = WeakSet()
        self._tracers: WeakSet[Any] = WeakSet()  # Pipecat's own tracing of conversations and turns, which is ours here
        self._inline = patches.observe("pipecat.pipeline.worker_observer", "WorkerObserver.on_push_frame", self._pushed)
        patches.observe("pipecat.pipeline.worker", "PipelineWorker.__init__", self._worker)
        for name in ("start_conversation_tracing", "_handle_turn_started", "_handle_turn_ended"):
            patches.wrap("pipecat.utils.tracing.turn_trace_observer", f"TurnTraceObserver.{name}", self._native)
        patches.observe("pipecat.flows.flow", "Flow.__init__", self._flow)
        patches.observe("pipecat.flows.manager", "FlowManager._set_node", self._node)
        patches.observe("pipecat.flows.manager", "FlowManager._execute_transition", self._transition)
        patches.observe("pipecat.flows.manager", "FlowManager._call_handler", self._function)
        patches.observe("pipecat.flows.types", "FlowsDirectFunctionWrapper.invoke", self._direct_function)

    def _worker(self, worker: Any, args: Arguments, kwargs: Named) -> After:  # noqa: ARG002
        return After(lambda: self._watch(worker, Call(kwargs.get("conversation_id"))))

    def _watch(self, worker: Any, call: Call) -> None:
        """Follow the frames of *worker* and its end."""
        self._calls[worker], watch = call, Watch(call)
        observer = getattr(worker, "_observer", None)
        if self._inline and observer is not None:
            self._watches[observer] = watch
        else:
            worker.add_observer(make_observer(watch))

        async def finished(_: Any, frame: Any) -> None:
            call.ended(type(frame).__name__)

        worker.add_event_handler("on_pipeline_finished", finished)
        tracer = getattr(worker, "turn_trace_observer", None)
        if (tracing := getattr(tracer, "_tracing_context", None)) is not None:
            self._tracers.add(tracer)
            call.traces_services(tracing)

    def _native(self, wrapped: Callable[..., Any], tracer: Any, args: Arguments, kwargs: Named) -> Any:
        """Leave conversation and turns to our spans of the same names; those of the services lie in them."""
        if tracer not in self._tracers:
            return wrapped(*args, **kwargs)
        return _nothing() if iscoroutinefunction(wrapped) else None

    def _flow(self, flow: Any, args: Arguments, kwargs: Named) -> After:  # noqa: ARG002
        return After(lambda: self._flows.add(flow))

    def _pushed(self, observer: Any, args: Arguments, kwargs: Named) -> None:
        watch = self._watches.get(observer)
        if watch is not None:
            watch.pushed(_argument(args, kwargs, 0, "data"))

    def _node(self, manager: Any, args: Arguments, kwargs: Named) -> Entering | None:
        """The flow goes to a node."""
        call = self._calls.get(manager.worker)
        if call is None:
            return None
        node_id, config = str(_argument(args, kwargs, 0, "node_id")), _argument(args, kwargs, 1, "node_config")
        if call.flow is None:
            call.flow = declared(self._flows, node_id, config) or learned(node_id)
        return Entering(call, node_id, config)

    def _transition(self, manager: Any, args: Arguments, kwargs: Named) -> None:
        """A function decided where to go: that is the reason of the transition that follows."""
        call = self._calls.get(manager.worker)
        if call is not None:
            call.decided(_argument(args, kwargs, 0, "transition_info"), self._flows)

    def _function(self, manager: Any, args: Arguments, kwargs: Named) -> Working | None:  # noqa: ARG002
        call = self._calls.get(manager.worker)
        return None if call is None else Working(call, manager)

    def _direct_function(self, function: Any, args: Arguments, kwargs: Named) -> Working | None:  # noqa: ARG002
        manager = _argument(args, kwargs, 1, "flow_manager")
        call = self._calls.get(manager.worker)
        return None if call is None else Working(call, manager)


async def _nothing() -> None:
    """Stand for a coroutine that has nothing to do."""


def _argument(args: Arguments, kwargs: Named, position: int, name: str) -> Any:
    return args[position] if len(args) > position else kwargs[name]
