"""What a call's tracker says: who, what was said and understood, and what has happened since the call before."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any, Final, cast

import otel_botlogs

_MAX_SENDERS: Final = 10_000
_LISTEN: Final = "action_listen"
_DEFAULT_FLOW: Final = "rasa"


class Tracker:
    """The tracker of a call, as the JSON that came."""

    def __init__(self, json: dict[str, Any]) -> None:
        self._message: dict[str, Any] = json.get("latest_message") or {}
        self.events: list[dict[str, Any]] = json.get("events") or []
        self.slots: dict[str, Any] = dict(json.get("slots") or {})  # the SDK changes the dict that came
        self.sender_id: str | None = json.get("sender_id")
        self.channel: str | None = json.get("latest_input_channel")
        self.latest_action: str | None = json.get("latest_action_name")
        self.active_loop: str | None = (json.get("active_loop") or {}).get("name")
        self.stack: list[dict[str, Any]] = json.get("stack") or []

    @property
    def text(self) -> str | None:
        """What the user said last."""
        return self._message.get("text")

    @property
    def message_id(self) -> str | None:
        """Its id."""
        return self._message.get("message_id")

    @property
    def turn_index(self) -> int | None:
        """How many messages the user has sent; every process counts the same."""
        return sum(event.get("event") == "user" for event in self.events) or None

    @property
    def intent(self) -> dict[str, Any]:
        """What was understood: `name` and `confidence`."""
        return self._message.get("intent") or {}

    @property
    def intents(self) -> list[Any] | None:
        """The other intents that it might have been, ranked."""
        return self._message.get("intent_ranking")

    @property
    def entities(self) -> list[Any] | None:
        """The entities in it."""
        return self._message.get("entities")


class Ending:
    """Why the conversation is over, if the action said so; done when the turn is finished."""

    def __init__(self) -> None:
        self.reason: str | None = None

    def over(self, conversation: otel_botlogs.Conversation) -> None:
        """End *conversation* if need be."""
        if self.reason is not None:
            conversation.end(self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is new in a tracker."""

    tracker: Tracker
    message_is_new: bool
    is_first_message: bool
    replies: tuple[str, ...]

    def tell(self, turn: otel_botlogs.Turn) -> None:
        """Say what was understood, and what the server has said by itself."""
        tracker = self.tracker
        if self.message_is_new and tracker.intent:
            name, confidence = tracker.intent.get("name"), tracker.intent.get("confidence")
            turn.nlu(name, confidence, intents=tracker.intents, entities=tracker.entities)
        for text in self.replies:
            turn.reply(text, message_type="server")


class Senders:
    """How far each sender's events were seen; bounded, the least recently seen goes first."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[int, str | None]] = {}
        self._lock = threading.Lock()

    def look(self, tracker: Tracker, own_actions: frozenset[str]) -> Seen:
        """Return what is new since the sender's call before.

        Of a sender that this process does not know, that is what came after the latest message. What *own_actions*
        said was told when they ran.
        """
        events = tracker.events
        latest = max((at for at, event in enumerate(events) if event.get("event") == "user"), default=0)
        identity = tracker.message_id or str(latest)
        with self._lock:
            at, message = self._last.pop(tracker.sender_id or "", (latest, None))
            self._last[tracker.sender_id or ""] = len(events), identity
            if len(self._last) > _MAX_SENDERS:
                del self._last[next(iter(self._last))]
        return Seen(
            tracker=tracker,
            message_is_new=message != identity,
            is_first_message=(tracker.turn_index or 1) <= 1,
            replies=tuple(_server_replies(events, min(at, len(events)), own_actions)),
        )


def flow_of(tracker: Tracker, action: str) -> otel_botlogs.Flow | None:
    """Return the flow that the action runs in: the stack's, the form's, or the bot's; learned."""
    frames = [frame for frame in tracker.stack if frame.get("flow_id")]
    name = str(frames[-1]["flow_id"]) if frames else tracker.active_loop or _DEFAULT_FLOW
    flow = otel_botlogs.find_flow(name) or otel_botlogs.flow({"id": name}, learned=True)
    previous = _previous_action(tracker)
    if flow is not None and previous is not None:
        flow.learn_node(previous, previous, "action")
        flow.learn_edge(previous, action, str(frames[-1].get("step_id")) if frames else tracker.intent.get("name"))
    return flow


def _previous_action(tracker: Tracker) -> str | None:
    """Return the action before; between turns there is Rasa's listening, which is no node."""
    names = (event.get("name") for event in reversed(tracker.events) if event.get("event") == "action")
    return next((str(name) for name in names if name and name != _LISTEN), None)


def _server_replies(events: list[dict[str, Any]], start: int, own_actions: frozenset[str]) -> list[str]:
    action: object = None
    replies: list[str] = []
    for at, event in enumerate(events):
        if event.get("event") == "action":
            action = event.get("name")
        elif event.get("event") == "bot" and at >= start and action not in own_actions:
            replies.append(str(event.get("text") or cast("dict[str, Any]", event.get("data") or {}) or ""))
    return replies
