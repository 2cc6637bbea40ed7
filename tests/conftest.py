"""Fixtures that several suites use."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from botlogs_collector.store.client import Database
from tests.support.store import Store, cluster_store, open_store

# Speed is measured in tests/bench alone; a busy machine must not fail a property.
settings.register_profile("botlogs", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("botlogs")


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The one embedded engine of this test process, with its schema made."""
    folder = tmp_path_factory.mktemp("engine")
    if os.environ.get("BOTLOGS_TESTS_STORE") == "cluster":  # `make test-cluster`
        with cluster_store(folder) as opened:
            yield opened
        return
    opened = open_store(folder)
    yield opened
    opened.database.close()


@pytest.fixture(scope="session")
def database(store: Store) -> Database:
    """The engine of `store`, for tests that speak SQL."""
    return store.database
