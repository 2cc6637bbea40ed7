"""A call of Telegram's Bot API: what the bot says, and what else it asks for. The token never leaves."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any, Final

from otel_botlogs.scope import current_scope

_URL: Final = "https://api.telegram.org/bot<token>/"
_POLLING: Final = ("getUpdates", "getMe", "setWebhook", "deleteWebhook")
_SPEAKING: Final = ("send", "edit", "copy", "forward")
_SILENT: Final = ("sendChatAction",)


class ApiCall:
    """One call; afterwards it is told, as what the bot said or as an API call."""

    def __init__(self, endpoint: str, data: dict[str, Any]) -> None:
        self._endpoint = endpoint
        self._data = data
        self._started_ns = 0

    @classmethod
    def of_endpoint(cls, _: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> ApiCall | None:
        """Look at `Bot._do_post(endpoint, data)`."""
        endpoint = str(args[0] if args else kwargs["endpoint"])
        data = args[1] if len(args) > 1 else kwargs["data"]
        return None if endpoint in _POLLING else cls(endpoint, data)

    @classmethod
    def of_message(cls, _: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> ApiCall:
        """Look at `Bot.send_message(chat_id, text)`, where the other is not there."""
        return cls("sendMessage", {"text": args[1] if len(args) > 1 else kwargs.get("text")})

    def __enter__(self) -> None:
        self._started_ns = time.perf_counter_ns()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        place = current_scope()
        if place is None:
            return  # outside of any conversation
        if error is None and self._endpoint.startswith(_SPEAKING) and self._endpoint not in _SILENT:
            place.reply(self._data.get("text") or self._data.get("caption") or "", message_type=self._kind())
            return
        place.api(
            "POST",
            _URL + self._endpoint,
            name=self._endpoint,
            duration_ms=(time.perf_counter_ns() - self._started_ns) / 1e6,
            error=None if error is None else type(error).__name__,
        )

    def _kind(self) -> str:
        """Return what was sent: `text`, `photo`, `edited`…."""
        if not self._endpoint.startswith("send"):
            return self._endpoint
        return "text" if self._endpoint == "sendMessage" else self._endpoint.removeprefix("send").lower()
