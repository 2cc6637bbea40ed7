"""The real embedded engine for tests: one a process, since one folder a process is all it allows.

Tests share it, in any order and in parallel: each uses ids of its own (`unique`).
"""

import itertools
import os
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from botlogs_collector.clock import SystemClock
from botlogs_collector.config.duration import parse_duration
from botlogs_collector.config.settings import Settings, Storage
from botlogs_collector.ports import Signal
from botlogs_collector.store.client import Database
from botlogs_collector.store.ingest import OtlpTables
from botlogs_collector.store.migrate import migrate
from tests.support.clickhouse_http import clickhouse_server

_counter = itertools.count()
# Made-up times may be years old: nothing may expire while a test looks at it.
_FOREVER = parse_duration("16000d")
LASTING = Settings(storage=Storage(retention=_FOREVER, hold_retention=_FOREVER))


@dataclass(frozen=True, slots=True)
class Store:
    """An open store with its schema, of default environments: sandbox and staging live, production held."""

    database: Database
    settings: Settings
    otlp: OtlpTables

    def insert(self, signal: Signal, *requests: bytes, received_unix_nano: int) -> None:
        """Put serialized OTLP requests in, as the receivers do."""
        self.otlp.insert(signal, requests, received_unix_nano)


def open_store(folder: Path) -> Store:
    """Open a fresh store under *folder*; close its database when done."""
    settings = LASTING
    database = Database(f"chdb://{folder / 'store'}")
    migrate(database, settings, SystemClock())
    return Store(database, settings, OtlpTables(database))


@contextmanager
def cluster_store(folder: Path) -> Generator[Store]:
    """Open a fresh store of a cluster's schema under *folder*, behind HTTP (tests/support/clickhouse_http.py)."""
    with clickhouse_server(folder / "cluster", cluster=True) as dsn:
        settings = replace(LASTING, storage=replace(LASTING.storage, dsn=dsn, cluster="main"))
        database = Database(dsn, cluster="main")
        migrate(database, settings, SystemClock())
        yield Store(database, settings, OtlpTables(database))
        database.close()


def unique(prefix: str = "conv") -> str:
    """Return an id that no other test uses, in this process or another."""
    return f"{prefix}-{os.getpid()}-{next(_counter)}-{uuid.uuid4().hex[:6]}"
