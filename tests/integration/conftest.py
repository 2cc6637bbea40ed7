"""One embedded engine for all integration tests of a process: a process can open one data folder only."""

from collections.abc import Iterator

import pytest

from botlogs_collector.clock import ManualClock
from botlogs_collector.config.settings import Settings, Storage
from botlogs_collector.store.client import Database
from botlogs_collector.store.migrate import migrate


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Return the real embedded engine with the whole schema; tests tell their rows apart by trace id."""
    folder = tmp_path_factory.mktemp("store")
    opened = Database(f"chdb://{folder}")
    # Made-up times are years old: nothing may expire while a test looks at it.
    settings = Settings(storage=Storage(hold_retention=Storage().retention * 100, retention=Storage().retention * 100))  # pyright: ignore[reportArgumentType]
    migrate(opened, settings, ManualClock())
    yield opened
    opened.close()
