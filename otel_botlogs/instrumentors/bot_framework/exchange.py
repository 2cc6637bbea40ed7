"""One incoming activity: its conversation, its turn, and the error that the adapter keeps to itself."""

from __future__ import annotations

from contextlib import AbstractContextManager
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Any, Final

import otel_botlogs
from otel_botlogs import Conversation, Turn
from otel_botlogs.instrumentors.bot_framework.words import text_of

MESSAGE: Final = "message"
END: Final = "endOfConversation"
_exchange: ContextVar[Exchange | None] = ContextVar("otel_botlogs.bot_framework.exchange", default=None)


def current_exchange() -> Exchange | None:
    """Return the exchange whose pipeline runs."""
    return _exchange.get()


class Exchange:
    """The conversation and the turn of one incoming activity, as long as its pipeline runs."""

    def __init__(self, activity: Any) -> None:
        self._activity = activity
        self._token: Token[Exchange | None] | None = None
        self.ends: str | None = None
        identity, user = activity.conversation, activity.from_property
        self.conversation: Conversation = otel_botlogs.conversation(
            None if identity is None else identity.id,
            channel=text_of(activity.channel_id),
            user_id=None if user is None else user.id,
        )
        message = activity.text if text_of(activity.type) == MESSAGE else None
        self.turn: Turn = self.conversation.turn(message, message_id=activity.id)

    def __enter__(self) -> Exchange:
        self._token = _exchange.set(self)
        self.conversation.__enter__()
        self.turn.__enter__()
        kind = text_of(self._activity.type) or "activity"
        if kind == END:
            self.ends = text_of(self._activity.code) or END
        elif kind != MESSAGE:
            self.turn.event_in(text_of(self._activity.name) or kind, self._activity.value)
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
