"""rasa-sdk: a custom action is a node action, inside a turn of the sender's conversation.

The Rasa server runs the dialogue; the action server is told of it by the tracker that comes with each call. From that
come the user's words and intent, the flow and step, and what the bot said meanwhile without any custom action. The
flows' graphs are in the Rasa project and not in the SDK, so the flow is learned from which action follows which.
"""

from __future__ import annotations

from contextlib import ExitStack
from importlib import import_module
from typing import Any

import otel_botlogs
from otel_botlogs import active
from otel_botlogs.instrumentors.base import RuntimeInstrumentor
from otel_botlogs.instrumentors.patches import Patches
from otel_botlogs.instrumentors.rasa_sdk.result import tell_result
from otel_botlogs.instrumentors.rasa_sdk.tracker import Ending, Senders, Tracker, flow_of


class RasaSdkInstrumentor(RuntimeInstrumentor):
    """Records the actions that an action server executes, over HTTP, gRPC or by hand."""

    supported = ("rasa-sdk >= 3.20, < 4",)

    def _patch(self, patches: Patches) -> None:
        interfaces = import_module("rasa_sdk.interfaces")
        # Rejecting is how a form leaves the turn to others; without its domain an action is called again with it.
        names = ("ActionExecutionRejection", "ActionMissingDomainException")
        self._control_flow = tuple(
            error for name in names if isinstance(error := getattr(interfaces, name, None), type)
        )
        self._senders = Senders()
        patches.observe("rasa_sdk.executor", "ActionExecutor.run", self._action, _ran)

    def _action(self, executor: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Opened | None:
        """Open the sender's conversation, the turn of the latest message, and the action's node."""
        call: Any = args[0] if args else kwargs["action_call"]
        name = call.get("next_action")
        if active.pipeline() is None or not name:
            return None
        tracker = Tracker(call.get("tracker") or {})
        seen = self._senders.look(tracker, frozenset(executor.actions))
        opened, ending = Opened(tracker), Ending()
        conversation = otel_botlogs.conversation(
            tracker.sender_id or call.get("sender_id"), channel=tracker.channel, new=seen.is_first_message
        )
        opened.enter_context(conversation)
        opened.callback(ending.over, conversation)
        turn = opened.enter_context(
            conversation.turn(
                tracker.text if seen.message_is_new else None,
                index=tracker.turn_index,
                message_id=tracker.message_id if seen.message_is_new else None,
                not_errors=self._control_flow,
            )
        )
        seen.tell(turn)
        opened.ending = ending
        opened.node = opened.enter_context(
            turn.node(name, type=_kind(name), flow=flow_of(tracker, name), not_errors=self._control_flow)
        )
        return opened


class Opened(ExitStack):
    """All that is open around an action."""

    def __init__(self, tracker: Tracker) -> None:
        super().__init__()
        self.tracker = tracker
        self.ending: Ending | None = None
        self.node: otel_botlogs.Node | None = None


def _ran(opened: Opened, result: Any) -> None:
    """Say what the action returned."""
    if opened.node is None or result is None:
        return
    reason = tell_result(opened.node, opened.tracker, result)
    if reason is not None and opened.ending is not None:
        opened.ending.reason = reason


def _kind(name: str) -> str:
    """Return the node's type by Rasa's naming: asking for a slot, validating it, or doing something."""
    if name.startswith("action_ask_"):
        return "prompt"
    return "validation" if name.startswith("validate_") or name == "action_validate_slot_mappings" else "action"
