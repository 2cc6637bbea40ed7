"""The finite-state machine of a conversation during one update: where it was, where it is, and who moved it."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar, Token
from typing import Any

import otel_botlogs

_machine: ContextVar[Machine | None] = ContextVar("otel_botlogs_aiogram_machine", default=None)


class Machine:
    """What happens to the state; a handler may clear it and set it again, what counts is where it ends."""

    def __init__(self) -> None:
        self.changed = False
        self.state: str | None = None
        self.reason: str | None = None
        self._found: str | None = None
        self._token: Token[Machine | None] | None = None

    def __enter__(self) -> None:
        self._token = _machine.set(self)

    def __exit__(self, *_: object) -> None:
        if self._token is not None:
            _machine.reset(self._token)

    def found(self, state: str | None) -> None:
        """Note the state in which the update found the conversation."""
        if not self.changed:
            self._found = self.state = state

    def set_state(self, state: str | None) -> None:
        """Note a new state."""
        self.changed = True
        self.state = state

    def over(self, conversation: otel_botlogs.Conversation) -> None:
        """End *conversation* if its state was cleared; its turn is finished."""
        if self.changed and self._found is not None and self.state is None:
            conversation.end("state cleared")


class Reason:
    """Names the scene's move during which the state is set; the outermost one is what the author called."""

    def __init__(self, machine: Machine, name: str) -> None:
        self._machine = machine
        self._name = name

    @classmethod
    def of(cls, name: str) -> Callable[[Any, tuple[Any, ...], dict[str, Any]], Reason | None]:
        """Give an observer of the move *name*."""

        def observer(*_: object) -> Reason | None:
            machine = current_machine()
            return None if machine is None or machine.reason is not None else cls(machine, name)

        return observer

    def __enter__(self) -> None:
        self._machine.reason = self._name

    def __exit__(self, *_: object) -> None:
        return None  # the handler that called it takes the reason


def current_machine() -> Machine | None:
    """Return the machine of the update that the running code handles."""
    return _machine.get()


def state_name(state: Any) -> str | None:
    """Return the name of a `State`, a text, or None."""
    name = getattr(state, "state", state)
    return None if name is None else str(name)


def state_id(state: str | None) -> str:
    """Return a state's node id."""
    return "end" if state is None else f"state:{state}"
