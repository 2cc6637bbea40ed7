"""Fixtures that several suites use."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from botlogs_collector.store.client import Database
from tests.support.store import Store, cluster_store, open_store

# Speed is measured in tests/bench alone; a busy machine must not fail a property.
# 50 new examples at every run; those who search for long are in tests/fuzz.
settings.register_profile("botlogs", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("botlogs")

# What waits longest begins first, so that no process waits alone at the end.
_FIRST = ("demo", "tests/end_to_end", "tests/faults", "tests/integration", "tests/console")


def _home(nodeid: str) -> str:
    """Return what keeps a test in one process with others: its file, or the costly service that files share."""
    file = nodeid.partition("::")[0]
    if file in ("tests/end_to_end/test_demo.py", "tests/end_to_end/test_command_line.py"):
        return "demo"
    return file.rpartition("/")[0] if "/side_doors/" in file else file


class _ByHome(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return _home(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Keep the tests of a file together: what they share is started once and not once in each process."""
    return _ByHome(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what waits longest first; the rest stays in its random order."""
    homes = {item: _home(item.nodeid) for item in items}
    items.sort(key=lambda item: next((i for i, name in enumerate(_FIRST) if homes[item].startswith(name)), len(_FIRST)))


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
