"""The cluster's schema on the real engine: parsed whole, and run as a cluster of one node without a Keeper.

Distributed tables, refreshed routes and volumes are the engine's own here. `make test-cluster` runs the release and
query suites on the same store; what only several nodes can prove is in collector/docs/cluster.md.
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from botlogs_collector.clock import SystemClock
from botlogs_collector.config.duration import parse_duration
from botlogs_collector.config.settings import Environment, Storage
from botlogs_collector.errors import Retryable, StartError
from botlogs_collector.model.conversation import ConversationKey, TraceId
from botlogs_collector.model.move import Move
from botlogs_collector.store import migrate as schema
from botlogs_collector.store.access import grants
from botlogs_collector.store.client import Database
from botlogs_collector.store.migrate import SCHEMA_VERSION, ddl, migrate
from botlogs_collector.store.placement import shard_keys
from botlogs_collector.store.retention import apply_retention
from botlogs_collector.store.routes import await_routes
from tests.support.hold import World, new_id
from tests.support.processes import until
from tests.support.sender import Talk
from tests.support.store import LASTING, Store, cluster_store


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store with a cluster's schema."""
    with cluster_store(tmp_path_factory.mktemp("cluster")) as store:
        yield store


def test_every_statement_parses(database: Database) -> None:
    """Of the schema on a cluster with a cold volume, and of the rights on a server and on a cluster."""
    storage = Storage(cluster="main", cold_after=parse_duration("30d"))

    for statement in [*ddl(storage), *grants(None), *grants("main")]:
        (row,) = database.rows("SELECT formatQuery({text:String}) AS text", text=statement)
        assert row["text"]


def test_a_second_start_finds_nothing_to_do(cluster: Store) -> None:
    """All that collectors of one cluster do at their start can be repeated."""
    done = migrate(cluster.database, cluster.settings, SystemClock())

    assert done == f"schema version {SCHEMA_VERSION}, nothing to migrate"


def test_a_store_of_one_server_is_not_taken_for_a_clusters(cluster: Store) -> None:
    """Nor the other way round: tables of both kinds under one name would tear conversations apart."""
    with pytest.raises(StartError, match="was made for a cluster, and the configuration says one server"):
        migrate(cluster.database, LASTING, SystemClock())


def test_what_arrives_lies_in_the_local_tables_and_is_read_through_the_others(cluster: Store) -> None:
    """Held, live, state and totals: each row once, under the public name."""
    world = World(cluster.database)
    held, live = new_id(), new_id()
    world.spans(held, 3)
    world.spans(live, 2, environment="sandbox")

    for place, conversation, count in (("botlogs_held", held, 3), ("botlogs", live, 2)):
        for table in ("otel_traces_local", "otel_traces"):
            (row,) = cluster.database.rows(
                f"SELECT count() AS n FROM {place}.{table} WHERE ConversationId = {{c:String}}", c=conversation
            )
            assert row["n"] == count
    (state,) = cluster.database.rows(
        "SELECT sum(Spans) AS n FROM botlogs.trace_state_local WHERE ConversationId = {c:String}", c=held
    )
    (totals,) = cluster.database.rows("SELECT sum(Spans) AS n FROM botlogs.totals_local")
    assert state["n"] == 3
    assert totals["n"] >= 5


def test_a_conversation_is_held_decided_and_released(cluster: Store) -> None:
    """Facts, receipt, move and views, all through Distributed tables; a repeated move adds nothing."""
    world = World(cluster.database)
    conversation = new_id()
    world.spans(conversation, 4)
    world.event(conversation, body="hello")

    early = world.after(60)
    world.after(46 * 60)
    receipt = world.receipt(conversation)
    world.hold.move(receipt.batch_id, [receipt.key])

    assert early == 0
    assert (receipt.status, receipt.spans, receipt.log_events) == ("released", 4, 1)
    assert world.stored_spans(conversation) == 4
    assert world.state(conversation) == "released"


def test_the_rows_of_a_trace_share_a_shard(cluster: Store) -> None:
    """The engine's own sharding expression of each table gives one number for one trace, of some shards."""
    trace = "0af7651916cd43dd8448eb211c80319c"
    expressions = {key for key in shard_keys().values() if "TraceId" in key}

    rows = cluster.database.rows(
        f"SELECT {', '.join(f'{key} % 5 AS shard{i}' for i, key in enumerate(expressions))}"
        " FROM (SELECT {trace:String} AS TraceId)",
        trace=trace,
    )

    assert len({value for row in rows for value in row.values()}) == 1


def test_a_batch_that_the_replica_lacks_stops_the_round(cluster: Store) -> None:
    """Facts of a batch that cannot be read yet would be zeros, and a policy might drop by them."""
    world = World(cluster.database)
    move = Move(
        batch_id=new_id(), key=ConversationKey("k"), trace_ids=(TraceId("t"),), after_ns=0, upto_ns=1,
        visible_unix_nano=1,
    )  # fmt: skip

    world.hold.write_receipts([], [move])

    with pytest.raises(Retryable, match="1 of 2 rows of a batch have reached the replica"):
        world.hold._check_batch({move.batch_id}, 2)


def test_retention_and_cold_storage_are_changed_where_the_rows_lie(cluster: Store) -> None:
    """A shorter retention and a colder volume alter the local tables, once."""
    before = cluster.settings.storage
    storage = replace(before, cold_after=parse_duration("2000d"), retention=parse_duration("15000d"))

    unchanged = apply_retention(cluster.database, before)
    changed = apply_retention(cluster.database, storage)
    again = apply_retention(cluster.database, storage)

    text = cluster.database.rows("SHOW CREATE TABLE botlogs.otel_logs_local")[0]["statement"]
    assert (unchanged, again) == ([], [])
    assert {"botlogs.otel_logs", "botlogs.otel_traces", "botlogs.receipts"} <= set(changed)
    assert "TO VOLUME 'cold'" in text
    assert "storage_policy = 'tiered'" in text
    apply_retention(cluster.database, before)


def test_old_rows_lie_on_the_cold_volume_and_are_read_as_before(cluster: Store) -> None:
    """What has been readable for longer than `cold_after` is moved, what is new is not; readers notice nothing."""
    before = cluster.settings.storage
    apply_retention(cluster.database, replace(before, cold_after=parse_duration("30d")))
    traces: dict[str, str] = {}

    for name, days in (("slow", 60), ("default", 0)):
        talk = Talk(new_id(), environment="sandbox")
        talk.span("node")
        received_ns = SystemClock().now_ns() - days * 86_400 * 10**9
        cluster.insert("traces", talk.spans.SerializeToString(), received_unix_nano=received_ns)
        traces[talk.trace] = name
    asked = "SELECT TraceId, {disk} AS disk FROM {table} AS rows {join} WHERE TraceId IN {{traces:Array(String)}}"
    parts = (
        "JOIN system.parts AS parts ON parts.name = rows._part AND parts.table = 'otel_traces_local' AND parts.active"
    )
    lies = asked.format(disk="parts.disk_name", table="botlogs.otel_traces_local", join=parts)

    until(lambda: {row["TraceId"]: row["disk"] for row in cluster.database.rows(lies, traces=[*traces])} == traces)
    read = cluster.database.rows(asked.format(disk="''", table="botlogs.otel_traces", join=""), traces=[*traces])
    assert {row["TraceId"] for row in read} == traces.keys()
    apply_retention(cluster.database, before)


def test_routes_that_do_not_reach_every_node_stop_the_start(cluster: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A node that does not know an environment would hide its rows for good: better not to start."""
    monkeypatch.setattr("botlogs_collector.store.routes.ROUTES_REFRESH_S", 1)

    await_routes(cluster.database, "main", {"sandbox": ("sandbox", True)})
    with pytest.raises(StartError, match="some node of 'main' lacks routes"):
        await_routes(cluster.database, "main", {"unheard-of": ("sandbox", True)})


def test_a_changed_environment_is_known_on_return(cluster: Store) -> None:
    """`write_environments` comes back when every node routes by it."""
    world = World(cluster.database)
    preview = {"preview": Environment(release_delay=parse_duration("0"))}
    live = replace(cluster.settings, environments={**cluster.settings.environments, **preview})

    schema.write_environments(cluster.database, live, SystemClock())
    conversation = new_id()
    world.spans(conversation, environment="preview")

    assert world.stored_spans(conversation) == 1


def test_each_change_since_the_first_cluster_can_be_made_on_one(cluster: Store) -> None:
    """Stores on clusters began with version 2: every later step has a rule that places it, and the engine takes it."""
    cluster.database.command("TRUNCATE TABLE botlogs.schema_version")
    cluster.database.insert("botlogs.schema_version", [[2, 1]], ["Version", "AppliedAt"])

    done = migrate(cluster.database, cluster.settings, SystemClock())

    assert done == f"migrated schema version 2 to {SCHEMA_VERSION}"
    world = World(cluster.database)
    conversation = new_id()
    world.spans(conversation, environment="sandbox")
    assert world.stored_spans(conversation) == 1


def test_a_cluster_of_an_older_version_is_migrated(cluster: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new column is there behind and in the Distributed table, and rows arrive as before."""
    monkeypatch.setattr(schema, "SCHEMA_VERSION", SCHEMA_VERSION + 1)
    change = "ALTER TABLE {} ADD COLUMN IF NOT EXISTS Added String DEFAULT 'new'"
    tables = ("botlogs.audit", "botlogs.receipts")
    monkeypatch.setitem(schema.MIGRATIONS, SCHEMA_VERSION + 1, [change.format(table) for table in tables])
    cluster.database.command("INSERT INTO botlogs.audit (At, Action) VALUES (now64(9), 'kept')")

    done = migrate(cluster.database, cluster.settings, SystemClock())

    assert done == f"migrated schema version {SCHEMA_VERSION} to {SCHEMA_VERSION + 1}"
    assert cluster.database.rows("SELECT Added FROM botlogs.audit WHERE Action = 'kept'") == [{"Added": "new"}]
    assert cluster.database.rows("SELECT count(Added) AS n FROM botlogs.receipts WHERE 0") == [{"n": 0}]
    world = World(cluster.database)
    conversation = new_id()
    world.spans(conversation, environment="sandbox")
    assert world.stored_spans(conversation) == 1
    cluster.database.command("TRUNCATE TABLE botlogs.schema_version")
    cluster.database.insert("botlogs.schema_version", [[SCHEMA_VERSION, 1]], ["Version", "AppliedAt"])
