"""A store that fails at a chosen statement: what a crash, or an answer that never comes, looks like to the real engine.

Stands before the real database and counts every statement that writes, whoever sends it.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from botlogs_collector.errors import Retryable
from botlogs_collector.store.client import Database

# The process dies before the statement reached the store, or after it ran; or it ran and nobody was told.
Fault = Literal["before", "after", "unanswered"]


class Crash(BaseException):
    """The process is gone: nothing may catch it."""


@dataclass
class Stop:
    """What was sent since, and which of it is to fail (from 1 on; 0: none)."""

    step: int = 0
    fault: Fault = "before"
    statements: list[str] = field(default_factory=list[str])

    @property
    def was_reached(self) -> bool:
        """Whether the chosen statement came."""
        return 0 < self.step <= len(self.statements)


class StoppingDatabase:
    """The real store; within `failing`, one of the statements that write fails."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._stop = Stop()

    @property
    def as_database(self) -> Database:
        """This, as what it stands for."""
        return cast("Database", self)

    @contextmanager
    def failing(self, step: int, fault: Fault) -> Generator[Stop]:
        """Let the *step*-th statement of the block fail; a crash ends the block and goes no further."""
        self._stop = stop = Stop(step, fault)
        try:
            yield stop
        except (Crash, Retryable):
            assert stop.was_reached
        finally:
            self._stop = Stop()

    def insert(self, table: str, *arguments: Any, **settings: Any) -> None:
        """As of the real one."""
        self._write(table, lambda: self._database.insert(table, *arguments, **settings))

    def run(self, name: str, *arguments: Any, **parameters: Any) -> None:
        """As of the real one."""
        self._write(name, lambda: self._database.run(name, *arguments, **parameters))

    def command(self, sql: str, *arguments: Any, **parameters: Any) -> None:
        """As of the real one."""
        self._write(sql[:60], lambda: self._database.command(sql, *arguments, **parameters))

    def _write(self, name: str, write: Callable[[], None]) -> None:
        stop = self._stop
        stop.statements.append(name)
        is_it = len(stop.statements) == stop.step
        if is_it and stop.fault == "before":
            raise Crash
        write()
        if is_it and stop.fault == "after":
            raise Crash
        if is_it:
            raise Retryable("ClickHouse: the answer did not come")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)
