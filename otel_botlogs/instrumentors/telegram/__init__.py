"""python-telegram-bot: an update is a turn, a handler's callback a node action, a state a wait for the user.

A chat is a conversation; in a group each user of it has one. It ends where a `ConversationHandler` says `END` or times
out. The library catches what handlers raise and passes it to `process_error`: the turn is marked there.
"""

from __future__ import annotations

from contextlib import ExitStack
from importlib import import_module
from typing import Any

import otel_botlogs
from otel_botlogs import active
from otel_botlogs.instrumentors.base import RuntimeInstrumentor
from otel_botlogs.instrumentors.patches import Patches
from otel_botlogs.instrumentors.telegram.api import ApiCall
from otel_botlogs.instrumentors.telegram.dialog import Place, Step, current_place, open_place
from otel_botlogs.instrumentors.telegram.updates import CHANNEL, Ending, conversation_id, kind_of, user_words

_EXT = "telegram.ext"


class TelegramInstrumentor(RuntimeInstrumentor):
    """Records the updates that an `Application` processes."""

    supported = ("python-telegram-bot >= 21, < 23",)

    def _patch(self, patches: Patches) -> None:
        ext = import_module(_EXT)
        self._stop: type[BaseException] = ext.ApplicationHandlerStop
        self._conversation_handler: type = ext.ConversationHandler
        patches.observe(_EXT, "Application.process_update", self._turn)
        patches.observe(_EXT, "Application.process_error", _swallowed)
        patches.observe(_EXT, "ConversationHandler.handle_update", self._dialog, Place.returned)
        patches.observe(_EXT, "ConversationHandler._trigger_timeout", self._timeout)
        patches.observe(_EXT, "BaseHandler.handle_update", self._step, Step.returned)
        if not patches.observe("telegram", "Bot._do_post", ApiCall.of_endpoint):
            patches.observe("telegram", "Bot.send_message", ApiCall.of_message)

    def _turn(self, _: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> ExitStack | None:
        """Open the chat's conversation and a turn around all handlers of an update."""
        update: Any = args[0] if args else kwargs["update"]
        if active.pipeline() is None or not hasattr(update, "effective_chat"):
            return None
        opened, ending = ExitStack(), Ending()
        conversation = _conversation(update)
        opened.enter_context(conversation)
        opened.callback(ending.over, conversation)
        text, kind = user_words(update)
        turn = opened.enter_context(
            conversation.turn(text, message_type=kind, message_id=_message_id(update), not_errors=(self._stop,))
        )
        opened.enter_context(ending)
        if text is None:
            turn.event_in(kind_of(update))
        return opened

    def _dialog(self, handler: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Place | None:
        """Say which conversation handler is at work and in which state."""
        check_result = args[2] if len(args) > 2 else kwargs["check_result"]
        return None if active.pipeline() is None else open_place(handler, check_result[0])

    def _step(self, handler: Any, *_: object) -> Step | None:
        """Give the node action that a handler's callback is."""
        return None if active.pipeline() is None else Step(current_place(), handler, self._stop)

    def _timeout(self, handler: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> ExitStack | None:
        """Open the conversation around the handlers of the state TIMEOUT; afterwards it is over."""
        context = args[0] if args else kwargs["context"]
        about = context.job.data
        if active.pipeline() is None:
            return None
        opened = ExitStack()
        conversation = _conversation(about.update)
        opened.enter_context(conversation)
        opened.callback(_end_if_left, conversation, handler, about.conversation_key)
        opened.enter_context(open_place(handler, handler.TIMEOUT))
        return opened


def _conversation(update: Any) -> otel_botlogs.Conversation:
    user = update.effective_user
    return otel_botlogs.conversation(
        conversation_id(update), channel=CHANNEL, user_id=None if user is None else str(user.id)
    )


def _message_id(update: Any) -> str | None:
    message = update.effective_message
    return None if message is None else str(message.message_id)


def _end_if_left(conversation: otel_botlogs.Conversation, handler: Any, key: object) -> None:
    if key not in handler._conversations:  # noqa: SLF001 - else the user was quicker than the time-out
        conversation.end("ConversationHandler.TIMEOUT")


def _swallowed(_: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Mark the turn: the library has caught the error; the handler's node has it already if it came from one."""
    error = args[1] if len(args) > 1 else kwargs["error"]
    otel_botlogs.current_turn().record_error(error)
