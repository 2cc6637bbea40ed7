"""Bot Framework dialogs, of botbuilder and of its successor, the Microsoft 365 Agents SDK; one adapter, two names.

A waterfall is a flow, its steps and the prompts that they begin are its nodes. A step hands over to the next one
by calling it, so a node ends where the next begins and not when the call comes back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from contextvars import ContextVar, Token
from functools import lru_cache
from importlib import import_module
from itertools import pairwise
from types import TracebackType
from typing import Any, ClassVar, Final

import otel_botlogs
from otel_botlogs import Conversation, Flow, Node, Turn
from otel_botlogs.instrumentors.base import RuntimeInstrumentor
from otel_botlogs.instrumentors.patches import Patches
from otel_botlogs.recorder import Recorder
from otel_botlogs.scope import current_scope

_action: ContextVar[Action | None] = ContextVar("otel_botlogs.bot_framework.action", default=None)
_exchange: ContextVar[Exchange | None] = ContextVar("otel_botlogs.bot_framework.exchange", default=None)
_MESSAGE: Final = "message"
_END: Final = "endOfConversation"


class _DialogsInstrumentor(RuntimeInstrumentor):
    """What both packages have in common, which is all but the names of their modules."""

    dialogs: ClassVar[str]
    core: ClassVar[str]
    adapter: ClassVar[str]

    def _patch(self, patches: Patches) -> None:
        package = import_module(self.dialogs)
        self._waterfall: type[Any] = package.WaterfallDialog
        self._containers = (package.WaterfallDialog, package.ComponentDialog, package.DialogContainer)
        patches.observe(self.core, f"{self.adapter}.run_pipeline", self._came)
        patches.observe(f"{self.core}.middleware_set", "MiddlewareSet.receive_activity_with_status", self._handled)
        patches.observe(self.core, "TurnContext.send_activities", self._sent)
        patches.observe(self.dialogs, "WaterfallDialog.on_step", self._step, _done)
        patches.observe(self.dialogs, "DialogContext.begin_dialog", self._begun, _done)
        patches.observe(self.dialogs, "DialogContext.continue_dialog", self._continued, _done)
        patches.observe(self.dialogs, "DialogContext.end_active_dialog", self._ended)

    def _came(self, adapter: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Exchange | None:  # noqa: ARG002
        activity = _argument(args, kwargs, 0, "context").activity
        return None if activity is None else Exchange(activity)

    def _handled(self, middleware: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Swallowed:  # noqa: ARG002
        return Swallowed()

    def _sent(self, context: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:  # noqa: ARG002
        """The bot speaks, or ends the conversation."""
        exchange = _exchange.get()
        where: Recorder = current_scope() or otel_botlogs.current_turn()
        for activity in _argument(args, kwargs, 0, "activities"):
            kind = _text(activity.type) or _MESSAGE
            if kind == _MESSAGE:
                where.reply(_said(activity))
            elif kind == _END and exchange is not None:
                exchange.ends = _text(activity.code) or _END
            elif kind == "event":
                where.event_out(_text(activity.name) or kind, activity.value)

    def _step(self, waterfall: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Action:
        """A step of a waterfall runs."""
        step = _argument(args, kwargs, 0, "step_context")
        name = _step_name(waterfall, step.index)
        action = Action(
            name,
            name,
            "step",
            graph=_waterfall_flow(waterfall, _flow_id(step)),
            dialogs=step,
            reason=_reason(step.reason),
        )
        action.starts_flow = step.index == 0
        return action

    def _begun(self, dialogs: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Action | None:
        """A prompt, or another dialog without dialogs of its own, begins."""
        instance = dialogs.active_dialog
        return self._leaf(dialogs, _argument(args, kwargs, 0, "dialog_id"), instance, "BeginCalled")

    def _continued(self, dialogs: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Action | None:  # noqa: ARG002
        """A prompt is given the user's answer; if it does not like it, no step is called at all."""
        instance, below = dialogs.active_dialog, dialogs.stack[1:2]
        if instance is None:
            return None
        action = self._leaf(dialogs, instance.id, below[0] if below else None, "ContinueCalled")
        if action is not None and _text(dialogs.context.activity.type) == _MESSAGE:
            action.asked, action.answer = instance, dialogs.context.activity.text
        return action

    def _leaf(self, dialogs: Any, dialog_id: Any, below: Any, reason: str) -> Action | None:
        dialog = dialogs.find_dialog_sync(dialog_id) if dialog_id else None
        if dialog is None or isinstance(dialog, self._containers):
            return None
        kind = "prompt" if hasattr(dialog, "on_prompt") or "Prompt" in type(dialog).__name__ else "dialog"
        waterfall = dialogs.find_dialog_sync(below.id) if below is not None else None
        if below is None or not isinstance(waterfall, self._waterfall):
            return Action(dialog_id, dialog_id, kind, graph=None, dialogs=dialogs, reason=reason)
        asker = _step_name(waterfall, below.state.get("stepIndex", 0))
        graph = _waterfall_flow(waterfall, _flow_id(dialogs, below.id))
        return Action(dialog_id, f"{asker}:{dialog_id}", kind, graph=graph, dialogs=dialogs, reason=reason)

    def _ended(self, dialogs: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """A dialog leaves the stack; of a waterfall that is the end of a flow."""
        instance = dialogs.active_dialog
        if instance is not None and isinstance(dialogs.find_dialog_sync(instance.id), self._waterfall):
            reason = _reason(_argument(args, kwargs, 0, "reason"))
            flow_id = _flow_id(dialogs)
            otel_botlogs.current_turn().event("bot.flow.complete", **{"bot.flow.id": flow_id, "reason": reason})


class BotBuilderInstrumentor(_DialogsInstrumentor):
    """Records the conversations of Bot Framework bots (botbuilder-dialogs)."""

    supported = ("botbuilder-dialogs >= 4.14, < 5",)
    dialogs = "botbuilder.dialogs"
    core = "botbuilder.core"
    adapter = "BotAdapter"


class MicrosoftAgentsInstrumentor(_DialogsInstrumentor):
    """Records the conversations of Microsoft 365 agents with dialogs (microsoft-agents-hosting-dialogs).

    The package's own spans (`agents.…`) are neither turns nor nodes; they stay and lie in the turn.
    """

    supported = ("microsoft-agents-hosting-dialogs >= 1.0, < 2",)
    dialogs = "microsoft_agents.hosting.dialogs"
    core = "microsoft_agents.hosting.core"
    adapter = "ChannelAdapter"


class Exchange:
    """The conversation and the turn of one incoming activity, as long as its pipeline runs."""

    def __init__(self, activity: Any) -> None:
        self._activity = activity
        self._token: Token[Exchange | None] | None = None
        self.ends: str | None = None
        identity, user = activity.conversation, activity.from_property
        self.conversation: Conversation = otel_botlogs.conversation(
            None if identity is None else identity.id,
            channel=_text(activity.channel_id),
            user_id=None if user is None else user.id,
        )
        message = activity.text if _text(activity.type) == _MESSAGE else None
        self.turn: Turn = self.conversation.turn(message, message_id=activity.id)

    def __enter__(self) -> Exchange:
        self._token = _exchange.set(self)
        self.conversation.__enter__()
        self.turn.__enter__()
        kind = _text(self._activity.type) or "activity"
        if kind == _END:
            self.ends = _text(self._activity.code) or _END
        elif kind != _MESSAGE:
            self.turn.event_in(_text(self._activity.name) or kind, self._activity.value)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.turn.__exit__(kind, error, trace)
        if self.ends is not None:
            self.conversation.end(self.ends)
        self.conversation.__exit__(kind, error, trace)
        if self._token is not None:
            _exchange.reset(self._token)


class Swallowed(AbstractContextManager["Swallowed"]):
    """Sees an error before the adapter gives it to the bot's `on_turn_error` and keeps it to itself."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        exchange = _exchange.get()
        if isinstance(error, Exception) and exchange is not None:
            exchange.turn.record_error(error)


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
            attempt = _attempt(self.asked.state)
            self.node.validation_fail(self.asked.id, attempt=attempt, value=self.answer)
        self.node.wait("for the user's answer")

    def _tell_values(self) -> None:
        now: Mapping[str, object] = getattr(self._dialogs, "values", None) or {}
        for name, value in now.items():
            if name not in self._values or self._values[name] is not value:
                self.node.set_variable(name, value, old=self._values.get(name))
        self._values = dict(now)


def _done(action: Action, result: Any) -> None:
    action.came_back(getattr(getattr(result, "status", None), "name", ""))


def _argument(args: Sequence[Any], kwargs: Mapping[str, Any], position: int, name: str) -> Any:
    return args[position] if len(args) > position else kwargs[name]


def _text(value: Any) -> str | None:
    """Return a text, or an enumeration's value as text."""
    return None if value is None else str(getattr(value, "value", value))


def _reason(reason: Any) -> str:
    return getattr(reason, "name", None) or str(reason)


def _said(activity: Any) -> str:
    return activity.text or ", ".join(str(card.content_type) for card in activity.attachments or ())


def _attempt(state: Mapping[str, Any]) -> int | None:
    """Return how often the prompt was answered: the Agents SDK counts always, botbuilder if there is a validator."""
    counted = (state.get("state") or {}).get("AttemptCount")
    attempts = counted or getattr(state.get("options"), "number_of_attempts", None)
    return int(attempts) if attempts else None


def _step_name(waterfall: Any, index: int) -> str:
    return str(waterfall.get_step_name(index)).rpartition(".")[2]


def _flow_id(dialogs: Any, waterfall_id: str | None = None) -> str:
    """Return the waterfall's id under those of the dialogs that contain it: `Main/Booking`."""
    names = [waterfall_id or dialogs.active_dialog.id]
    outer = dialogs.parent
    while outer is not None:
        if outer.active_dialog is not None:
            names.insert(0, outer.active_dialog.id)
        outer = outer.parent
    return "/".join(names)


def _waterfall_flow(waterfall: Any, flow_id: str) -> Flow | None:
    count = len(getattr(waterfall, "_steps", ()))  # no public name; without it all is learned
    return _declare(flow_id, tuple(_step_name(waterfall, index) for index in range(count)))


@lru_cache(maxsize=1000)
def _declare(flow_id: str, steps: tuple[str, ...]) -> Flow | None:
    """Declare the steps and their order; which prompts they begin is seen at run time."""
    nodes = [{"id": step, "type": "step"} for step in steps]
    edges = [{"from": one, "to": next_one, "label": "next step"} for one, next_one in pairwise(steps)]
    return otel_botlogs.flow({"id": flow_id, "nodes": nodes, "edges": edges}, learned=True)
