"""The schema: made once, checked at each start, every SQL file of it run; routes follow the configuration."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from botlogs_collector.clock import ManualClock
from botlogs_collector.config.duration import parse_duration
from botlogs_collector.config.settings import Environment, Settings
from botlogs_collector.errors import StartError
from botlogs_collector.store import statements
from botlogs_collector.store.client import Database
from botlogs_collector.store.migrate import SCHEMA_VERSION, migrate, schema_version, write_environments
from tests.support.clickhouse_http import clickhouse_server
from tests.support.processes import run
from tests.support.store import LASTING


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Database]:
    """An empty store of a test's own; behind HTTP, since a process can have one embedded engine."""
    with clickhouse_server(tmp_path / "data") as dsn:
        database = Database(dsn)
        yield database
        database.close()


def test_every_schema_file_makes_its_object(database: Database) -> None:
    """A file is named after what it makes, and it is there."""
    found = {f"{row['database']}.{row['name']}" for row in database.rows("SELECT database, name FROM system.tables")}

    expected = {name.partition("_")[2] for name in statements.schema_names()} - {"databases"}
    assert expected - found == set()


def test_a_store_of_a_newer_version_is_refused_and_left_alone(empty: Database) -> None:
    """The message says which versions meet and the ways out."""
    migrate(empty, Settings(), ManualClock())
    empty.insert("botlogs.schema_version", [[99, 1]], ["Version", "AppliedAt"])

    with pytest.raises(
        StartError, match=rf"schema version 99, this is version {SCHEMA_VERSION} .* upgrade this one, or name another"
    ):
        migrate(empty, Settings(), ManualClock())

    assert schema_version(empty) == 99


def test_routes_follow_the_configuration(empty: Database) -> None:
    """A name that is taken away counts as unknown; one that is added, or changes, is routed at once."""
    migrate(empty, Settings(), ManualClock(1))
    live, held = Environment(release_delay=parse_duration("0")), Environment()
    changed = replace(Settings(), environments={"production": held, "staging": held, "preview": live})

    write_environments(empty, changed, ManualClock(2))

    routes = {
        name: empty.rows(
            "SELECT joinGet('botlogs.routes', 'Environment', {n:String}) AS e, "
            "joinGet('botlogs.routes', 'Live', {n:String}) AS live",
            n=name,
        )[0]
        for name in ("", "sandbox", "staging", "preview")
    }
    assert routes == {
        "": {"e": "production", "live": False},
        "sandbox": {"e": "", "live": False},
        "staging": {"e": "staging", "live": False},
        "preview": {"e": "preview", "live": True},
    }


def test_whole_requests_from_kafka_are_flattened_alike(empty: Database) -> None:
    """A row of the request tables, as ClickHouse's Kafka engine writes it, ends where the receivers' requests do."""
    migrate(empty, LASTING, ManualClock())
    trace, span = "unhex('000102030405060708090a0b0c0d0e0f')", "unhex('0102030405060708')"

    empty.command(
        "INSERT INTO botlogs_ingest.otlp_traces (resource_spans) SELECT "
        f"[(([], 3), [(('lib', '1', [], 4), [({trace}, {span}, 'state', '', 1, 'node', 1, 5, 7, [], 6, [], 8, [], 9, "
        "('bad', 2))], 'scope-url')], 'resource-url')]"
    )

    rows = empty.rows(
        "SELECT TraceId, SpanId, SpanName, Duration, StatusCode, DroppedCounts, ScopeSchemaUrl,"
        " ReceivedAt > Timestamp AS now FROM botlogs_held.otel_traces"
    )
    assert rows == [
        {
            "TraceId": "000102030405060708090a0b0c0d0e0f",
            "SpanId": "0102030405060708",
            "SpanName": "node",
            "Duration": 2,
            "StatusCode": "Error",
            "DroppedCounts": [6, 8, 9, 3, 4],
            "ScopeSchemaUrl": "scope-url",
            "now": 1,
        }
    ]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """One line, exit code 2."""
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")

    ended = run("migrate", environ={"BOTLOGS_STORAGE__DSN": f"chdb://{in_the_way}/data"})

    assert ended.returncode == 2
    assert str(in_the_way) in ended.stderr
    assert "Traceback" not in ended.stderr


def test_every_view_for_people_says_what_it_is(database: Database) -> None:
    """A person with a SQL prompt reads what a view answers, and what each of its columns means, in the store itself."""
    views = database.rows("SELECT name, comment FROM system.tables WHERE database = 'botlogs' AND engine = 'View'")
    columns = database.rows(
        "SELECT table, name, comment FROM system.columns"
        " WHERE database = 'botlogs' AND table IN ('conversations', 'timeline')"
    )

    assert {row["name"] for row in views} >= {"conversations", "timeline", "log_at", "node_at"}
    assert [row["name"] for row in views if not row["comment"]] == []
    assert {row["table"] for row in columns} == {"conversations", "timeline"}
    assert [(row["table"], row["name"]) for row in columns if not row["comment"]] == []
