"""What each role of `botlogs ddl --grants` can do, tried on the real engine with exactly its rights."""

import json
import re
import time
from pathlib import Path

import pytest

from botlogs_collector.clock import SystemClock
from botlogs_collector.store.access import grants
from botlogs_collector.store.client import Database
from botlogs_collector.store.ingest import OtlpTables
from botlogs_collector.store.migrate import migrate
from tests.support.clickhouse_http import clickhouse_server
from tests.support.rights import Role, as_role, let_views_be_of_the_maker
from tests.support.sender import T0, Talk
from tests.support.service import ask_store
from tests.support.store import LASTING, Store

_READERS: tuple[Role, ...] = ("botlogs_reader", "botlogs_developer")
_EARLY = "e" * 32
_LATER_NS = 3_600_000_000_000
_SPAN = (
    "INSERT INTO botlogs_ingest.otel_traces (Timestamp, TraceId, SpanId, SpanName, ResourceAttributes) "
    "VALUES (now64(9), '{trace}', '00000000000000b1', 'turn', map('deployment.environment.name', '{environment}'))"
)
# Views that are asked with parameters.
_PARAMETERS = {
    "botlogs.conversation_state": "(now_ns = 9000000000000000000, since = toDate('1970-01-02'), include_live = 1)",
    "botlogs.conversation_state_of": (
        "(now_ns = 9000000000000000000, since = toDate('1970-01-02'), include_live = 1, traces = [], keys = [])"
    ),
    "botlogs.log_at": f"(conversation = 'open', ts = fromUnixTimestamp64Nano(toInt64({T0})))",
    "botlogs.node_at": f"(conversation = 'open', ts = fromUnixTimestamp64Nano(toInt64({T0})))",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed store: `open` of sandbox, `shut` of production in the hold, `early`, which may be read in an hour."""
    path = tmp_path_factory.mktemp("rights") / "store"
    with clickhouse_server(path) as dsn:  # in a process of its own: this one may have another store open
        database = Database(dsn)
        migrate(database, LASTING, SystemClock())
        _fill(Store(database, LASTING, OtlpTables(database)))
        database.close()
    let_views_be_of_the_maker(path)
    return path


def _fill(store: Store) -> None:
    for name, environment in (("open", "sandbox"), ("shut", "production")):
        talk = Talk(name, environment=environment)
        talk.log("bot.message.user", f"{name} word", at=0)
        talk.span("turn")
        now_ns = time.time_ns()
        store.insert("traces", talk.spans.SerializeToString(), received_unix_nano=now_ns)
        store.insert("logs", talk.logs.SerializeToString(), received_unix_nano=now_ns)
    for table in ("otel_traces", "otel_logs"):
        store.database.command(
            f"INSERT INTO botlogs.{table} SELECT * REPLACE (now64(9) + toIntervalNanosecond({_LATER_NS}) AS VisibleAt, "
            f"'early' AS ConversationId, '{_EARLY}' AS TraceId) FROM botlogs_held.{table}"
        )


def _everything(folder: Path) -> list[str]:
    (rows,) = ask_store(
        folder, "SELECT concat(database, '.', name) AS name FROM system.tables WHERE database LIKE 'botlogs%'"
    )
    return [str(row["name"]) for row in rows if ".inner" not in str(row["name"])]


def _granted(role: Role) -> set[str]:
    rights = re.compile(rf"GRANT SELECT ON (\S+) TO {role}")
    return {found[1] for text in grants(None) if (found := rights.match(text))}


@pytest.mark.parametrize("role", _READERS)
def test_a_reader_reads_what_it_was_given_and_is_refused_everything_else(folder: Path, role: Role) -> None:
    """Every table and view of the store is asked for: those granted answer, the hold and all others refuse."""
    names = _everything(folder)

    answers = as_role(role, folder, *(f"SELECT * FROM {name}{_PARAMETERS.get(name, '')}" for name in names))

    told = dict(zip(names, answers, strict=True))
    assert {name for name, answer in told.items() if not answer.failed} == _granted(role)
    assert all(answer.refused for name, answer in told.items() if name not in _granted(role))
    assert not [name for name, answer in told.items() if "shut word" in answer.text]
    assert "open word" in told["botlogs.otel_logs"].text


@pytest.mark.parametrize("role", _READERS)
def test_a_row_policy_hides_what_may_not_be_read_yet(folder: Path, role: Role) -> None:
    """A row that lies among the released before its time is shown to no reader, by no table and no view."""
    asked = (
        "SELECT TraceId FROM botlogs.otel_traces", "SELECT TraceId FROM botlogs.otel_logs",
        "SELECT * FROM botlogs.timeline",
    )  # fmt: skip

    seen = [answer.text for answer in as_role(role, folder, *asked)]
    unseen = [answer.text for answer in as_role("botlogs_engine", folder, *asked)]

    assert all(_EARLY not in text for text in seen)
    assert "open word" in seen[2]
    assert all(_EARLY in text for text in unseen)


def test_a_developer_sees_conversations_of_live_environments_alone(folder: Path) -> None:
    """Whoever builds bots is not told that a production conversation exists; a reader is, without its content."""
    told = {
        role: {json.loads(line)["ConversationId"] for line in answer.text.splitlines()}
        for role in _READERS
        for answer in as_role(role, folder, "SELECT ConversationId FROM botlogs.trace_state")
    }

    assert {"open", "shut"} <= told["botlogs_reader"]
    assert "open" in told["botlogs_developer"]
    assert "shut" not in told["botlogs_developer"]


@pytest.mark.parametrize("role", _READERS)
def test_a_reader_changes_nothing(folder: Path, role: Role) -> None:
    """It may not insert, delete, make, drop or grant, nor lift its own limits."""
    statements = (
        _SPAN.format(trace="a" * 32, environment="sandbox"), "INSERT INTO botlogs.receipts (TraceId) VALUES ('a')",
        "DELETE FROM botlogs.otel_logs WHERE 1", "ALTER TABLE botlogs.otel_logs DELETE WHERE 1",
        "CREATE TABLE botlogs.mine (a Int8) ENGINE = Null", "DROP TABLE botlogs.otel_logs",
        "SELECT 1 SETTINGS max_result_rows = 0", "SET readonly = 0",
        "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')", "SELECT * FROM file('/etc/passwd', 'LineAsString')",
    )  # fmt: skip

    assert [
        text for text, answer in zip(statements, as_role(role, folder, *statements), strict=True) if not answer.failed
    ] == []


def test_a_reader_cannot_take_more_rows_than_its_limit(folder: Path) -> None:
    """A question whose answer is longer than the profile allows is refused, not cut short."""
    short, long = as_role("botlogs_reader", folder, "SELECT 1 FROM numbers(10)", "SELECT 1 FROM numbers(1000001)")

    assert not short.failed
    assert "TOO_MANY_ROWS_OR_BYTES" in long.text or "Limit for result exceeded" in long.text


def test_a_sender_inserts_and_reads_nothing_back(folder: Path) -> None:
    """Its spans are routed, to the readers or into the hold, though it has no right on any table that they end in."""
    names = [name for name in _everything(folder) if name != "botlogs.routes"]
    traces = {"sandbox": "5" * 32, "production": "6" * 32}

    inserted = as_role(
        "botlogs_sender", folder, *(_SPAN.format(trace=trace, environment=name) for name, trace in traces.items())
    )
    asked = as_role("botlogs_sender", folder, *(f"SELECT * FROM {name}{_PARAMETERS.get(name, '')}" for name in names))

    assert [answer.text for answer in inserted if answer.failed] == []
    assert [name for name, answer in zip(names, asked, strict=True) if not answer.refused] == []
    held, read = as_role(
        "botlogs_engine",
        folder,
        "SELECT TraceId FROM botlogs_held.otel_traces",
        "SELECT TraceId FROM botlogs.otel_traces",
    )
    assert traces["production"] in held.text
    assert traces["production"] not in read.text
    assert traces["sandbox"] in read.text


def test_the_collectors_role_makes_and_drops_nothing(folder: Path) -> None:
    """`botlogs serve` inserts and reads everything, and cannot change the schema once it is there."""
    done = (_SPAN.format(trace="7" * 32, environment="production"), "SELECT count() FROM botlogs_held.otel_traces")
    refused = (
        "DROP TABLE botlogs.receipts",
        "CREATE TABLE botlogs.mine (a Int8) ENGINE = Null",
        "DROP DATABASE botlogs",
    )

    assert [answer.text for answer in as_role("botlogs_engine", folder, *done) if answer.failed] == []
    assert all(answer.refused for answer in as_role("botlogs_engine", folder, *refused))
