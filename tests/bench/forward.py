"""What forwarding costs: catching up with a backlog, the same rows encoded in Python, and ingest beside it.

The endpoint is a server in a process of its own that parses nothing. `python -m tests.bench.forward exact 100000`
alone is the long form of the round trip test: so many random spans and log records through the service, compared.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from botlogs_collector.model.forwarding import Cursor
from botlogs_collector.otlp.encode import trace_request
from tests.bench.forward_beside import TARGET, beside_ingest
from tests.bench.report import Row, compared
from tests.bench.requests import trace_requests
from tests.support.forwarding import Stretch, exporter
from tests.support.otlp_receiver import items_in, otlp_receiver
from tests.support.round_trip import differences, random_requests, send
from tests.support.service import Service
from tests.support.store import open_store

_COPIES = """
INSERT INTO botlogs.otel_traces
SELECT source.* REPLACE (
    lower(hex(sipHash128(TraceId, {salt:UInt64}))) AS TraceId, lower(hex(sipHash64(SpanId, {salt:UInt64}))) AS SpanId,
    fromUnixTimestamp64Nano({at:Int64}) AS ReceivedAt, fromUnixTimestamp64Nano({at:Int64}) AS VisibleAt)
FROM botlogs.otel_traces AS source
WHERE source.VisibleAt = fromUnixTimestamp64Nano({original:Int64})
"""
_STUCK_S = 120.0  # without a page: what is missing then will not come
_A_COMMIT = 100_352  # spans of one INSERT of the backlog


def run(quick: bool) -> list[Row]:
    """Return one row a figure."""
    rows = _in_process("backlog", 1 if quick else 100)
    with _drain() as address:
        rows += beside_ingest(address, seconds=2 if quick else 20, turns=1 if quick else 3)
    rows += _in_process("exact", 500 if quick else 100_000)
    return rows


def _in_process(what: str, *arguments: int) -> list[Row]:
    command = [sys.executable, "-m", "tests.bench.forward", what, *map(str, arguments)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


@contextmanager
def _drain() -> Generator[str]:
    """Yield the address of a server that takes everything."""
    with subprocess.Popen([sys.executable, "-m", "tests.bench.otlp_drain"], stdout=subprocess.PIPE, text=True) as drain:
        assert drain.stdout is not None
        try:
            yield f"127.0.0.1:{drain.stdout.readline().strip()}"
        finally:
            drain.kill()


def _backlog(commits: int) -> list[Row]:
    """Forward a backlog of so many commits, in this process alone."""
    with tempfile.TemporaryDirectory(prefix="botlogs-bench-") as folder, _drain() as address:
        store = open_store(Path(folder))
        stretch = Stretch(store.database)
        store.insert("traces", *trace_requests(512, _A_COMMIT // 512), received_unix_nano=stretch.start_ns)
        held = "INSERT INTO botlogs.otel_traces SELECT * FROM botlogs_held.otel_traces"
        store.database.command(held)
        for number in range(1, commits):
            store.database.command(
                _COPIES, {"max_threads": 1}, salt=number, at=stretch.start_ns + number, original=stretch.start_ns
            )
        spans = commits * _A_COMMIT
        python_us = _python_us(stretch)
        target = exporter(address)
        stretch.outbox.save(
            target.name, "traces", Cursor(from_unix_nano=stretch.start_ns - 1, upto_unix_nano=stretch.start_ns - 1)
        )
        before_mib, peaks = _rss_mib(), [0.0]
        cpu_s, started = time.process_time(), time.perf_counter()
        with stretch.forwarding(target, from_start=False):
            forwarded = moved = 0.0
            quiet_since = time.monotonic()
            while forwarded < spans and time.monotonic() - quiet_since < _STUCK_S:
                time.sleep(0.2)
                peaks.append(_rss_mib())
                moved, forwarded = forwarded, stretch.metric("forwarded_items_total", target.name)
                quiet_since = quiet_since if moved == forwarded else time.monotonic()
        lost = round(spans - forwarded)
        took_s, cpu_us = time.perf_counter() - started, (time.process_time() - cpu_s) / spans * 1e6
        third = len(peaks) // 3
        first_mib, last_mib = max(peaks[: third + 1]), max(peaks[-third - 1 :])
        label = f"backlog of {spans:,} spans"
        store.database.close()
        return [
            {"name": f"{label}: forwarded", "value": round(spans / took_s), "unit": "spans/s",
             **compared(spans / took_s, at_least=TARGET)},
            {
                "name": f"{label}: CPU, merges included", "value": round(cpu_us, 1), "unit": "µs/span",
                "ratio": round(cpu_us / python_us, 2), "yardstick": "rows encoded in Python, one process, no network",
            },
            {"name": "rows encoded in Python (otlp/encode.py)", "value": round(python_us, 1), "unit": "µs/span"},
            {"name": f"{label}: missing", "value": lost, "unit": "spans", **compared(lost, at_most=0)},
            {"name": f"{label}: memory before", "value": round(before_mib), "unit": "MiB"},
            {"name": f"{label}: memory, peak of the first third", "value": round(first_mib), "unit": "MiB"},
            {
                "name": f"{label}: memory, peak of the last third", "value": round(last_mib), "unit": "MiB",
                **compared(last_mib, at_most=round(1.1 * first_mib)),
            },
        ]  # fmt: skip


def _python_us(stretch: Stretch) -> float:
    """Return what the same spans cost read as rows and encoded in Python: the way that forwarding does not take."""
    sql = "SELECT TraceId FROM botlogs.otel_traces GROUP BY TraceId LIMIT 200"
    traces = [row["TraceId"] for row in stretch.database.rows(sql)]
    times: list[float] = []
    for _ in range(3):
        started = time.process_time()
        rows = stretch.database.query("whole_spans", traces=traces, received_from=0, received_to=2**62, limit=100_000)
        body = trace_request(rows).SerializeToString()
        assert body
        times.append((time.process_time() - started) / len(rows) * 1e6)
    return min(times)


def _exact(items: int) -> list[Row]:
    """Send so many random spans and as many log records through a service; every one must come out as it went in."""
    with otlp_receiver() as receiver, tempfile.TemporaryDirectory(prefix="botlogs-bench-") as folder:
        environ = {
            "BOTLOGS_ENVIRONMENTS__PRODUCTION__RELEASE_DELAY": "0s",
            "BOTLOGS_EXPORTERS__OTLP": json.dumps([{"name": "exact", "endpoint": receiver.endpoint}]),
        }
        with Service(Path(folder) / "data", environ) as service:
            requests = random_requests(items, seed=items)
            send(service, requests)
            receiver.wait(lambda r: sum(len(items_in(request)) for request in r.taken) >= 2 * items, 600)
            found = differences(requests, receiver)
            service.program.stop()
    for difference in found[:5]:
        print(difference, file=sys.stderr)
    return [
        {
            "name": f"round trip of {items:,} random spans and as many log records: different or missing",
            "value": len(found), "unit": "items", **compared(len(found), at_most=0),
        }
    ]  # fmt: skip


def _rss_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    _what, _number = sys.argv[1:]
    print(json.dumps((_exact if _what == "exact" else _backlog)(int(_number))))
