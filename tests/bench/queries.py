"""How long readers wait, at the API over HTTP, with millions of released spans in the store.

The data is made by the engine itself: conversations of 20 spans and 30 log events, spread over 30 days,
half of them sandbox, half production and released. Requests go to random conversations, one after the
other, so that what is measured is an answer's time and not a queue's.
"""

import asyncio
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx

from botlogs_collector.clock import SystemClock
from botlogs_collector.store.client import Database
from tests.support.reading import http_client, query_service
from tests.support.store import Store, open_store

SPANS_A_CONVERSATION = 20
LOGS_A_CONVERSATION = 30
_DAY = 86_400 * 10**9
_BATCH = 50_000  # conversations an INSERT
_QUICK = (500_000,)
_FULL = (1_000_000, 20_000_000, 50_000_000)  # spans, each size in a store of its own

_LIST = "/api/v1/conversations"
Call = Callable[[httpx.AsyncClient, int], Awaitable[httpx.Response]]


def run(quick: bool) -> list[dict[str, object]]:
    """Return p50 and p99 of each kind of question, and of the first, cold, call, at every size of the store.

    Filled and measured in processes of their own: an engine keeps to one folder, and its caches are cold then.
    """
    rows: list[dict[str, object]] = []
    for spans in _QUICK if quick else _FULL:
        conversations = spans // SPANS_A_CONVERSATION
        with tempfile.TemporaryDirectory(prefix="botlogs-bench-") as folder:
            bounds = (folder, conversations, time.time_ns())
            _in_process("fill", *bounds)
            rows += json.loads(_in_process("measure", *bounds, 60 if quick else 300))
    return rows


def _in_process(*arguments: object) -> str:
    command = [sys.executable, "-m", "tests.bench.queries", *map(str, arguments)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def main(what: str, folder: str, *numbers: str) -> None:
    """Fill the store in *folder*, or measure it and print the rows as JSON."""
    store = open_store(Path(folder))
    conversations, newest, *rounds = map(int, numbers)
    step = 30 * _DAY // conversations
    if what == "fill":
        fill(store.database, conversations, newest, step)
    else:
        print(json.dumps(asyncio.run(_measure(store, conversations, newest, step, *rounds))))
    store.database.close()


async def _measure(store: Store, conversations: int, newest: int, step: int, rounds: int) -> list[dict[str, object]]:
    yardstick = _percentiles([_timed_query(store.database) for _ in range(50)])[0]

    def started(number: int) -> int:
        return newest - step * (conversations - number)

    questions: dict[str, tuple[Call, int, int]] = {
        "timeline, first page": (lambda http, n: http.get(f"{_of(n)}/timeline"), 20, 100),
        "logs at a timestamp": (
            lambda http, n: http.get(f"{_of(n)}/logs", params={"at": started(n) + 2_500_000_000}),
            20,
            100,
        ),
        "node at a timestamp": (
            lambda http, n: http.get(f"{_of(n)}/node", params={"at": started(n) + 2_700_000_000}),
            20,
            100,
        ),
        "list, two filters": (
            lambda http, n: http.get("/api/v1/conversations", params={"environment": "sandbox", "bot": f"bot-{n % 7}"}),
            0,
            200,
        ),
        "list, production with errors": (
            lambda http, _: http.get(
                "/api/v1/conversations", params={"environment": "production", "has_error": "true"}
            ),
            0,
            200,
        ),
        "one conversation with its receipt": (lambda http, n: http.get(_of(n)), 0, 0),
    }
    results: list[dict[str, object]] = []
    service = query_service(store, SystemClock())
    async with http_client(service) as http:
        for name, (call, target_p50, target_p99) in questions.items():
            times = [await _timed(http, call, random.Random(i).randrange(conversations)) for i in range(rounds)]
            p50, p99 = _percentiles(times[1:])
            spans = conversations * SPANS_A_CONVERSATION
            for what, value, target in (("p50", p50, target_p50), ("p99", p99, target_p99), ("first", times[0], 400)):
                results.append(
                    {
                        "name": f"{name}, {what}, at {spans:,} spans",
                        "value": round(value, 1),
                        "unit": "ms",
                        "ratio": round(value / yardstick, 1),
                        "yardstick": f"the engine reading one trace's log records: {yardstick:.1f} ms",
                        "target": target or None,
                        "series": f"{name}, {what}",
                        "against": "released spans",
                        "at": spans,
                    }
                )
    await service.close()
    return results


async def _timed(http: httpx.AsyncClient, call: Call, number: int) -> float:
    begun = time.perf_counter()
    response = await call(http, number)
    took = (time.perf_counter() - begun) * 1000
    assert response.status_code == 200, response.text
    answer = response.json()
    assert answer.get("items", True), f"an empty answer is no measurement: {response.url}"
    return took


def _timed_query(database: Database) -> float:
    trace = f"{random.randrange(16**8):08x}"
    begun = time.perf_counter()
    database.rows("SELECT Timestamp, Body, LogAttributes FROM botlogs.otel_logs WHERE TraceId = {t:String}", t=trace)
    return (time.perf_counter() - begun) * 1000


def _percentiles(times: list[float]) -> tuple[float, float]:
    ordered = sorted(times)
    return ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, round(len(ordered) * 0.99))]


def _of(number: int) -> str:
    return f"{_LIST}/conv-{number}"


def fill(database: Database, conversations: int, newest: int, step: int) -> None:
    """Put *conversations* into the store, the last one beginning one *step* before *newest* (Unix ns)."""
    # Released data is made by routing production straight to the readers, then telling its state as released.
    for first in range(0, conversations, _BATCH):
        bounds = {"first": first, "count": min(_BATCH, conversations - first), "all": conversations}
        for table, entries in (("otel_traces", SPANS_A_CONVERSATION), ("otel_logs", LOGS_A_CONVERSATION)):
            database.command(
                _INSERTS[table],
                {"max_partitions_per_insert_block": 1000},
                **bounds, entries=entries, newest=newest, step=step,
            )  # fmt: skip
    for table in ("otel_traces", "otel_logs"):
        database.command(
            f"INSERT INTO botlogs.{table} SELECT * FROM botlogs_held.{table}", {"max_partitions_per_insert_block": 1000}
        )
        database.command(f"TRUNCATE TABLE botlogs_held.{table}")
    database.command(_RECEIPTS)


_NAMES = """
    'gen_ai.conversation.id', concat('conv-', toString(c)), 'bot.id', concat('bot-', toString(c % 7)),
    'bot.channel', 'web', 'user.id', toString(c % 1000)"""
_NODE = """
    'bot.turn.index', toString(intDiv(k, 5) + 1), 'bot.flow.id', concat('flow-', toString(c % 5)),
    'bot.flow.version', 'v1', 'bot.node.id', concat('n-', toString(node)), 'bot.node.name', 'Ask',
    'bot.node.type', 'prompt'"""
_ROWS = """
    SELECT intDiv(number, {entries:UInt64}) + {first:UInt64} AS c, number % {entries:UInt64} AS k,
        lower(hex(sipHash128(c))) AS trace,
        fromUnixTimestamp64Nano(toInt64({newest:Int64} - {step:Int64} * ({all:UInt64} - c))) AS began,
        map('service.name', 'shop', 'deployment.environment.name', if(c % 2 = 0, 'sandbox', 'production')) AS resource
    FROM numbers({count:UInt64} * {entries:UInt64})"""
_INSERTS = {
    "otel_traces": f"""
        INSERT INTO botlogs_ingest.otel_traces (Timestamp, TraceId, SpanId, ParentSpanId, SpanName, SpanKind,
            ServiceName, ResourceAttributes, ScopeName, SpanAttributes, Duration, StatusCode, ReceivedAt)
        SELECT began + toIntervalSecond(k), trace, lower(hex(sipHash64(c, k))),
            if(k = 0, '', lower(hex(sipHash64(c, 0)))), multiIf(k = 0, 'conversation', k % 5 = 1, 'turn', 'Ask'),
            'Internal', 'shop', resource, 'otel_botlogs',
            if(k = 0 OR k % 5 = 1, map({_NAMES}), map({_NAMES}, {_NODE}, 'bot.node.outcome', 'completed')),
            900000000, if(c % 10 = 1 AND k = 7, 'Error', 'Unset'), began + toIntervalSecond(k)
        FROM (SELECT *, k AS node FROM ({_ROWS}))""",
    "otel_logs": f"""
        INSERT INTO botlogs_ingest.otel_logs (Timestamp, TraceId, SpanId, SeverityText, SeverityNumber, ServiceName,
            Body, ResourceAttributes, ScopeName, LogAttributes, EventName, ReceivedAt)
        SELECT began + toIntervalMillisecond(intDiv(k, 2) * 1000 + if(k % 2 = 0, 0, 500)), trace,
            lower(hex(sipHash64(c, node))), 'INFO', 9, 'shop',
            if(node % 5 = 1, concat('where is my order ', toString(c * 7919)), ''), resource, 'otel_botlogs',
            if(node % 5 = 1, map({_NAMES}), map({_NAMES}, {_NODE})),
            multiIf(node % 5 = 1, 'bot.message.user', k % 2 = 0, 'bot.node.enter', 'bot.node.exit'),
            began + toIntervalSecond(intDiv(k, 2))
        FROM (SELECT *, intDiv(k, 2) AS node FROM ({_ROWS}))""",
}
_RECEIPTS = """
    INSERT INTO botlogs.receipts (ConversationKey, Episode, Status, ConversationId, TraceIds, BotId, Environment,
        StartedAt, LastTimestamp, EndedAt, EndRule, AvailableAt, ReleasedAt, Watermark, Decision, DecidedBy, Votes,
        Spans, LogEvents, Weight, Complete, DecidedAt, Version)
    SELECT ConversationKey, 1, 'released', ConversationId, TraceIds, BotId, Environment, FirstTimestamp, LastTimestamp,
        LastReceivedAt, 'idle', LastReceivedAt, LastReceivedAt, LastReceivedAt + 1, 'keep', 'default', '[]', Spans,
        LogEvents, 1, true, LastReceivedAt, 1
    FROM botlogs.conversation_state(now_ns = 4000000000000000000, since = '1970-01-01', include_live = 0)"""


if __name__ == "__main__":
    main(*sys.argv[1:])
