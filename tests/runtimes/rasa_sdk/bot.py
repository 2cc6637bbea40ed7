"""Rasa's side of an order bot's talk, driven offline: the action server's executor is called as Rasa does."""

# packages: rasa_sdk

import asyncio
import logging
from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection, ActionMissingDomainException

log = logging.getLogger("orders")
DOMAIN = {"slots": {}}


class AskOrderId(Action):
    def name(self) -> str:
        return "action_ask_order_id"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Any]:
        dispatcher.utter_message(text="What is your order id?")
        return [SlotSet("requested_slot", "order_id")]


class ValidateOrder(FormValidationAction):
    def name(self) -> str:
        return "validate_order_form"

    async def required_slots(self, *_: Any) -> list[str]:
        return ["order_id"]

    def validate_order_id(self, value: Any, dispatcher: CollectingDispatcher, *_: Any) -> dict[str, Any]:
        if str(value).isdigit():
            return {"order_id": value}
        dispatcher.utter_message(text="That is no order id.")
        return {"order_id": None}


class LookUp(Action):
    def name(self) -> str:
        return "action_look_up"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Any]:
        log.warning("looking up an order")
        if tracker.get_slot("order_id") == "13":
            raise KeyError("no such order")
        return [SlotSet("status", "sent"), FollowupAction("action_tell")]


class Tell(Action):
    def name(self) -> str:
        return "action_tell"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Any]:
        dispatcher.utter_message(text="It is on its way.")
        return [{"event": "session_ended"}]


class Reject(Action):
    def name(self) -> str:
        return "action_reject"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Any]:
        raise ActionExecutionRejection(self.name())


class Server:
    """Rasa's side: keeps a sender's tracker and sends it along with each call."""

    def __init__(self, executor: ActionExecutor, sender: str) -> None:
        self._executor = executor
        self._sender = sender
        self.events: list[dict[str, Any]] = []
        self.slots: dict[str, Any] = {}
        self._message: dict[str, Any] = {}
        self.stack: list[dict[str, Any]] = []

    def user(self, text: str, intent: str) -> None:
        number = sum(event["event"] == "user" for event in self.events) + 1
        self._message = {
            "text": text,
            "message_id": f"{self._sender}-{number}",
            "intent": {"name": intent, "confidence": 0.9},
            "entities": [],
        }
        self.events.append({"event": "user", "text": text})

    def says(self, text: str) -> None:
        self.events += [{"event": "action", "name": "utter_greet"}, {"event": "bot", "text": text}]

    async def run(self, name: str) -> None:
        call = {
            "next_action": name,
            "sender_id": self._sender,
            "tracker": {
                "sender_id": self._sender,
                "latest_message": self._message,
                "latest_input_channel": "rest",
                "events": self.events,
                "slots": self.slots,
                "stack": self.stack,
                "active_loop": {"name": "order_form"} if name.startswith("validate_") else {},
            },
            "domain": DOMAIN,
        }
        try:
            result = await self._executor.run(call)
        except (ActionExecutionRejection, ActionMissingDomainException):
            return
        self.events.append({"event": "action", "name": name})
        self.events += [{"event": "bot", "text": response.get("text")} for response in result.responses]
        self.events += result.events
        self.slots.update({event["name"]: event["value"] for event in result.events if event["event"] == "slot"})


async def main() -> None:
    executor = ActionExecutor()
    for action in (AskOrderId, ValidateOrder, LookUp, Tell, Reject):
        executor.register_action(action)

    happy = Server(executor, "ann")
    happy.user("where is my order?", "order_status")
    await happy.run("action_ask_order_id")
    happy.user("what?", "inform")
    happy.slots["order_id"] = "what?"
    happy.events.append({"event": "slot", "name": "order_id", "value": "what?"})
    await happy.run("validate_order_form")
    happy.says("Please say a number.")
    happy.user("4711", "inform")
    happy.slots["order_id"] = "4711"
    happy.stack = [{"flow_id": "order_status", "step_id": "look_up", "frame_type": "regular"}]
    await happy.run("action_look_up")
    await happy.run("action_tell")

    broken = Server(executor, "bob")
    broken.user("where is 13?", "order_status")
    broken.slots["order_id"] = "13"
    await broken.run("action_reject")
    try:
        await broken.run("action_look_up")
    except KeyError:
        pass
    else:
        raise AssertionError("the action's own error did not arrive")

    async def one(number: int) -> None:
        server = Server(executor, f"at-once-{number}")
        server.user("where is my order?", "order_status")
        await server.run("action_ask_order_id")

    await asyncio.gather(*(one(number) for number in range(5)))
    print(*happy.events, *broken.events, happy.slots, broken.slots, sep="\n")


if __name__ == "__main__":
    asyncio.run(main())
