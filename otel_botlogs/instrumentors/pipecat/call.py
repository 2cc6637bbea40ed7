"""One call: its conversation, its running turn, and the node that works in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from opentelemetry.trace import get_current_span

import otel_botlogs
from otel_botlogs import Conversation, Flow, Node, Turn
from otel_botlogs.instrumentors.pipecat.definition import branch_of
from otel_botlogs.recorder import Recorder


class Call:
    """One pipeline's conversation, its running turn, and the node that works in it."""

    def __init__(self, conversation_id: str | None) -> None:
        self._conversation_id = conversation_id
        self._conversation: Conversation | None = None
        self._turn: Turn | None = None
        self._answered = False  # the bot has spoken in this turn
        self._text: list[str] = []
        self._functions = 0  # calls that the model has asked for and that have no result yet
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

    def decided(self, info: Mapping[str, Any], flows: Iterable[Any]) -> None:
        """Note the function, and the value of its result that chose the way."""
        function = str(info.get("function_name"))
        self._reason, branch = function, branch_of(flows, self._node_id, function)
        result = info.get("result")
        if branch is not None and isinstance(result, Mapping):
            value = cast("Mapping[str, object]", result).get(branch.field)
            self._reason = f"{function}: {branch.field}"[:200]  # its value is content: the condition's operand has it
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
        problem = (
            cast("Mapping[str, object]", result).get("error") if _is_error(result) else getattr(frame, "error", None)
        )
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


def _is_error(result: Any) -> bool:
    return (
        isinstance(result, Mapping)
        and cast("Mapping[str, object]", result).get("status") == "error"
        and "error" in result
    )


def _stays_silent(properties: Any) -> bool:
    """Whether the model is not asked again and no transition follows."""
    return properties is not None and properties.run_llm is False and properties.on_context_updated is None
