"""A step or a prompt at work; it hands over to the next one by calling it, so it ends where that begins."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Any

import otel_botlogs
from otel_botlogs import Flow, Node
from otel_botlogs.instrumentors.bot_framework.words import attempt_of

_action: ContextVar[Action | None] = ContextVar("otel_botlogs.bot_framework.action", default=None)


class Action:
    """A node action that ends when the runtime goes on to the next one, inside the same call."""

    def __init__(self, name: str, node_id: str, kind: str, *, graph: Flow | None, dialogs: Any, reason: str) -> None:
        self.flow = graph
        self.reason = reason
        self.starts_flow = False
        self.asked: Any = None  # the prompt's place on the stack, if it was given an answer
        self.answer: object = None
        self._dialogs = dialogs
        self.node_id = node_id
        self._values: Mapping[str, object] = dict(getattr(dialogs, "values", None) or {})
        self._token: Token[Action | None] | None = None
        self._left = False
        self.node: Node = otel_botlogs.current_turn().node(name, id=node_id, type=kind, flow=graph)

    def __enter__(self) -> Action:
        before = _action.get()
        if before is not None:
            before.hand_over(self)
        if self.starts_flow and self.flow is not None:
            otel_botlogs.current_turn().flow_start(self.flow.id, trigger=self.reason)
        self._token = _action.set(self)
        self.node.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._token is not None:
            _action.reset(self._token)
        self._tell_values()
        self.node.__exit__(kind, error, trace)

    def hand_over(self, to: Action) -> None:
        """End this node: *to* begins."""
        self._left = True
        self._tell_values()
        if to.flow is self.flow:
            self.node.transition(to.node_id, to.reason)
        elif to.flow is not None and self.flow is not None:
            otel_botlogs.current_turn().flow_switch(self.flow.id, to.flow.id, trigger=to.reason)
        self.node.finish()

    def came_back(self, status: str) -> None:
        """The call came back; unless something else went on in it, the node now waits or is done."""
        if self._left or status != "Waiting":
            return
        if self.asked is not None and self._dialogs.active_dialog is self.asked:
            attempt = attempt_of(self.asked.state)
            self.node.validation_fail(self.asked.id, attempt=attempt, value=self.answer)
        self.node.wait("for the user's answer")

    def _tell_values(self) -> None:
        now: Mapping[str, object] = getattr(self._dialogs, "values", None) or {}
        for name, value in now.items():
            if name not in self._values or self._values[name] is not value:
                self.node.set_variable(name, value, old=self._values.get(name))
        self._values = dict(now)


def done(action: Action, result: Any) -> None:
    """Tell *action* with which status the runtime's call came back."""
    action.came_back(getattr(getattr(result, "status", None), "name", ""))
