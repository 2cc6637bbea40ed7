"""A store that an older version wrote, with data in it, becomes one of this version: nothing is lost, rows arrive."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from botlogs_collector.clock import SystemClock
from botlogs_collector.store.client import Database, Row
from botlogs_collector.store.ingest import OtlpTables
from botlogs_collector.store.migrate import SCHEMA_VERSION, migrate, schema_version
from botlogs_collector.store.statements import split_statements
from tests.support.clickhouse_http import clickhouse_server
from tests.support.hold import add_spans
from tests.support.store import LASTING

_DATA = Path(__file__).parents[2] / "data"
# All that makes two schemas differ.
_QUESTIONS = (
    """SELECT database, table, name, type, default_kind, default_expression, compression_codec FROM system.columns
    WHERE database LIKE 'botlogs%' ORDER BY ALL""",
    # An ALTER puts its settings last.
    """SELECT database, name, engine, splitByString(' SETTINGS ', engine_full)[1] AS definition,
        arraySort(splitByString(', ', splitByString(' SETTINGS ', engine_full)[2])) AS settings, sorting_key, as_select
    FROM (SELECT * FROM system.tables WHERE database LIKE 'botlogs%') ORDER BY ALL""",
    """SELECT database, table, name, expr, type_full, granularity FROM system.data_skipping_indices
    WHERE database LIKE 'botlogs%' ORDER BY ALL""",
)
_TABLES = "SELECT database, name, engine FROM system.tables WHERE database LIKE 'botlogs%' AND engine LIKE '%MergeTree'"


class Crash(BaseException):
    """The process is gone: nothing may catch it."""


class FailingDatabase(Database):
    """The real store; the process dies before the *left*-th statement."""

    left = 1_000_000

    def command(self, sql: str, settings: object = None, **parameters: object) -> None:
        """As of the real one."""
        self.left -= 1
        if not self.left:
            raise Crash
        super().command(sql, settings, **parameters)  # pyright: ignore[reportArgumentType]


def spans_of(conversation: str, environment: str) -> bytes:
    """Return a request with one span."""
    request = ExportTraceServiceRequest()
    add_spans(request, conversation, SystemClock().now_ns(), 1, environment=environment)
    return request.SerializeToString()


@pytest.fixture(scope="module", params=range(1, SCHEMA_VERSION), ids="version {}".format)
def old(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FailingDatabase]:
    """A store as each older version left it; behind HTTP, since a process can have one embedded engine."""
    version: int = request.param
    with clickhouse_server(tmp_path_factory.mktemp("old") / "data") as dsn:
        database = FailingDatabase(dsn)
        for file in (f"schema_v{version}.sql", "rows_of_old_stores.sql"):
            for statement in split_statements((_DATA / file).read_text(encoding="utf-8")):
                database.command(statement)
        database.command("INSERT INTO botlogs.schema_version VALUES ({version:UInt32}, 1)", version=version)
        yield database
        database.close()


@dataclass(frozen=True, kw_only=True)
class Migrated:
    """A store of this version that was one of an older."""

    database: Database
    before: dict[str, list[Row]]
    after: dict[str, list[Row]]
    told: list[tuple[int, int, str]]


@pytest.fixture(scope="module")
def migrated(old: FailingDatabase) -> Migrated:
    """A migration that died six times on its way, and what was stored before and after it."""
    tables = [
        (f"{row['database']}.{row['name']}", "" if row["engine"] == "MergeTree" else "FINAL")
        for row in old.rows(_TABLES)
    ]
    before = {table: old.rows(f"SELECT * FROM {table} {final} ORDER BY ALL") for table, final in tables}
    version = schema_version(old)
    for statement in (2, 25, 40, 46, 49, 60):
        old.left = statement
        with pytest.raises(Crash):
            migrate(old, LASTING, SystemClock())
        assert schema_version(old) == version
    old.left = 1_000_000
    told: list[tuple[int, int, str]] = []
    done = migrate(old, LASTING, SystemClock(), lambda done, total, what: told.append((done, total, what)))
    assert done == f"migrated schema version {version} to {SCHEMA_VERSION}"
    after: dict[str, list[Row]] = {}
    for table, final in tables:
        columns = ", ".join(f"`{name}`" for name in before[table][0]) if before[table] else "*"
        after[table] = old.rows(f"SELECT {columns} FROM {table} {final} ORDER BY ALL")
    return Migrated(database=old, before=before, after=after, told=told)


def test_every_row_is_there_after_a_migration_that_was_killed_and_repeated(migrated: Migrated) -> None:
    """Spans and logs, held, live and released, states, receipts, grants, audit: each column of each row as before."""
    written_by_a_start = {"botlogs.schema_version", "botlogs.environments", "botlogs.channels"}

    for table in migrated.before.keys() - written_by_a_start:
        assert migrated.after[table] == migrated.before[table], table
        empty = {"botlogs_held.lease", "botlogs.forward_cursors", "botlogs.made_roots"}
        assert migrated.before[table] or table in empty, f"no row of {table} was looked at"


def test_a_migrated_store_has_the_same_tables_as_a_new_one(migrated: Migrated, database: Database) -> None:
    """Every column, type, default, codec, index, key and view: an ALTER that was forgotten shows here."""
    for question in _QUESTIONS:
        assert migrated.database.rows(question) == database.rows(question)


def test_rows_arrive_in_a_migrated_store(migrated: Migrated) -> None:
    """Held and live ones go where they belong, by routes that were filled anew."""
    for environment in ("production", "sandbox"):
        OtlpTables(migrated.database).insert(
            "traces", [spans_of(f"after-{environment}", environment)], SystemClock().now_ns()
        )

    found = {
        table: [
            row["ConversationId"]
            for row in migrated.database.rows(f"SELECT ConversationId FROM {table} WHERE ConversationId LIKE 'after%'")
        ]
        for table in ("botlogs_held.otel_traces", "botlogs.otel_traces")
    }
    assert found == {"botlogs_held.otel_traces": ["after-production"], "botlogs.otel_traces": ["after-sandbox"]}


def test_a_migration_says_how_far_it_is_and_how_many_rows_it_copies(migrated: Migrated) -> None:
    """Every statement is told of before it is run, the copies with their rows, and in the end that all are done."""
    total = migrated.told[-1][1]

    assert [step[0] for step in migrated.told] == list(range(total + 1))
    assert migrated.told[-1] == (total, total, "done")
    copies = [what for _, _, what in migrated.told if " rows, " in what]
    assert all(what[0] != "0" for what in copies)
    assert sum("ATTACH PARTITION" in what for what in copies) == 3
