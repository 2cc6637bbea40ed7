"""Pipecat flows: a call is a conversation, a flow's node works from its entry or the user's words to the bot's answer.

Frames are watched where the pipeline tells its observers, in the order in which they are pushed; a registered
observer would get them from a queue, later than the functions that they lead to.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from importlib import import_module
from inspect import iscoroutinefunction
from types import TracebackType
from typing import Any, Final, cast
from weakref import WeakKeyDictionary, WeakSet

from opentelemetry.trace import get_current_span

import otel_botlogs
from otel_botlogs import Conversation, Flow, Node, Turn, guard
from otel_botlogs.instrumentors.base import RuntimeInstrumentor
from otel_botlogs.instrumentors.patches import Patches
from otel_botlogs.recorder import Recorder

_SEEN: Final = 256  # frames pass every processor of the pipeline, and count once
Arguments = tuple[Any, ...]
Named = dict[str, Any]


class PipecatInstrumentor(RuntimeInstrumentor):
    """Records the conversations of Pipecat bots, with the nodes of `pipecat.flows`."""

    supported = ("pipecat-ai >= 1.14, < 2",)  # older ones have no flows that are data; not tested

    def _patch(self, patches: Patches) -> None:
        import_module("pipecat.flows")  # a ModuleNotFoundError passes this runtime over
        self._calls: WeakKeyDictionary[Any, Call] = WeakKeyDictionary()  # by worker, and by the worker's observer
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
        self._calls[worker] = call
        observer = getattr(worker, "_observer", None)
        if self._inline and observer is not None:
            self._calls[observer] = call
        else:
            worker.add_observer(_make_observer(call))

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
        call = self._calls.get(observer)
        if call is not None:
            call.pushed(_argument(args, kwargs, 0, "data"))

    def _node(self, manager: Any, args: Arguments, kwargs: Named) -> Entering | None:
        """The flow goes to a node."""
        call = self._calls.get(manager.worker)
        if call is None:
            return None
        node_id, config = str(_argument(args, kwargs, 0, "node_id")), _argument(args, kwargs, 1, "node_config")
        if call.flow is None:
            call.flow = self._declared(node_id, config) or _learned(node_id)
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

    def _declared(self, node_id: str, config: Any) -> Flow | None:
        """Return the flow that was loaded from a file or built as data, if the node's configuration is of one."""
        for flow in self._flows:
            if node_id in flow.config.nodes and flow.node(node_id) is config:
                return otel_botlogs.flow(_definition(flow.config))
        return None


class Call:
    """One pipeline's conversation, its running turn, and the node that works in it."""

    def __init__(self, conversation_id: str | None) -> None:
        self._conversation_id = conversation_id
        self._conversation: Conversation | None = None
        self._turn: Turn | None = None
        self._answered = False  # the bot has spoken in this turn
        self._text: list[str] = []
        self._functions = 0  # calls that the model has asked for and that have no result yet
        self._seen: deque[int] = deque(maxlen=_SEEN)
        self._reason: str | None = None
        self._node_id: str | None = None
        self._state: dict[str, Any] = {}
        self._tracing: Any = None
        self._ended = False
        self.failed = False
        self.flow: Flow | None = None
        self.node: Node | None = None

    @property
    def conversation(self) -> Conversation:
        """The conversation, opened when something happens in it; Pipecat's invented ids are not taken."""
        if self._conversation is None:
            self._conversation = otel_botlogs.conversation(self._conversation_id).start()
        return self._conversation

    @property
    def where(self) -> Recorder:
        """What is running: the node, else the turn, else the conversation."""
        return self.node or self._turn or self.conversation

    def traces_services(self, tracing: Any) -> None:
        """Let the spans of speech and language services lie in what is running; *tracing* is where they look."""
        self._tracing = tracing
        self._show_parent()

    def pushed(self, data: Any) -> None:
        """Look at a frame that a processor pushes."""
        frame = data.frame
        look = _LOOKS.get(type(frame).__name__)
        if look is None or frame.id in self._seen or (data.direction.name != "DOWNSTREAM" and look is not _error):
            return
        self._seen.append(frame.id)
        look(self, frame)

    def said_by_user(self, text: str) -> None:
        """Begin the turn of a message, or add to one that the bot has not answered yet."""
        if self._turn is not None and not self._answered and self._turn.index > 1:
            self._turn.user_message(text)
            return
        self._close_turn()
        self._open_turn(text)
        self._work()

    def said_by_bot(self, text: str) -> None:
        """Write what the bot says."""
        if text := text.strip():
            self.where.reply(text)
            self._answered = True

    def enter(self, node_id: str) -> Node:
        """Go to a node of the flow."""
        if self._turn is None:
            self._open_turn(None)
        if self.node is not None:
            if self._node_id is not None:
                self.node.transition(node_id, self._reason)
            self._leave()
        elif self._node_id is not None and self.flow is not None:
            self.flow.learn_edge(self._node_id, node_id, self._reason)
        self._node_id, self._reason = node_id, None
        return self._work()

    def wait(self) -> None:
        """The bot has answered and waits for the user: node and turn have done their work."""
        if self.node is not None and not self.failed:
            self.node.wait("for the user")
        self._close_turn()

    def decided(self, info: Mapping[str, Any], flows: WeakSet[Any]) -> None:
        """Note the function, and the value of its result that chose the way."""
        function = str(info.get("function_name"))
        self._reason, branch = function, _branch(flows, self._node_id, function)
        result = info.get("result")
        if branch is not None and isinstance(result, Mapping):
            value = cast("Mapping[str, object]", result).get(branch.field)
            self._reason = f"{function}: {branch.field} = {value}"[:200]
            taken = (info.get("next_node") or {}).get("name")
            self.where.branch(f"{function}.{branch.field}", {branch.field: value}, taken=taken)

    def failed_with(self, error: Exception) -> None:
        """Record what a function raised, which Pipecat gives to the model as a result."""
        (self.node or self._turn or self.conversation.turn()).record_error(error)
        self.failed = True

    def tell_state(self, state: Mapping[str, Any]) -> None:
        """Write what a function has changed in the flow's state."""
        for name, value in state.items():
            if name not in self._state or self._state[name] is not value:
                self.where.set_variable(name, value, old=self._state.get(name))
        self._state = dict(state)

    def functions_started(self, calls: Sequence[Any], model: str) -> None:
        """The model has asked for functions."""
        self._functions += len(calls)
        tools = [{"name": call.function_name, "arguments": call.arguments} for call in calls]
        self.where.llm_response(model, tools=tools)

    def function_done(self, frame: Any) -> None:
        """A function has given its result; an error in it is not raised anywhere."""
        if getattr(frame.properties, "is_final", True) is False:
            return
        self._functions = max(0, self._functions - 1)
        result = frame.result
        problem = cast("Named", result).get("error") if _is_error(result) else getattr(frame, "error", None)
        if problem is not None and not self.failed:
            self.where.function_error(f"{frame.function_name}: {problem}")
        if self.failed and self.node is not None and self._node_id is not None:
            self.node.transition(self._node_id, f"{frame.function_name} failed")
            self._leave()
            self._work()
        elif _stays_silent(frame.properties):
            self.wait()

    def response_began(self) -> None:
        """The model starts to answer."""
        self._text.clear()

    def text_came(self, text: str) -> None:
        """A piece of the model's answer."""
        self._text.append(text)

    def response_ended(self) -> None:
        """The model has answered: with text, with functions, or both."""
        self.said_by_bot("".join(self._text))
        self._text.clear()
        if not self._functions:
            self.wait()

    def ended(self, reason: str) -> None:
        """The pipeline is done."""
        if not self._ended:
            self._ended = True
            self._close_turn()
            self.conversation.end(reason)

    def _open_turn(self, text: str | None) -> None:
        self._turn, self._answered = self.conversation.turn(text).start(), False
        self._show_parent()

    def _close_turn(self) -> None:
        self._leave()
        if self._turn is not None:
            self._turn.finish()
            self._turn = None
            self._show_parent()

    def _show_parent(self) -> None:
        if self._tracing is not None:
            with (self.node or self._turn or self.conversation).active():
                parent = get_current_span().get_span_context()
                self._tracing.set_turn_context(parent)

    def _work(self) -> Node:
        """Begin a node action of the node that the flow is at."""
        if self._node_id is None or self._turn is None:
            return otel_botlogs.current_node()
        self.failed = False
        kind = None if self.flow is None else self.flow.node_type(self._node_id)
        self.node = self._turn.node(self._node_id, type=kind or "prompt", flow=self.flow).start()
        self._show_parent()
        return self.node

    def _leave(self) -> None:
        if self.node is not None:
            self.node.finish()
            self.node = None


class After(AbstractContextManager["After"]):
    """Does something once the call that it goes around has worked."""

    def __init__(self, then: Callable[[], object]) -> None:
        self._then = then

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._then()


class Working(AbstractContextManager["Working"]):
    """Makes the call's node the current one while a function of the flow runs; tells what it changed or raised."""

    def __init__(self, call: Call, manager: Any) -> None:
        self._call = call
        self._state: dict[str, Any] = manager.state
        self._active = call.node.active() if call.node is not None else None

    def __enter__(self) -> Working:
        if self._active is not None:
            self._active.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._active is not None:
            self._active.__exit__(kind, error, trace)
        self._call.tell_state(self._state)
        if isinstance(error, Exception):
            self._call.failed_with(error)


class Entering(AbstractContextManager["Entering"]):
    """The set-up of a node: its actions run in it."""

    def __init__(self, call: Call, node_id: str, config: Mapping[str, Any]) -> None:
        self._call = call
        self._waits = not config.get("respond_immediately", True)
        self._active = call.enter(node_id).active()

    def __enter__(self) -> Entering:
        self._active.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._active.__exit__(kind, error, trace)
        if isinstance(error, Exception):
            self._call.failed_with(error)
        elif self._waits:
            self._call.wait()


def _user_turn(call: Call, frame: Any) -> None:
    call.said_by_user(frame.text)


def _appended(call: Call, frame: Any) -> None:
    """A typed message; what flows append for a node has no `run_llm`."""
    last = frame.messages[-1] if frame.messages else {}
    if frame.run_llm and isinstance(last, Mapping) and cast("Named", last).get("role") == "user":
        call.said_by_user(str(cast("Named", last).get("content")))


def _error(call: Call, frame: Any) -> None:
    if isinstance(frame.exception, Exception):
        call.failed_with(frame.exception)
    else:
        kind = getattr(getattr(frame, "category", None), "value", None) or type(frame).__name__
        call.where.event("bot.error", frame.error, level="ERROR", **{"error.type": kind})


def _functions_started(call: Call, frame: Any) -> None:
    context = frame.function_calls[0].context if frame.function_calls else None
    call.functions_started(frame.function_calls, str(getattr(context, "model", None) or "unknown"))


_LOOKS: Final[dict[str, Callable[[Call, Any], None]]] = {
    "LLMContextUserTurnFrame": _user_turn,
    "LLMMessagesAppendFrame": _appended,
    "LLMFullResponseStartFrame": lambda call, _: call.response_began(),
    "LLMTextFrame": lambda call, frame: call.text_came(frame.text),
    "LLMFullResponseEndFrame": lambda call, _: call.response_ended(),
    "TTSSpeakFrame": lambda call, frame: call.said_by_bot(frame.text),
    "FunctionCallsStartedFrame": _functions_started,
    "FunctionCallResultFrame": lambda call, frame: call.function_done(frame),
    "ErrorFrame": _error,
    "FatalErrorFrame": _error,
}
"""What is done at which kind of frame; all others (audio, fifty a second) cost one look into this table."""


def _make_observer(call: Call) -> Any:
    """Return an observer of the public kind."""
    from pipecat.observers.base_observer import BaseObserver  # pyright: ignore[reportMissingImports]

    class Observer(BaseObserver):
        async def on_push_frame(self, data: Any) -> None:
            try:
                call.pushed(data)
            except Exception as error:  # noqa: BLE001 - guard
                guard.note("pipecat.frame", error)

    return Observer()


def _definition(config: Any) -> dict[str, object]:
    """Return the graph of a flow that is data: its functions are the edges, its branches their cases."""
    nodes = [{"id": name, "type": "prompt"} for name in config.nodes]
    edges: list[dict[str, str]] = []
    for name, node in config.nodes.items():
        for function in [*node.functions, *config.global_functions]:
            edges += [{"from": name, "to": to, "label": label} for to, label in _ways(function)]
    return {"id": f"flow:{config.initial_node}", "nodes": nodes, "edges": edges}


def _ways(function: Any) -> list[tuple[str, str]]:
    to = function.transition_to
    if to is None or isinstance(to, str):
        return [(to, function.name)] if to else []
    ways = [(node, f"{function.name}: {to.field} = {value}") for value, node in to.cases.items()]
    return [*ways, (to.default, f"{function.name}: otherwise")] if to.default else ways


def _learned(first_node: str) -> Flow | None:
    """Return the flow of a bot that makes its nodes as it goes."""
    flow_id = f"flow:{first_node}"
    return otel_botlogs.find_flow(flow_id) or otel_botlogs.flow({"id": flow_id}, learned=True)


def _branch(flows: WeakSet[Any], node_id: str | None, function_name: str) -> Any:
    """Return the branch by which a function of a flow that is data decides, if it does."""
    for flow in flows:
        node = flow.config.nodes.get(node_id)
        for function in [*(node.functions if node else ()), *flow.config.global_functions]:
            if function.name == function_name and hasattr(function.transition_to, "cases"):
                return function.transition_to
    return None


def _is_error(result: Any) -> bool:
    return isinstance(result, Mapping) and cast("Named", result).get("status") == "error" and "error" in result


def _stays_silent(properties: Any) -> bool:
    """Whether the model is not asked again and no transition follows."""
    return properties is not None and properties.run_llm is False and properties.on_context_updated is None


async def _nothing() -> None:
    """Stand for a coroutine that has nothing to do."""


def _argument(args: Arguments, kwargs: Named, position: int, name: str) -> Any:
    return args[position] if len(args) > position else kwargs[name]
