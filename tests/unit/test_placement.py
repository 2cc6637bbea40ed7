"""The schema's text on a cluster: what lies where, and that nothing is forgotten."""

import re
from dataclasses import replace

import pytest

from botlogs_collector.config.duration import parse_duration
from botlogs_collector.config.settings import Storage
from botlogs_collector.store.access import grants
from botlogs_collector.store.migrate import MIGRATIONS, ddl
from botlogs_collector.store.placement import placed, shard_keys, tables_with_data
from botlogs_collector.store.statements import filled

ONE = Storage()
MANY = replace(ONE, cluster="main", cold_after=parse_duration("30d"))
_MADE = re.compile(r"CREATE (TABLE|MATERIALIZED VIEW|VIEW) IF NOT EXISTS (\S+)")
_REPLICATED = re.compile(r"ENGINE = Replicated(\w*)MergeTree\('([^']+)', '([^']+)'")
_DISTRIBUTED = re.compile(r"AS (\S+)\nENGINE = Distributed\('main', '(\w+)', '(\w+)', (.+)\)$")


def made(storage: Storage) -> dict[str, str]:
    """Return the statement that makes each table and view, by its name."""
    return {found[2]: statement for statement in ddl(storage) if (found := _MADE.match(statement))}


def test_every_object_of_one_server_is_there_under_its_name() -> None:
    """Readers, collectors and exporters use the same names on a cluster."""
    assert made(ONE).keys() - made(MANY).keys() == set()
    assert made(MANY).keys() - made(ONE).keys() == {f"{table}_local" for table in shard_keys()}


def test_every_statement_is_for_every_node() -> None:
    """Of the schema and of the rights alike."""
    for statement in [*ddl(MANY), *grants("main")]:
        assert statement.count("ON CLUSTER 'main'") == 1, statement


def test_every_table_with_rows_is_replicated_once() -> None:
    """Within its shard, or on every node; no two tables share a path, and no plain MergeTree is left."""
    paths: set[str] = set()
    for name, statement in made(MANY).items():
        if "MergeTree" not in statement:
            continue
        engine = _REPLICATED.search(statement)
        assert engine, name
        on_shard = name.endswith("_local")
        assert ("{shard}/" in engine[2], engine[3]) == (on_shard, "{replica}" if on_shard else "{shard}-{replica}")
        paths.add(engine[2])
        assert "non_replicated" not in statement
    assert len(paths) == len(tables_with_data())


def test_every_local_table_has_its_distributed_one_by_one_key() -> None:
    """Each spreads rows by its trace, or by its conversation's key, and that is in its sorting key: duplicates meet."""
    statements = made(MANY)

    for table, key in shard_keys().items():
        front = _DISTRIBUTED.search(statements[table])
        assert front, table
        assert (front[1], f"{front[2]}.{front[3]}", front[4]) == (f"{table}_local", f"{table}_local", key)
        order = re.search(r"^ORDER BY (.+)$", statements[f"{table}_local"], re.MULTILINE)
        assert order
        assert key == "rand()" or key[len("cityHash64(") : -1] in re.findall(r"\w+", order[1])

    by_trace = {"botlogs.otel_traces", "botlogs.otel_logs", "botlogs_held.otel_traces", "botlogs_held.otel_logs",
                "botlogs.trace_state", "botlogs_held.batches"}  # fmt: skip
    assert {shard_keys()[table] for table in by_trace} == {"cityHash64(TraceId)"}
    assert shard_keys()["botlogs.receipts"] == "cityHash64(ConversationKey)"


def test_views_are_fed_where_rows_arrive() -> None:
    """A view behind a Distributed table would miss what another node sent; one behind a replica would run twice."""
    for name, statement in made(MANY).items():
        if not statement.startswith("CREATE MATERIALIZED VIEW"):
            continue
        source = re.search(r"\bFROM (\w+\.\w+)", statement)
        assert source
        is_landing = source[1] in made(MANY) and "ENGINE = Null" in made(MANY)[source[1]]
        is_refreshed = " REFRESH EVERY " in statement
        assert is_landing or source[1].endswith("_local") or is_refreshed, name


def test_what_arrives_is_spread_over_the_shards() -> None:
    """No table that every commit writes to is copied to every node."""
    for name, statement in made(ONE).items():
        if name.startswith("botlogs_ingest.") and statement.startswith("CREATE MATERIALIZED VIEW"):
            target = re.search(r" TO (\S+) AS", statement)
            assert target
            assert target[1] in shard_keys() or "ENGINE = Null" in made(ONE)[target[1]], name


def test_what_readers_see_gets_cold_and_nothing_else_does() -> None:
    """Released rows move to the colder volume before their retention is over; the hold and small tables stay."""
    cold = {name: text for name, text in made(MANY).items() if "TO VOLUME 'cold'" in text}

    assert {"botlogs.otel_traces_local", "botlogs.otel_logs_local"} <= cold.keys()
    assert not [name for name in cold if name.startswith("botlogs_held.")]
    for text in cold.values():
        assert (
            "toIntervalSecond(2592000) TO VOLUME 'cold', toDateTime(VisibleAt) + toIntervalSecond(15552000) DELETE"
            in text
        )
        assert "SETTINGS storage_policy = 'tiered', " in text


def test_every_migration_can_be_placed() -> None:
    """An ALTER that no rule knows would stop an upgrade half way."""
    since = 2  # no store on a cluster is older
    for changes in (changes for version, changes in MIGRATIONS.items() if version > since):
        for change in changes:
            assert placed(filled(change), "main")


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (
            "ALTER TABLE botlogs.otel_logs ADD COLUMN IF NOT EXISTS x String",
            ["ALTER TABLE botlogs.otel_logs_local ON CLUSTER 'main' ADD COLUMN IF NOT EXISTS x String",
             "ALTER TABLE botlogs.otel_logs ON CLUSTER 'main' ADD COLUMN IF NOT EXISTS x String"],
        ),
        (
            "ALTER TABLE botlogs.otel_logs MODIFY TTL a",
            ["ALTER TABLE botlogs.otel_logs_local ON CLUSTER 'main' MODIFY TTL a"],
        ),
        ("ALTER TABLE botlogs.grants ADD COLUMN x String", ["ALTER TABLE botlogs.grants ADD COLUMN x String"]),
        ("DROP VIEW IF EXISTS botlogs.timeline SYNC", ["DROP VIEW IF EXISTS botlogs.timeline ON CLUSTER 'main' SYNC"]),
        (
            "DROP TABLE IF EXISTS botlogs.`gone` SYNC",
            ["DROP TABLE IF EXISTS botlogs.`gone` ON CLUSTER 'main' SYNC",
             "DROP TABLE IF EXISTS botlogs.gone_local ON CLUSTER 'main' SYNC"],
        ),
    ],
)  # fmt: skip
def test_a_change_reaches_rows_and_what_stands_before_them(statement: str, expected: list[str]) -> None:
    """Columns change in both tables, what is of rows alone where they lie; replicas of one table tell each other."""
    assert placed(statement, "main") == expected


def test_a_statement_without_a_rule_is_refused() -> None:
    """Better no statement than one that only one node runs."""
    with pytest.raises(ValueError, match="no rule places this statement on a cluster: 'OPTIMIZE"):
        placed("OPTIMIZE TABLE botlogs.flows", "main")
