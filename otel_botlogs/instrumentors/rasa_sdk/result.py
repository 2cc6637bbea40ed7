"""What an action returned: slots that it set, what it said, whom it waits for, where it leads."""

from __future__ import annotations

from typing import Any, Final

import otel_botlogs
from otel_botlogs.instrumentors.rasa_sdk.tracker import Tracker

_ENDS: Final = {"session_ended": "session ended", "restart": "restarted"}
_RICH: Final = ("buttons", "elements", "attachment", "image", "custom")


def tell_result(node: otel_botlogs.Node, tracker: Tracker, result: Any) -> str | None:
    """Write the events and responses of *result*; return why the conversation is over, if it is."""
    responses: list[dict[str, Any]] = getattr(result, "responses", None) or []
    for response in responses:
        _reply(node, response)
    ends: str | None = None
    events: list[dict[str, Any]] = getattr(result, "events", None) or []
    for event in events:
        kind, name = str(event.get("event")), event.get("name")
        if kind == "slot" and name is not None:
            _slot(node, tracker, str(name), event.get("value"))
        elif kind == "followup" and name is not None:
            node.transition(str(name), "followup action")
        elif kind == "pause":
            node.handoff("a person", reason="conversation paused")
        elif kind in _ENDS:
            ends = _ENDS[kind]
    if node.name.startswith("action_ask_") and node.outcome != "waiting":
        node.wait(f"for slot {node.name.removeprefix('action_ask_')}")
    return ends


def _slot(node: otel_botlogs.Node, tracker: Tracker, name: str, value: object) -> None:
    if name == "requested_slot":
        if value is not None:
            node.wait(f"for slot {value}")
        return
    before = tracker.slots.get(name)
    if value is None and before is not None and node.name.startswith("validate_"):
        node.validation_fail(f"validate_{name}", value=before)
    node.set_variable(name, value, old=before)


def _reply(node: otel_botlogs.Node, response: dict[str, Any]) -> None:
    rich = next((name for name in _RICH if response.get(name)), None)
    text = response.get("text") or response.get("response") or (response[rich] if rich else "")
    node.reply(text, message_type=rich or "text")
