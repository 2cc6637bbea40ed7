"""What a collector may take of memory follows from its settings."""

from botlogs_collector.config.load import load_settings
from botlogs_collector.config.memory import memory_ceiling_bytes

_GIB = 1024**3


def test_memory_is_bounded_by_what_is_configured() -> None:
    """Half the engine's memory and half of what may wait are that much less in all."""
    engine = {"BOTLOGS_STORAGE__MAX_MEMORY_BYTES": str(4 * _GIB)}
    half_engine = {"BOTLOGS_STORAGE__MAX_MEMORY_BYTES": str(2 * _GIB)}
    half_waiting = {**engine, "BOTLOGS_RECEIVERS__OTLP__MAX_PENDING_BYTES": str(64 * 1024**2)}

    whole = memory_ceiling_bytes(load_settings(None, engine))

    assert whole - memory_ceiling_bytes(load_settings(None, half_engine)) == 2 * _GIB
    assert whole - memory_ceiling_bytes(load_settings(None, half_waiting)) == 4 * 64 * 1024**2


def test_a_servers_memory_is_not_the_collectors() -> None:
    """With ClickHouse elsewhere the collector takes what waits and itself."""
    server = load_settings(None, {"BOTLOGS_STORAGE__DSN": "clickhouse://db:8123/"})

    assert memory_ceiling_bytes(server) < 2 * _GIB
