"""Bring a store to this version's schema: new ones are made, older ones migrated, newer ones refused."""

import re
from collections.abc import Callable

from botlogs_collector.clock import Clock
from botlogs_collector.config.settings import Settings, Storage
from botlogs_collector.errors import StartError
from botlogs_collector.store import statements
from botlogs_collector.store.client import Database
from botlogs_collector.store.placement import placed
from botlogs_collector.store.retention import apply_retention, cooled
from botlogs_collector.store.routes import await_routes

SCHEMA_VERSION = 3

Told = Callable[[int, int, str], None]
_Step = tuple[str, dict[str, object]]  # a statement and its settings


def _silent(_done: int, _total: int, _what: str) -> None:
    """Tell nobody."""


_OF_ITEMS = (
    "ReplacingMergeTree PARTITION BY toDate(ReceivedAt) ORDER BY (TraceId, Timestamp, {identity})"
    " TTL toDateTime(VisibleAt) + toIntervalSecond(1600000000) SETTINGS index_granularity = 2048,"
    " ttl_only_drop_parts = 1, merge_selector_base = 16, min_bytes_for_wide_part = 104857600,"
    " min_level_for_wide_part = 1, vertical_merge_algorithm_min_rows_to_activate = 65536,"
    " default_compression_codec = 'ZSTD(1)', non_replicated_deduplication_window = 1000"
)
_SMALLER_GRANULES = {
    "botlogs.otel_traces": _OF_ITEMS.format(identity="SpanId"),
    "botlogs.otel_logs": _OF_ITEMS.format(identity="LogId"),
    "botlogs.receipts": (
        "ReplacingMergeTree(Version) PARTITION BY toYYYYMM(StartedAt) ORDER BY (ConversationKey, Episode)"
        " TTL toDateTime(DecidedAt) + toIntervalSecond(1600000000) SETTINGS index_granularity = 512,"
        " default_compression_codec = 'ZSTD(1)', non_replicated_deduplication_window = 1000"
    ),
}


def _moved_parts(table: str, engine: str) -> list[str]:
    """Return what gives *table* another *engine* of the same key; its parts are linked, not copied."""
    return [
        f"DROP TABLE IF EXISTS {table}_new SYNC",
        f"CREATE TABLE {table}_new AS {table} ENGINE = {engine}",
        f"ALTER TABLE {table}_new ATTACH PARTITION ALL FROM {table}",
        f"EXCHANGE TABLES {table} AND {table}_new",
        f"DROP TABLE {table}_new SYNC",
    ]


# What to do to the tables of version N-1 to make them those of version N, by N. Whoever changes a table changes its
# CREATE in sql/schema and appends the ALTER here (of every table that has the column: landing tables aside, a change of
# botlogs_ingest.otel_traces is one of botlogs_held.otel_traces and botlogs.otel_traces). A crash repeats all of it, so:
# ADD COLUMN IF NOT EXISTS …, DROP COLUMN IF EXISTS …, MODIFY …; {any_type} and the like may be used as in the files.
# On a cluster store/placement.py must know what to do with each; stores on clusters begin with version 2.
# Nothing is needed for views, for landing tables (Null), for routes (Join): they hold no data of their own and are made
# anew; nor for a new table. tests/integration/store/test_migration.py fails where an ALTER is missing.
MIGRATIONS: dict[int, list[str]] = {
    2: [
        *(
            f"ALTER TABLE {table} MODIFY SETTING min_bytes_for_wide_part = 104857600, min_level_for_wide_part = 1,"
            " vertical_merge_algorithm_min_rows_to_activate = 65536"
            for table in (
                "botlogs_held.otel_traces",
                "botlogs.otel_traces",
                "botlogs_held.otel_logs",
                "botlogs.otel_logs",
            )
        ),
        "ALTER TABLE botlogs_held.lease ADD COLUMN IF NOT EXISTS Name LowCardinality(String) DEFAULT 'release'",
        # A sorting key cannot be altered: the rows move to a new table. Span events were not counted apart; a count of
        # all log events only asks more than is needed. No row goes for its age: the TTL is set afterwards.
        "DROP TABLE IF EXISTS botlogs.trace_state_new SYNC",
        (
            "ALTER TABLE botlogs.trace_state ADD COLUMN IF NOT EXISTS SpanEvents SimpleAggregateFunction(sum, UInt64)"
            " COMMENT 'those of LogEvents that came as events of spans' AFTER LogEvents"
        ),
        "ALTER TABLE botlogs.trace_state ADD INDEX IF NOT EXISTS trace TraceId TYPE bloom_filter(0.01) GRANULARITY 1",
        (
            "CREATE TABLE botlogs.trace_state_new AS botlogs.trace_state ENGINE = AggregatingMergeTree"
            " PARTITION BY toYYYYMM(Day) ORDER BY (Day, TraceId, Live) TTL Day + toIntervalSecond(1600000000)"
            " SETTINGS merge_selector_base = 16, index_granularity = 512, default_compression_codec = 'ZSTD(1)'"
        ),
        (
            "INSERT INTO botlogs.trace_state_new SELECT * REPLACE(greatest(SpanEvents, LogEvents) AS SpanEvents)"
            " FROM botlogs.trace_state"
        ),
        "EXCHANGE TABLES botlogs.trace_state AND botlogs.trace_state_new",
        "DROP TABLE botlogs.trace_state_new SYNC",
    ],
    3: [
        (
            "ALTER TABLE botlogs.totals MODIFY COLUMN Spans Int64 COMMENT 'sum them: corrections are negative',"
            " MODIFY COLUMN LogEvents Int64, MODIFY COLUMN Errors Int64,"
            " MODIFY COLUMN Duration Int64 COMMENT 'ns, all spans together', MODIFY COLUMN Bytes Int64"
        ),
        (
            "ALTER TABLE botlogs.trace_state MODIFY SETTING min_compress_block_size = 8192,"
            " max_compress_block_size = 65536"
        ),
        *(
            f"ALTER TABLE botlogs.trace_state {change}"
            for name, column in (("conversation", "ConversationId"), ("trace", "TraceId"))
            for change in (
                f"DROP INDEX IF EXISTS {name}",
                f"ADD INDEX {name} {column} TYPE bloom_filter(0.01) GRANULARITY 8",
            )
        ),
    ],
}
# The size of granules cannot be altered: the parts, as they are, go into a new table; what is merged gets smaller ones.
# Not on a cluster: it would be a new replicated table on each shard, for nothing but speed.
_ON_ONE_SERVER: dict[int, list[str]] = {
    3: [change for table, engine in _SMALLER_GRANULES.items() for change in _moved_parts(table, engine)],
}

_S = 1_000_000_000
_COPY = re.compile(r"\b(?:INSERT INTO|ATTACH PARTITION ALL)\b.* FROM (\S+)", re.DOTALL)
# What is made anew. Landing tables go first: while views go, an insert is refused and not half processed.
_WITHOUT_DATA = ("Null", "Join", "MaterializedView", "View")


def ddl(storage: Storage) -> list[str]:
    """Return every statement that makes the schema, in order; with `storage.cluster`, on all of its nodes."""
    return [
        statement
        for name in statements.schema_names()
        for plain in statements.schema_statements(
            name, retention_s=storage.retention // _S, hold_retention_s=storage.hold_retention // _S
        )
        for statement in on_every_node(cooled(plain, storage), storage)
    ]


def on_every_node(statement: str, storage: Storage) -> list[str]:
    """Return what *statement* is where the configuration puts the store: itself, on one server."""
    return placed(statement, storage.cluster) if storage.cluster else [statement]


def migrate(database: Database, settings: Settings, clock: Clock, told: Told = _silent) -> str:
    """Make or migrate the schema and write the environments; return what was done, in words.

    *told* hears before each statement how many are done, of how many, and which comes (and how many rows it copies).
    A crash in the middle is mended by the next call: the version is noted last, and every step can be repeated.
    Other collectors on the same store must be stopped before its version changes.

    Raises:
        StartError: the store was written by a newer version.
    """
    found = schema_version(database)
    if found is not None and found > SCHEMA_VERSION:
        msg = (
            f"the store has schema version {found}, this is version {SCHEMA_VERSION} of the schema: "
            "it was written by a newer otel-botlogs; upgrade this one, or name another data folder"
        )
        raise StartError(msg)
    _check_placement(database, settings.storage)
    if found is None:
        done = f"made schema version {SCHEMA_VERSION}"
        _run(database, [(statement, {}) for statement in ddl(settings.storage)], told)
    elif found == SCHEMA_VERSION:
        done = f"schema version {SCHEMA_VERSION}, nothing to migrate"
    else:
        done = f"migrated schema version {found} to {SCHEMA_VERSION}"
        _run(database, _upgrade(database, settings.storage, found), told)
        database.run("routes_fill")
    if found != SCHEMA_VERSION:
        database.insert("botlogs.schema_version", [[SCHEMA_VERSION, clock.now_ns()]], ["Version", "AppliedAt"])
    apply_retention(database, settings.storage)
    write_environments(database, settings, clock)
    return done


def _check_placement(database: Database, storage: Storage) -> None:
    """Refuse a store of one server with `storage.cluster`, and a cluster's without it: nothing moves between them."""
    rows = database.rows("SELECT engine FROM system.tables WHERE database = 'botlogs' AND name = 'otel_traces'")
    if rows and (rows[0]["engine"] == "Distributed") != bool(storage.cluster):
        made, asked = ("one server", "a cluster") if storage.cluster else ("a cluster", "one server")
        msg = (
            f"storage.cluster: the store at storage.dsn was made for {made}, and the configuration says {asked}; "
            f"set it as it was, or begin an empty store and bring what must be kept over with `botlogs import`"
        )
        raise StartError(msg)


def _upgrade(database: Database, storage: Storage, found: int) -> list[_Step]:
    """Drop what holds no data, make missing tables, alter those that were there, make views anew."""
    schema = ddl(storage)
    tables = [text for text in schema if text.startswith(("CREATE DATABASE", "CREATE TABLE"))]
    changes = [
        statement
        for version in range(found + 1, SCHEMA_VERSION + 1)
        for change in (*MIGRATIONS[version], *([] if storage.cluster else _ON_ONE_SERVER.get(version, [])))
        for statement in on_every_node(statements.filled(change), storage)
    ]
    return [*_drops(database, storage), *((statement, {}) for statement in (*tables, *changes, *schema))]


def _drops(database: Database, storage: Storage) -> list[_Step]:
    found = database.query("objects_without_data")
    # The routes are dropped though defaults of tables ask them: they are there again before a row arrives.
    return [
        (statement, {"check_table_dependencies": 0})
        for row in sorted(found, key=lambda row: _WITHOUT_DATA.index(row["engine"]))
        for statement in on_every_node(
            f"DROP {'VIEW' if 'View' in row['engine'] else 'TABLE'} IF EXISTS {row['database']}.`{row['name']}` SYNC",
            storage,
        )
    ]


def _run(database: Database, steps: list[_Step], told: Told) -> None:
    for number, (statement, settings) in enumerate(steps):
        told(number, len(steps), _said(database, statement))
        database.command(statement, settings)
    told(len(steps), len(steps), "done")


def _said(database: Database, statement: str) -> str:
    """Return what *statement* begins with; of one that copies rows also how many there are."""
    head = " ".join(statement.split(maxsplit=6)[:6])
    copied = _COPY.search(statement)
    if copied is None:
        return head
    rows = database.rows(
        "SELECT total_rows AS n FROM system.tables WHERE concat(database, '.', name) = {table:String}", table=copied[1]
    )
    return f"{rows[0]['n'] or 0:,} rows, {head}" if rows else head


def schema_version(database: Database) -> int | None:
    """Return the newest version recorded in the store, None for an empty one."""
    exists = database.rows(
        "SELECT count() AS n FROM system.tables WHERE database = 'botlogs' AND name = 'schema_version'"
    )
    if not exists[0]["n"]:
        return None
    return int(database.rows("SELECT max(Version) AS v FROM botlogs.schema_version")[0]["v"]) or None


def write_environments(database: Database, settings: Settings, clock: Clock) -> None:
    """Make botlogs.environments and botlogs.channels say what the configuration says."""
    rules = settings.conversation
    wanted: dict[str, tuple[object, ...]] = {}
    for name, environment in settings.environments.items():
        end = rules.environments.get(name)
        row = (
            name,
            int(environment.release_delay),
            int((end and end.idle_timeout) or rules.idle_timeout),
            int((end and end.max_age) or rules.max_age),
            environment.is_live,
        )
        names = {name.lower(), *(alias.lower() for alias in environment.aliases)}
        if name == settings.default_environment:
            names.add("")
        wanted.update(dict.fromkeys(names, row))
    _replace(
        database,
        clock,
        "botlogs.environments",
        ("Name", "Environment", "ReleaseDelay", "IdleTimeout", "MaxAge", "Live"),
        wanted,
    )
    if database.cluster:
        await_routes(database, database.cluster, {name: (str(row[0]), bool(row[-1])) for name, row in wanted.items()})
    channels: dict[str, tuple[object, ...]] = {
        name: (int(rule.idle_timeout or 0), int(rule.max_age or 0)) for name, rule in rules.channels.items()
    }
    _replace(database, clock, "botlogs.channels", ("Channel", "IdleTimeout", "MaxAge"), channels)


def _replace(
    database: Database, clock: Clock, table: str, columns: tuple[str, ...], wanted: dict[str, tuple[object, ...]]
) -> None:
    """Write the rows that differ; rows nobody wants any more are marked removed."""
    stored = {
        str(row[columns[0]]): tuple(row[column] for column in columns[1:])
        for row in database.rows(f"SELECT {', '.join(columns)} FROM {table} FINAL")
    }
    version = clock.now_ns()
    rows = [[key, *row, version, 0] for key, row in wanted.items() if stored.get(key) != row]
    rows += [[key, *row, version, 1] for key, row in stored.items() if key not in wanted]
    if rows:
        database.insert(table, rows, [*columns, "Version", "Removed"])
