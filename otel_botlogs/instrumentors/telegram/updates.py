"""What an update says: whose conversation it is, what the user said, and in which way."""

from __future__ import annotations

from contextvars import ContextVar, Token
from typing import Any, Final

import otel_botlogs

CHANNEL: Final = "telegram"
_ending: ContextVar[Ending | None] = ContextVar("otel_botlogs_telegram_ending", default=None)


class Ending:
    """Why the conversation is over, if it is: told while handlers run, done when the turn is finished.

    What comes after the end of a conversation would open it again.
    """

    def __init__(self) -> None:
        self._reason: str | None = None
        self._turn_is_over = False
        self._token: Token[Ending | None] | None = None

    def __enter__(self) -> None:
        self._token = _ending.set(self)

    def __exit__(self, *_: object) -> None:
        if self._token is not None:
            _ending.reset(self._token)

    def over(self, conversation: otel_botlogs.Conversation) -> None:
        """End *conversation* if a handler said so; the turn is finished."""
        self._turn_is_over = True
        if self._reason is not None:
            conversation.end(self._reason)

    def because(self, reason: str) -> None:
        """Say that the conversation is over; at once if a handler that does not block outlived the turn."""
        self._reason = reason
        if self._turn_is_over:
            otel_botlogs.current_conversation().end(reason)


def end_conversation(reason: str) -> None:
    """End the conversation once the turn of the running code is finished."""
    if (ending := _ending.get()) is not None:
        ending.because(reason)


def conversation_id(update: Any) -> str | None:
    """Return the chat's id, in a group with the user's: each user talks with the bot alone."""
    chat, user = update.effective_chat, update.effective_user
    if chat is None:
        return None if user is None else str(user.id)
    if user is None or chat.id == user.id:
        return str(chat.id)
    return f"{chat.id}:{user.id}"


def user_words(update: Any) -> tuple[str | None, str | None]:
    """Return what the user said and how: `text`, `callback_query` (a button), `photo`…; None for no message."""
    if (query := update.callback_query) is not None:
        return str(query.data or query.game_short_name or ""), "callback_query"
    if (query := update.inline_query) is not None:
        return str(query.query), "inline_query"
    message = update.effective_message
    if message is None or message.left_chat_member or message.new_chat_members:
        return None, None
    if message.text is not None:
        return str(message.text), "text"
    attachment = message.effective_attachment
    kind = "photo" if isinstance(attachment, (list, tuple)) else type(attachment).__name__.lower()
    return str(message.caption or ""), kind if attachment is not None else "other"


def kind_of(update: Any) -> str:
    """Return which kind of update it is, by the name of the field that Telegram filled."""
    names = (name for name in type(update).__slots__ if not name.startswith("_") and name != "update_id")
    return next((name for name in names if getattr(update, name, None) is not None), "update")
