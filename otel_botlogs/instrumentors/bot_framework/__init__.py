"""Bot Framework dialogs, of botbuilder and of its successor, the Microsoft 365 Agents SDK; one adapter, two names.

A waterfall is a flow, its steps and the prompts that they begin are its nodes. A step hands over to the next one
by calling it, so a node ends where the next begins and not when the call comes back.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, ClassVar

import otel_botlogs
from otel_botlogs import semconv
from otel_botlogs.instrumentors.base import RuntimeInstrumentor
from otel_botlogs.instrumentors.bot_framework.action import Action, done
from otel_botlogs.instrumentors.bot_framework.exchange import END, MESSAGE, Exchange, Swallowed, current_exchange
from otel_botlogs.instrumentors.bot_framework.waterfall import flow_id, step_name, waterfall_flow
from otel_botlogs.instrumentors.bot_framework.words import argument, reason_of, said, text_of
from otel_botlogs.instrumentors.patches import Patches
from otel_botlogs.recorder import Recorder
from otel_botlogs.scope import current_scope


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
        patches.observe(self.dialogs, "WaterfallDialog.on_step", self._step, done)
        patches.observe(self.dialogs, "DialogContext.begin_dialog", self._begun, done)
        patches.observe(self.dialogs, "DialogContext.continue_dialog", self._continued, done)
        patches.observe(self.dialogs, "DialogContext.end_active_dialog", self._ended)

    def _came(self, adapter: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Exchange | None:  # noqa: ARG002
        activity = argument(args, kwargs, 0, "context").activity
        return None if activity is None else Exchange(activity)

    def _handled(self, middleware: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Swallowed:  # noqa: ARG002
        return Swallowed()

    def _sent(self, context: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:  # noqa: ARG002
        """The bot speaks, or ends the conversation."""
        exchange = current_exchange()
        where: Recorder = current_scope() or otel_botlogs.current_turn()
        for activity in argument(args, kwargs, 0, "activities"):
            kind = text_of(activity.type) or MESSAGE
            if kind == MESSAGE:
                where.reply(said(activity))
            elif kind == END and exchange is not None:
                exchange.ends = text_of(activity.code) or END
            elif kind == "event":
                where.event_out(text_of(activity.name) or kind, activity.value)

    def _step(self, waterfall: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Action:
        """A step of a waterfall runs."""
        step = argument(args, kwargs, 0, "step_context")
        name = step_name(waterfall, step.index)
        action = Action(
            name,
            name,
            "step",
            graph=waterfall_flow(waterfall, flow_id(step)),
            dialogs=step,
            reason=reason_of(step.reason),
        )
        action.starts_flow = step.index == 0
        return action

    def _begun(self, dialogs: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Action | None:
        """A prompt, or another dialog without dialogs of its own, begins."""
        instance = dialogs.active_dialog
        return self._leaf(dialogs, argument(args, kwargs, 0, "dialog_id"), instance, "BeginCalled")

    def _continued(self, dialogs: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Action | None:  # noqa: ARG002
        """A prompt is given the user's answer; if it does not like it, no step is called at all."""
        instance, below = dialogs.active_dialog, dialogs.stack[1:2]
        if instance is None:
            return None
        action = self._leaf(dialogs, instance.id, below[0] if below else None, "ContinueCalled")
        if action is not None and text_of(dialogs.context.activity.type) == MESSAGE:
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
        asker = step_name(waterfall, below.state.get("stepIndex", 0))
        graph = waterfall_flow(waterfall, flow_id(dialogs, below.id))
        return Action(dialog_id, f"{asker}:{dialog_id}", kind, graph=graph, dialogs=dialogs, reason=reason)

    def _ended(self, dialogs: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """A dialog leaves the stack; of a waterfall that is the end of a flow."""
        instance = dialogs.active_dialog
        if instance is not None and isinstance(dialogs.find_dialog_sync(instance.id), self._waterfall):
            reason = reason_of(argument(args, kwargs, 0, "reason"))
            named = {semconv.BOT_FLOW_ID: flow_id(dialogs), semconv.BOT_FLOW_REASON: reason}
            otel_botlogs.current_turn().event(semconv.EVENT_FLOW_COMPLETE, **named)


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
