"""How long readers wait, at the API over HTTP, with millions of released spans in the store.

The data is made by the engine itself (released_store.py): conversations of 20 spans and 30 log events, spread over
30 days, half of them sandbox, half production and released. Requests go to random conversations, one after the
other, so that what is measured is an answer's time and not a queue's.
"""

import asyncio
import contextlib
import json
import os
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
from tests.bench.released_store import SPANS_A_CONVERSATION, Released
from tests.bench.report import compared
from tests.support.reading import http_client, query_service
from tests.support.store import Store, open_store

_QUICK = (200_000,)
_FULL = (1_000_000, 20_000_000, 50_000_000)  # spans, each size in a store of its own
_COLD = 5  # calls of each kind with nothing remembered, of which the slowest counts

_LIST = "/api/v1/conversations"
Call = Callable[[httpx.AsyncClient, int], Awaitable[httpx.Response]]


def run(quick: bool) -> list[dict[str, object]]:
    """Return p50 and p99 of each kind of question, and of the slowest cold call, at every size of the store.

    Filled and measured in processes of their own: an engine keeps to one folder, and its caches are cold then.
    """
    rows: list[dict[str, object]] = []
    for spans in _QUICK if quick else _FULL:
        conversations = spans // SPANS_A_CONVERSATION
        with tempfile.TemporaryDirectory(prefix="botlogs-bench-") as folder:
            bounds = (folder, conversations, time.time_ns())
            _in_process("fill", *bounds)
            rows += json.loads(_in_process("measure", *bounds, 30 if quick else 300))
    return rows


def _in_process(*arguments: object) -> str:
    command = [sys.executable, "-m", "tests.bench.queries", *map(str, arguments)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def main(what: str, folder: str, *numbers: str) -> None:
    """Fill the store in *folder*, or measure it and print the rows as JSON."""
    store = open_store(Path(folder))
    conversations, newest, *rounds = map(int, numbers)
    released = Released(conversations=conversations, newest_ns=newest)
    if what == "fill":
        released.fill(store.database)
    else:
        print(json.dumps(asyncio.run(_measure(store, released, *rounds))))
    store.database.close()


async def _measure(store: Store, released: Released, rounds: int) -> list[dict[str, object]]:
    yardstick = _percentiles([_timed_query(store.database, trace) for trace in _some_traces(store.database)])[0]
    results: list[dict[str, object]] = []
    service = query_service(store, SystemClock())
    async with http_client(service) as http:
        for name, (call, target_p50, target_p99) in _questions(released).items():
            numbers = random.Random(name)
            cold: list[float] = []
            for _ in range(_COLD):
                forget(store.database)
                cold.append(await _timed(http, call, numbers.randrange(released.conversations)))
            times: list[float] = []
            spent: list[float] = []
            for _ in range(rounds):
                begun = time.process_time()
                times.append(await _timed(http, call, numbers.randrange(released.conversations)))
                spent.append((time.process_time() - begun) * 1000)
            p50, p99 = _percentiles(times)
            for what, value, target in (
                ("p50", p50, target_p50), ("p99", p99, target_p99), ("cold", max(cold), 400),
                ("CPU of service and client", _percentiles(spent)[0], 0),
            ):  # fmt: skip
                results.append(
                    {
                        "name": f"{name}, {what}, at {released.spans:,} spans",
                        "value": round(value, 1),
                        "unit": "ms",
                        "ratio": round(value / yardstick, 1),
                        "yardstick": f"the engine reading one trace's log records: {yardstick:.1f} ms",
                        **compared(value, at_most=target or None),
                        "series": f"{name}, {what}",
                        "against": "released spans",
                        "at": released.spans,
                    }
                )
    await service.close()
    return results


def _questions(released: Released) -> dict[str, tuple[Call, int, int]]:
    """Return what is asked of a conversation by its number, and what p50 and p99 should be at most; 0: not said."""
    began = released.began_ns

    def logs(http: httpx.AsyncClient, number: int) -> Awaitable[httpx.Response]:
        return http.get(f"{_of(number)}/logs", params={"at": began(number) + 2_500_000_000})

    def node(http: httpx.AsyncClient, number: int) -> Awaitable[httpx.Response]:
        return http.get(f"{_of(number)}/node", params={"at": began(number) + 2_700_000_000})

    def of_a_bot(http: httpx.AsyncClient, number: int) -> Awaitable[httpx.Response]:
        return http.get(_LIST, params={"environment": "sandbox", "bot": f"bot-{number % 7}"})

    def with_errors(http: httpx.AsyncClient, _number: int) -> Awaitable[httpx.Response]:
        return http.get(_LIST, params={"environment": "production", "has_error": "true"})

    return {
        "timeline, first page": (lambda http, number: http.get(f"{_of(number)}/timeline"), 20, 100),
        "logs at a timestamp": (logs, 20, 100),
        "node at a timestamp": (node, 20, 100),
        "list, two filters": (of_a_bot, 0, 200),
        "list, production with errors": (with_errors, 0, 200),
        "one conversation with its receipt": (lambda http, number: http.get(_of(number)), 0, 0),
    }


def forget(database: Database) -> None:
    """Drop what the engine and the system remember of the store's files: the next question is a cold one."""
    for cache in ("MARK CACHE", "INDEX MARK CACHE", "UNCOMPRESSED CACHE", "QUERY CONDITION CACHE"):
        database.command(f"SYSTEM DROP {cache}")
    for file in database.path.rglob("*"):
        with contextlib.suppress(OSError):  # a part that was merged away meanwhile
            if file.is_file():
                descriptor = os.open(file, os.O_RDONLY)
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
                os.close(descriptor)


async def _timed(http: httpx.AsyncClient, call: Call, number: int) -> float:
    begun = time.perf_counter()
    response = await call(http, number)
    took = (time.perf_counter() - begun) * 1000
    assert response.status_code == 200, response.text
    answer = response.json()
    assert answer.get("items", True), f"an empty answer is no measurement: {response.url}"
    return took


def _some_traces(database: Database) -> list[str]:
    rows = database.rows("SELECT TraceId FROM botlogs.trace_state ORDER BY sipHash64(TraceId) LIMIT 50")
    return [str(row["TraceId"]) for row in rows]


def _timed_query(database: Database, trace: str) -> float:
    begun = time.perf_counter()
    rows = database.rows(
        "SELECT Timestamp, Body, LogAttributes FROM botlogs.otel_logs WHERE TraceId = {t:String}", t=trace
    )
    took = (time.perf_counter() - begun) * 1000
    assert rows, "an empty answer is no yardstick"
    return took


def _percentiles(times: list[float]) -> tuple[float, float]:
    ordered = sorted(times)
    return ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, round(len(ordered) * 0.99))]


def _of(number: int) -> str:
    return f"{_LIST}/conv-{number}"


if __name__ == "__main__":
    main(*sys.argv[1:])
