"""What an update says: whose conversation it is, and what the user said in which way."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

from otel_botlogs import guard

CHANNEL: Final = "telegram"


def conversation_and_user(dispatcher: Any, bot: Any, update: Any) -> tuple[str | None, str | None]:
    """Return the ids of the conversation and the user, as the dispatcher's strategy tells conversations apart."""
    user = _field(update, "from_user")
    try:
        middleware = import_module("aiogram.dispatcher.middlewares.user_context")
        event_context = middleware.UserContextMiddleware.resolve_event_context(update)
        context = dispatcher.fsm.resolve_event_context(bot, {middleware.EVENT_CONTEXT_KEY: event_context})
        if context is None:
            return None, None if user is None else str(user.id)
        key = context.key
        parts = [key.chat_id, *([key.user_id] if key.user_id != key.chat_id else []), key.thread_id]
        return ":".join(str(part) for part in parts if part is not None), str(event_context.user_id or key.user_id)
    except (AttributeError, ImportError, TypeError) as error:
        guard.drop("AiogramInstrumentor.key", f"aiogram's FSM strategy cannot be asked ({error}): the chat is taken")
    chat = _field(update, "chat") or user
    return None if chat is None else str(chat.id), None if user is None else str(user.id)


def user_words(update: Any) -> tuple[str | None, str | None]:
    """Return what the user said and how: `text`, `callback_query` (a button), `photo`…; None for no message."""
    if update.callback_query is not None:
        return str(update.callback_query.data or ""), "callback_query"
    if update.inline_query is not None:
        return str(update.inline_query.query), "inline_query"
    message = update.message or update.edited_message or update.business_message
    if message is None:
        return None, None
    return str(message.text or message.caption or ""), str(message.content_type).rpartition(".")[2].lower()


def message_id(update: Any) -> str | None:
    """Return the id of the message, if the update has one."""
    identifier = getattr(update.message or update.edited_message, "message_id", None)
    return None if identifier is None else str(identifier)


def _field(update: Any, name: str) -> Any:
    return getattr(getattr(update, update.event_type, None), name, None)
