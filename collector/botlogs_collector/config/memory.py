"""How much memory a collector takes at most: a sum of what its settings bound."""

import os
from typing import Final

from botlogs_collector.config.settings import Settings

# Python, gRPC, the engine's own code and what it keeps at hand, after hours of load.
_PROGRAM_BYTES: Final = 512 * 1024**2
# A request waits as it came, and is at most parsed, cut into scopes and joined to a commit beside that.
_COPIES: Final = 4
_SIGNALS: Final = 2  # each commits by itself
# What ClickHouse takes of a machine where `storage.max_memory_bytes` says nothing.
_ENGINE_SHARE: Final = 0.6


def memory_ceiling_bytes(settings: Settings) -> int:
    """Return the most that `botlogs serve` takes with *settings*: its engine, what waits to be stored, the program.

    On a ClickHouse server (`clickhouse://`) the engine's part is the server's.
    """
    otlp, storage = settings.receivers.otlp, settings.storage
    waiting = _COPIES * (otlp.max_pending_bytes + _SIGNALS * otlp.max_commit_bytes)
    engine = 0
    if storage.dsn.startswith("chdb:"):
        engine = storage.max_memory_bytes or round(_ENGINE_SHARE * _machine_bytes())
    return engine + waiting + _PROGRAM_BYTES


def _machine_bytes() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
