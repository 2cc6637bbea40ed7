"""aiogram: an update is a turn, a handler a node action, a state of the machine a wait for the user.

A conversation is what the dispatcher's strategy keeps a state for: by default a user in a chat. It ends where a
handler clears the state that the update found.
"""

from __future__ import annotations

from contextlib import ExitStack
from importlib import import_module
from typing import Any

import otel_botlogs
from otel_botlogs import active
from otel_botlogs.instrumentors.aiogram.api import ApiCall, spoken
from otel_botlogs.instrumentors.aiogram.handlers import HandlerAction, SceneAction, callback_name
from otel_botlogs.instrumentors.aiogram.machine import Machine, Reason, current_machine, state_name
from otel_botlogs.instrumentors.aiogram.updates import CHANNEL, conversation_and_user, message_id, user_words
from otel_botlogs.instrumentors.base import RuntimeInstrumentor
from otel_botlogs.instrumentors.patches import Patches
from otel_botlogs.scope import current_scope

_HANDLER = "aiogram.dispatcher.event.handler"
_SCENE = "aiogram.fsm.scene"
_CONTEXT = "aiogram.fsm.context"
_LISTENER = "Dispatcher._listen_update"


class AiogramInstrumentor(RuntimeInstrumentor):
    """Records the updates that a `Dispatcher` is fed, by polling, by webhook or by hand."""

    supported = ("aiogram >= 3.10, < 4",)

    def _patch(self, patches: Patches) -> None:
        bases = import_module("aiogram.dispatcher.event.bases")
        self._control_flow: tuple[type[BaseException], ...] = (bases.SkipHandler, bases.CancelHandler)
        patches.observe("aiogram", "Dispatcher.feed_update", self._turn, _answered)
        patches.observe(_HANDLER, "HandlerObject.call", self._handler)
        patches.observe(_CONTEXT, "FSMContext.set_state", _set_state)
        patches.observe(_CONTEXT, "FSMContext.update_data", _set_data)
        patches.observe(_CONTEXT, "FSMContext.set_data", _set_data)
        patches.observe("aiogram", "Bot.__call__", ApiCall.of)
        for name in ("enter", "leave", "exit", "back", "retake", "goto"):
            patches.observe(_SCENE, f"SceneWizard.{name}", Reason.of(f"SceneWizard.{name}"))
        patches.observe(_SCENE, "SceneWizard._on_action", self._scene_action)

    def _turn(self, dispatcher: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> ExitStack | None:
        """Open the conversation and a turn around all that the update causes."""
        if active.pipeline() is None:
            return None
        bot = args[0] if args else kwargs["bot"]
        update = args[1] if len(args) > 1 else kwargs["update"]
        identifier, user = conversation_and_user(dispatcher, bot, update)
        opened, machine = ExitStack(), Machine()
        conversation = otel_botlogs.conversation(identifier, channel=CHANNEL, user_id=user)
        opened.enter_context(conversation)
        opened.callback(machine.over, conversation)
        text, kind = user_words(update)
        turn = conversation.turn(text, message_type=kind, message_id=message_id(update), not_errors=self._control_flow)
        opened.enter_context(turn)
        opened.enter_context(machine)
        if text is None:
            turn.event_in(update.event_type)
        return opened

    def _handler(self, handler: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> HandlerAction | None:
        """Give the node action that a handler is; the dispatcher's own listener is none."""
        if current_scope() is None or callback_name(handler.callback) == _LISTENER:
            return None
        event = args[0] if args else None
        if (error := getattr(event, "exception", None)) is not None:
            otel_botlogs.current_turn().record_error(error)  # the router's error handler keeps it to itself
        return HandlerAction(handler, kwargs, self._control_flow)

    def _scene_action(self, wizard: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> SceneAction | None:
        """Give the node action that entering or leaving a scene is, if the scene says what to do then."""
        action = args[0] if args else kwargs["action"]
        called = wizard.scene_config.actions.get(action, {}).get(wizard.update_type)
        return None if called is None or current_scope() is None else SceneAction(called, self._control_flow)


def _answered(_: ExitStack, result: object) -> None:
    """Say what a handler answered by returning a method, which goes out after the turn."""
    if (said := spoken(result)) is not None:
        otel_botlogs.current_turn().reply(said[0], message_type=said[1])


def _set_state(context: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Note the machine's new state; a scene's history has a machine of its own."""
    machine = current_machine()
    if machine is not None and getattr(context.key, "destiny", "default") == "default":
        machine.set_state(state_name(args[0] if args else kwargs.get("state")))


def _set_data(context: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Write the variables that are set."""
    place = current_scope()
    if place is None or getattr(context.key, "destiny", "default") != "default":
        return
    data = {**((args[0] if args else kwargs.get("data")) or {}), **kwargs}
    data.pop("data", None)
    for name, value in data.items():
        place.set_variable(str(name), value)
