"""An invocation: one message to the runner and what comes of it, a turn of the conversation that its session is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from opentelemetry import context as otel_context
from opentelemetry.context import Context, create_key

import otel_botlogs
from otel_botlogs import Node
from otel_botlogs.activity import Active
from otel_botlogs.instrumentors.google_adk.events import said
from otel_botlogs.instrumentors.google_adk.graph import workflows_of

_KEY: Final = create_key("otel_botlogs.google_adk.invocation")


def invocation_of(context: Context | None = None) -> Invocation | None:
    """Return the invocation that *context*, by default the running one, belongs to."""
    return cast("Invocation | None", otel_context.get_value(_KEY, context))


class Invocation:
    """One message to the runner and what comes of it, driven like a turn."""

    def __init__(self, runner: Any, kwargs: Mapping[str, Any]) -> None:
        session = kwargs.get("session")  # `run_live` may be given one
        self.root: Any = runner.agent
        self.nodes: dict[str, Node] = {}  # the latest of each name
        self.workflows = {workflow.name: workflow for workflow in workflows_of(self.root)}
        self.conversation = otel_botlogs.conversation(
            kwargs.get("session_id") or getattr(session, "id", None),
            user_id=kwargs.get("user_id") or getattr(session, "user_id", None),
        )
        message = kwargs.get("new_message")
        self.turn = self.conversation.turn(said(message))
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
