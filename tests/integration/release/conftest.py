"""A world of its own for every test of the release engine."""

from collections.abc import Iterator

import pytest

from botlogs_collector.store.client import Database
from tests.support.hold import World


@pytest.fixture
def world(database: Database) -> Iterator[World]:
    """Return a store, an engine and a clock; everything is kept. No move stays begun: other engines would make it."""
    world = World(database)
    yield world
    if world.hold.unfinished():
        world.run()
