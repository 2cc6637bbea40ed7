"""A world of its own for every test of the release engine."""

import pytest

from botlogs_collector.store.client import Database
from tests.support.hold import World


@pytest.fixture
def world(database: Database) -> World:
    """Return a store, an engine and a clock; everything is kept."""
    return World(database)
