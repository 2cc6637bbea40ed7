"""A changed retention changes the tables, on a store that exists."""

from pathlib import Path

from botlogs_collector.clock import SystemClock
from botlogs_collector.config.duration import parse_duration
from botlogs_collector.config.settings import Settings, Storage
from botlogs_collector.store.client import Database
from botlogs_collector.store.migrate import migrate
from botlogs_collector.store.retention import apply_retention
from tests.support.clickhouse_http import clickhouse_server


def test_a_changed_retention_is_applied_once(tmp_path: Path) -> None:
    """Tables are altered when the configuration differs from them, and left alone when it does not."""
    shorter = Storage(retention=parse_duration("30d"), hold_retention=parse_duration("48h"))
    with clickhouse_server(tmp_path / "store") as dsn:
        database = Database(dsn)
        migrate(database, Settings(), SystemClock())

        unchanged = apply_retention(database, Storage())
        changed = apply_retention(database, shorter)
        again = apply_retention(database, shorter)
        ddl = database.rows("SHOW CREATE TABLE botlogs_held.otel_traces")[0]["statement"]
        database.close()

    assert (unchanged, again) == ([], [])
    assert {"botlogs.otel_logs", "botlogs.otel_traces", "botlogs.receipts", "botlogs_held.otel_logs"} <= set(changed)
    assert "toIntervalSecond(172800)" in ddl
