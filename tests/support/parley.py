"""A small bot runtime, as the guide for instrumentors needs one: flows of steps, pauses, branches, swallowed errors.

It knows nothing of telemetry. A step is a function of the state that returns the name of the next step, or None
at the end; it pauses for the user by raising `Pause`, and is run again with the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Step = Callable[["State"], "str | None"]


class Pause(Exception):
    """The step waits for the user."""


@dataclass
class State:
    """One user's place in the flow."""

    session: str
    step: str
    answer: str | None = None
    replies: list[str] = field(default_factory=list[str])
    values: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class Flow:
    """Named steps, the first of which starts."""

    name: str
    steps: dict[str, Step]


class Engine:
    """Runs a flow for many users."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self._states: dict[str, State] = {}

    def handle(self, session: str, text: str) -> list[str]:
        """Return the bot's replies to *text*."""
        first = next(iter(self.flow.steps))
        state = self._states.setdefault(session, State(session, first))
        state.answer, state.replies = text, []
        step: str | None = state.step
        while step is not None:
            state.step = step
            try:
                step = self.run_step(state)
            except Pause:
                return state.replies
            except Exception as error:  # noqa: BLE001 - this runtime keeps errors to itself, as many do
                return self.recover(state, error)
        del self._states[session]
        return state.replies

    def run_step(self, state: State) -> str | None:
        """Run the state's step and return the name of the next one."""
        return self.flow.steps[state.step](state)

    def recover(self, state: State, error: Exception) -> list[str]:
        """Answer for a step that failed."""
        state.step = next(iter(self.flow.steps))
        return [*state.replies, "Something went wrong."]
