"""A call of Telegram's Bot API: what the bot says, and what else it asks for."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any, Final

from otel_botlogs.scope import current_scope

_URL: Final = "https://api.telegram.org/bot<token>/"
_SPEAKING: Final = ("send", "edit", "copy", "forward")
_SILENT: Final = ("sendChatAction",)


class ApiCall:
    """One call of a method; afterwards it is told, as what the bot said or as an API call."""

    def __init__(self, method: Any) -> None:
        self._method = method
        self._started_ns = 0

    @classmethod
    def of(cls, _: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> ApiCall | None:
        """Look at `bot(method)`; outside of any conversation there is nobody to tell it to."""
        return None if current_scope() is None else cls(args[0] if args else kwargs["method"])

    def __enter__(self) -> None:
        self._started_ns = time.perf_counter_ns()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        place, said = current_scope(), spoken(self._method)
        if place is None:
            return
        if error is None and said is not None:
            place.reply(said[0], message_type=said[1])
            return
        name = str(self._method.__api_method__)
        place.api(
            "POST",
            _URL + name,
            name=name,
            duration_ms=(time.perf_counter_ns() - self._started_ns) / 1e6,
            error=None if error is None else type(error).__name__,
        )


def spoken(method: object) -> tuple[str, str] | None:
    """Return text and kind of what a method says to the user; None if it says nothing, or is no method."""
    name = getattr(method, "__api_method__", None)
    if not isinstance(name, str) or not name.startswith(_SPEAKING) or name in _SILENT:
        return None
    text = getattr(method, "text", None) or getattr(method, "caption", None) or ""
    kind = "text" if name == "sendMessage" else name.removeprefix("send").lower() if name.startswith("send") else name
    return str(text), kind
