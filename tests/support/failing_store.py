"""A hold that dies at a chosen step: what a crash of the release engine looks like to the store."""

from collections.abc import Callable
from typing import Any


class Crash(BaseException):
    """The process is gone: nothing may catch it."""


class StopsAt:
    """Stands before a real hold and crashes before or after the *step*-th call that writes."""

    WRITES = ("write_receipts", "save_rates", "move")

    def __init__(self, hold: object, step: int, *, after: bool) -> None:
        self._hold = hold
        self._left = step
        self._after = after

    def __getattr__(self, name: str) -> Any:
        method: Callable[..., Any] = getattr(self._hold, name)
        if name not in self.WRITES:
            return method

        def call(*args: object) -> object:
            self._left -= 1
            if self._left == 0 and not self._after:
                raise Crash
            result = method(*args)
            if self._left == 0:
                raise Crash
            return result

        return call
