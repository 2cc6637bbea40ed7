"""A store of which one statement hangs until it is let go: a slow engine, or a process that stands still before it."""

import threading
from collections.abc import Callable

from botlogs_collector.store.client import Database
from tests.support.failing_store import StoppingDatabase


class HangingDatabase(StoppingDatabase):
    """The real store; the *step*-th statement that writes hangs."""

    def __init__(self, database: Database, step: int) -> None:
        super().__init__(database)
        self._left = step
        self.hangs = threading.Event()
        self.let_go = threading.Event()

    def _write(self, name: str, write: Callable[[], None]) -> None:
        self._left -= 1
        if self._left == 0:
            self.hangs.set()
            assert self.let_go.wait(60)
        write()
