"""A task of a graph: one node doing its work, and after it what it wrote: variables, messages, the next nodes."""

from __future__ import annotations

from types import TracebackType
from typing import Any

import otel_botlogs
from otel_botlogs import Node, semconv
from otel_botlogs.instrumentors.langgraph.plan import END
from otel_botlogs.instrumentors.langgraph.run import Run
from otel_botlogs.instrumentors.langgraph.words import bot_words
from otel_botlogs.scope import current_scope

_TO = "branch:to:"
_JOIN = "join:"
_SENDS = "__pregel_tasks"
_INTERNAL = ("__", _TO, _JOIN)


class TaskAction:
    """The node action of a task, to be entered around it."""

    __slots__ = ("_control_flow", "_run", "_task", "node")

    def __init__(self, run: Run, task: Any, control_flow: type[BaseException]) -> None:
        scope = current_scope()
        parent = scope if isinstance(scope, Node) else otel_botlogs.current_turn()
        self._run = run
        self._task = task
        self._control_flow = control_flow
        self.node = parent.node(task.name, flow=run.plan.flow, not_errors=(control_flow,))

    def __enter__(self) -> TaskAction:
        self.node.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if isinstance(error, self._control_flow):
                self._stopped(error)
        finally:
            self._run.with_subgraph.discard(id(self.node))
            self.node.__exit__(kind, error, trace)

    def ran(self, _: object) -> None:
        """Say what the task wrote; it has returned and the node is still open."""
        names: list[str] = []
        before = self._task.input if isinstance(self._task.input, dict) else {}
        for channel, value in self._task.writes:
            if channel.startswith(_TO):
                names.append(channel.removeprefix(_TO))
            elif channel.startswith(_JOIN):
                names.append(channel.rpartition(":")[2])
            elif channel == _SENDS:
                self.node.transition(value.node, "Send")
            elif not channel.startswith(_INTERNAL):
                self._wrote(channel, value, before.get(channel))
        for name in names:
            self._goes_to(name)
        if not names and self._run.plan.can_end_after(self._task.name):
            self._goes_to(END)

    def _goes_to(self, name: str) -> None:
        reason, is_condition = self._run.plan.way(self._task.name, name)
        if is_condition:
            self.node.branch(reason, taken=name)
        self.node.transition(name, reason)

    def _wrote(self, channel: str, value: object, before: object) -> None:
        if value is before:
            return  # a subgraph gives its whole state back
        replies, is_messages = bot_words(value, before)
        if id(self.node) not in self._run.with_subgraph:  # its nodes have said it
            for text in replies:
                self.node.reply(text)
        if not is_messages:
            self.node.set_variable(channel, value, old=before)

    def _stopped(self, error: BaseException) -> None:
        """Tell an interrupt, which asks the user, from a jump to the parent graph."""
        interrupts = error.args[0] if error.args and isinstance(error.args[0], (list, tuple)) else ()
        asked = [one for one in interrupts if self._run.asks(one)]
        for interrupt in asked:
            self.node.reply(interrupt.value, message_type="interrupt")
        if asked:
            self.node.wait("interrupt")
            return
        command = error.args[0] if error.args else None
        if (goto := getattr(command, "goto", None)) and isinstance(goto, str):
            # The target is a node of the parent's graph, no edge of this one.
            named = {semconv.BOT_TRANSITION_TO: goto, semconv.BOT_TRANSITION_REASON: "Command(graph=PARENT)"}
            self.node.event(semconv.EVENT_NODE_TRANSITION, **named)
