"""Where the CPU of a received span goes: each stage from bytes to disk by itself, without network and merges.

The engine's stages are told apart by taking its views away one after another; commits are of 10,240 spans.
`python -m tests.bench.stages ROUNDS` prints them as JSON.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from botlogs_collector.otlp.request import check_request
from botlogs_collector.otlp.scopes import cut_scopes
from tests.bench.report import Row
from tests.bench.requests import trace_requests
from tests.support.store import Store, open_store

_SIZE, _REQUESTS = 512, 20
_SPANS = _SIZE * _REQUESTS
# From the last view to the first: what is saved without it, and without those before.
_VIEWS = (
    ("totals", "totals_of_traces"),
    ("state of traces", "state_of_traces"),
    ("live table (no row of it)", "live_traces"),
    ("held table: sorted, compressed, written", "held_traces"),
    ("flattening view: ids, maps of attributes, events, promoted columns", "otlp_traces_flat"),
)


def run(quick: bool) -> list[Row]:
    """Return one row a stage, and their sum."""
    command = [sys.executable, "-m", "tests.bench.stages", str(5 if quick else 15)]
    stages: dict[str, float] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    parse_us = stages.pop("parse")
    name = "a span, commits of 10,240"
    return [
        {
            "name": f"{name}: {stage}", "value": round(us, 2), "unit": "µs/span", "runs": 5 if quick else 15,
            "ratio": round(us / parse_us, 1), "yardstick": f"parse alone {parse_us:.2f} µs/span",
        }
        for stage, us in {**stages, "all": sum(stages.values())}.items()
    ]  # fmt: skip


def main(rounds: int) -> None:
    """Print µs of CPU a span by stage, and those of the bare parse."""
    bodies = trace_requests(_SIZE, _REQUESTS)

    def parse() -> None:
        for body in bodies:  # each is freed before the next: kept, they take three times as long, for memory's sake
            ExportTraceServiceRequest.FromString(body)

    parse_us = _us(parse, rounds)
    stages = {
        "parsed in C, ids checked, nested values looked for": _us(
            lambda: [check_request("traces", body) for body in bodies], rounds
        ),
        "cut into scopes": _us(lambda: [list(cut_scopes(body)) for body in bodies], rounds),
    }
    with tempfile.TemporaryDirectory(prefix="botlogs-bench-") as folder:
        store = open_store(Path(folder))
        store.database.command("SYSTEM STOP MERGES")
        stages |= _of_the_engine(store, bodies, rounds, cut_us=stages["cut into scopes"])
        store.database.close()
    print(json.dumps({"parse": parse_us, **stages}))


def _of_the_engine(store: Store, bodies: list[bytes], rounds: int, cut_us: float) -> dict[str, float]:
    def insert() -> None:
        store.otlp.insert("traces", bodies, time.time_ns())

    insert()
    stages: dict[str, float] = {}
    before_us = _us(insert, rounds)
    for stage, view in _VIEWS:
        store.database.command(f"DROP VIEW botlogs_ingest.{view}")
        left_us = _us(insert, rounds)
        stages[stage] = max(0.0, before_us - left_us)
        before_us = left_us
    return {
        "ClickHouse's Protobuf reader, into the landing table": before_us - cut_us,
        **dict(reversed(stages.items())),
    }


def _us(work: Callable[[], object], rounds: int) -> float:
    """Return the median CPU time of the process, all threads, in µs a span."""
    times: list[float] = []
    for _ in range(rounds):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return statistics.median(times) / _SPANS * 1e6


if __name__ == "__main__":
    main(int(sys.argv[1]))
