"""(d) whole: OpenTelemetry Collector, Kafka's protocol, ClickHouse's own Kafka engine, the example's SQL, our tables.

The embedded engine has the Kafka engine with its client library, but not the threads that poll by themselves ("Shutdown
was called" once the table is made). Reading such a table does poll, so the test runs the views' SELECT by hand.
"""

import re
import subprocess
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from botlogs_collector.errors import BotLogsError
from botlogs_collector.store.client import Database
from botlogs_collector.store.statements import split_statements
from tests.stacks.otelcol import CONFIG, otelcol
from tests.support.processes import run, until
from tests.support.sender import Talk
from tests.support.store import unique

pytestmark = pytest.mark.toolchain
_VIEW = re.compile(r"TO (\S+) AS\s+(SELECT .*FROM (\S+) .*)", re.DOTALL)


@contextmanager
def broker(programs: Path) -> Generator[tuple[str, Callable[[str], None]]]:
    """Yield the address of a broker with the example's topics, and what writes `topic base64` into it."""
    command = [str(programs / "broker"), "otlp_spans", "otlp_logs"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def write(record: str) -> None:
            assert process.stdin is not None
            process.stdin.write(f"{record}\n")
            process.stdin.flush()

        yield process.stdout.readline().strip(), write
        process.communicate("")


@pytest.fixture
def statements(tmp_path: Path) -> list[str]:
    """The example's statements, with the messages' schema as the documented command prints it."""
    text = (CONFIG / "kafka" / "clickhouse.sql").read_text()
    for signal in ("traces", "logs"):
        schema = tmp_path / f"botlogs_{signal}.proto"
        schema.write_text(run("ddl", "--protobuf", signal).stdout)
        text = text.replace(f"'botlogs_{signal}:", f"'{schema}:")
    return split_statements(text)


def _poll(database: Database, statements: list[str], address: str) -> None:
    """Let each view read its topic once, from the beginning: nothing is committed where a SELECT reads."""
    for statement in statements:
        view = _VIEW.search(statement)
        if view is None:
            continue
        target, select, source = view.groups()
        (table,) = [one for one in statements if f"EXISTS {source} " in one]
        # A group of its own: one that a dropped table has just left makes the next wait for it.
        table = table.replace("'botlogs'", f"'{unique()}'").replace("127.0.0.1:9092", address)
        with pytest.raises(BotLogsError, match="Shutdown was called"):
            database.command(table)
        columns = re.findall(r" AS (\w+)", select) or [select.split()[1]]
        database.command(
            f"INSERT INTO {target} ({', '.join(columns)}) {select} SETTINGS stream_like_engine_allow_direct_select = 1"
        )
        database.command(f"DROP TABLE {source}")


def _talk(environment: str) -> Talk:
    talk = Talk(unique(), environment=environment)
    node = talk.node("ask", start=0, end=1, count=0, flag=False, text="", nothing=None, raw=b"\xff")
    talk.log("bot.message.user", "where is my order?", at=0.5, span=node)
    return talk


def test_clickhouse_reads_from_kafka_what_a_collector_wrote_there(
    go_programs: Path, tmp_path: Path, server: tuple[str, Database], statements: list[str]
) -> None:
    """Live spans and records reach the readers, all others the hold; a record that cannot be read is kept aside."""
    _, database = server
    talks = {"botlogs": _talk("sandbox"), "botlogs_held": _talk("production")}
    database.command(statements[0])  # where refused records go

    with broker(go_programs) as (address, write):
        with otelcol(go_programs, "otelcol-to-kafka.yaml", tmp_path, KAFKA_BROKER=address) as collector:
            for talk in talks.values():
                collector.take(talk.spans, talk.logs)
        write("otlp_spans AAEC")

        def is_there() -> bool:
            _poll(database, statements, address)
            return all(_counts(database, place, talk) == (1, 3) for place, talk in talks.items()) and bool(
                database.rows("SELECT 1 FROM botlogs_ingest.kafka_refused")
            )

        until(is_there, 90)

    (span,) = database.rows("SELECT SpanAttributes, SpanAttributeTypes FROM botlogs.otel_traces LIMIT 1 BY SpanId")
    kinds = {key: str(kind) for key, kind in zip(span["SpanAttributes"], span["SpanAttributeTypes"], strict=True)}
    assert kinds | {
        "count": "int_value", "flag": "bool_value", "text": "string_value", "nothing": "absent", "raw": "bytes_value",
    } == kinds  # fmt: skip
    refused = database.rows("SELECT DISTINCT Topic, hex(Record) AS Record FROM botlogs_ingest.kafka_refused")
    assert refused == [{"Topic": "otlp_spans", "Record": "000102"}]


def _counts(database: Database, place: str, talk: Talk) -> tuple[int, int]:
    """Return the identities of a conversation's spans and records: each poll reads everything again."""
    spans, records = (
        database.rows(
            f"SELECT uniqExact({identity}) AS n FROM {place}.{table} WHERE TraceId = {{t:String}}", t=talk.trace
        )[0]["n"]
        for table, identity in (("otel_traces", "SpanId"), ("otel_logs", "LogId"))
    )
    return int(spans), int(records)
