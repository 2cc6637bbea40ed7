"""Exceptions as they are written, and how one that passes through several nodes is written once."""

from __future__ import annotations

import traceback
from typing import Final

from otel_botlogs import semconv
from otel_botlogs.plain import cut

_MAX_STACK_BYTES: Final = 8192
_MAX_FRAMES: Final = 30


def error_type(error: BaseException) -> str:
    """Return the class of *error* with its module, as `error.type` wants it."""
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def error_attributes(error: BaseException) -> dict[str, object]:
    """Return the attributes of `bot.error`: type, message, and the stack without its message."""
    try:
        message = str(error)
    except Exception:  # noqa: BLE001 - an exception that cannot say what it is
        message = "<no message>"
    stack = "".join(traceback.format_tb(error.__traceback__, limit=-_MAX_FRAMES))
    name = error_type(error)
    return {
        semconv.ERROR_TYPE: name,
        semconv.EXCEPTION_TYPE: name,
        semconv.EXCEPTION_MESSAGE: message,
        semconv.EXCEPTION_STACKTRACE: cut(stack, _MAX_STACK_BYTES) or None,
    }


class PassingError:
    """The exception that is on its way up through the nodes and turns of a conversation.

    Known by its identity and the place it was raised at; the exception itself is neither kept (it would
    hold the bot's frames alive) nor marked (the bot gets it as it was).
    """

    __slots__ = ("_mark", "_pardoned")

    def __init__(self) -> None:
        self._mark: object = None
        self._pardoned = False

    def is_new(self, error: BaseException) -> bool:
        """Whether *error* comes up for the first time; from then on it does not."""
        mark = _mark(error)
        is_new, self._mark = self._mark != mark, mark
        self._pardoned = self._pardoned and not is_new
        return is_new

    def pardon(self, error: BaseException) -> None:
        """Remember that *error* is a runtime's control flow, so that what is further out takes it for that too."""
        self._mark, self._pardoned = _mark(error), True

    def is_pardoned(self, error: BaseException) -> bool:
        """Whether *error* was found to be control flow further in."""
        return self._pardoned and self._mark == _mark(error)

    def forget(self) -> None:
        """Forget it: something new starts, and an exception made then may have the same identity."""
        self._mark, self._pardoned = None, False


def _mark(error: BaseException) -> object:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = None if trace is None else (id(trace.tb_frame.f_code), trace.tb_lineno)
    return id(error), type(error), place
