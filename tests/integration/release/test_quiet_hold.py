"""A hold in which nothing can be due is not asked what is, and nothing is released late for it."""

from typing import Any, cast

import pytest

from botlogs_collector.store.client import Database, Row
from tests.support.hold import World, new_id

DELAY_S = 15 * 60


class NotingDatabase:
    """The real store; notes the names of what it is asked."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.asked: list[str] = []

    def query(self, name: str, **parameters: object) -> list[Row]:
        """As of the real one."""
        self.asked.append(name)
        return self._database.query(name, **parameters)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)


@pytest.fixture
def noting(database: Database) -> NotingDatabase:
    """Return the store of this file's worlds."""
    return NotingDatabase(database)


@pytest.fixture
def world(noting: NotingDatabase) -> World:
    """Return a world on the store that notes."""
    return World(cast("Database", noting))


def _rounds(world: World, noting: NotingDatabase, count: int, seconds: float = 2) -> list[str]:
    """Run rounds in which nothing is due; return the costly questions that were asked."""
    noting.asked.clear()
    for _ in range(count):
        assert world.after(seconds) == 0
    return [name for name in noting.asked if name in ("due_keys", "next_due")]


def test_a_quiet_hold_is_asked_twice_and_then_once_a_minute(world: World, noting: NotingDatabase) -> None:
    """Twice, to be sure that nothing happened meanwhile; then not before something can be due, or a minute passed."""
    world.spans(new_id())

    first = _rounds(world, noting, 20)
    later = _rounds(world, noting, 20)

    assert first == ["due_keys", "due_keys", "next_due"]
    assert later == ["due_keys", "next_due"]


def test_what_becomes_due_in_a_quiet_hold_is_released_to_the_second(world: World, noting: NotingDatabase) -> None:
    """The hold is quiet only until the next conversation's time."""
    conversation = new_id()
    world.spans(conversation)
    world.end(conversation)
    _rounds(world, noting, 5, (DELAY_S - 1) / 5)

    assert world.after(1) == 1
    assert world.visible_spans(conversation) == 1


def test_rows_that_arrive_end_the_quiet(world: World, noting: NotingDatabase) -> None:
    """What has just arrived may be due sooner than what was there."""
    world.spans(new_id())
    _rounds(world, noting, 5)

    world.spans(new_id())

    assert _rounds(world, noting, 1) == ["due_keys"]


def test_a_changed_environment_ends_the_quiet(world: World, noting: NotingDatabase, database: Database) -> None:
    """A shorter delay counts at once."""
    world.spans(new_id())
    _rounds(world, noting, 5)

    # The same row again: what counts is that one was written.
    database.command(
        "INSERT INTO botlogs.environments SELECT * REPLACE (Version + 1 AS Version) "
        "FROM botlogs.environments FINAL WHERE Name = 'staging'"
    )

    assert _rounds(world, noting, 1) == ["due_keys"]
