"""What holding and releasing costs: finding what is due, facts, release rate, memory over held count, bytes written.

Each size runs in a process of its own, on a store of its own, filled inside the engine through the same
views that arriving spans take.
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from botlogs_collector.clock import ManualClock
from botlogs_collector.config.settings import Settings
from botlogs_collector.store.client import Database
from botlogs_collector.store.migrate import migrate
from tests.support.hold import World
from tests.support.policies import policy_set

_SPANS = 20  # a conversation
_CHUNK = 50_000  # conversations an INSERT
_FILL = """
INSERT INTO botlogs_ingest.otel_traces
    (Timestamp, TraceId, SpanId, ParentSpanId, SpanName, SpanKind, ServiceName, ResourceAttributes, SpanAttributes,
     Duration, StatusCode, ReceivedAt)
SELECT
    fromUnixTimestamp64Nano({at:Int64} + (number % 20) * 1000000000) AS Timestamp,
    lower(hex(MD5(toString(intDiv(number, 20))))) AS TraceId,
    lower(hex(sipHash64(number))) AS SpanId,
    'aaaaaaaaaaaaaaaa', ['ask', 'answer', 'api', 'condition', 'end'][number % 5 + 1], 'Internal', 'support',
    map('service.name', 'support', 'deployment.environment.name', 'production'),
    map('gen_ai.conversation.id', concat('conv-', toString(intDiv(number, 20))), 'bot.id', 'support',
        'bot.flow.id', 'order_status', 'bot.node.id', concat('node-', toString(number % 12)), 'bot.node.type', 'prompt',
        'bot.turn.index', toString(intDiv(number % 20, 4)), 'http.request.method', 'GET',
        'note', substring(hex(sipHash128(number)), 1, 24)),
    1000000, if(number % 400 = 7, 'Error', 'Ok'), fromUnixTimestamp64Nano({received:Int64})
FROM numbers({first:UInt64}, {count:UInt64})
"""


def run(quick: bool) -> list[dict[str, Any]]:
    """Return the figures, each a dictionary for the table."""
    sizes = [5_000, 50_000] if quick else [100_000, 1_000_000]
    results = [_in_process("held", size) for size in sizes]
    figures = [figure for result in results for figure in result]
    for percent in (100, 50, 10):
        figures += _in_process("written", 2_000 if quick else 20_000, percent)
    return figures


def _in_process(what: str, *arguments: int) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "tests.bench.release", what, *map(str, arguments)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


@contextmanager
def _filled(conversations: int) -> Generator[World]:
    """Yield a world with that many held conversations, the last of them arrived an hour ago."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"chdb://{folder}/store")
        clock = ManualClock(time.time_ns() // 1_000_000_000 * 1_000_000_000)
        migrate(database, Settings(), clock)
        world = World(database, clock=clock)
        for first in range(0, conversations, _CHUNK):
            count = min(_CHUNK, conversations - first)
            database.command(
                _FILL, {"max_partitions_per_insert_block": 0}, at=clock.now_ns() - 7200 * 10**9,
                received=clock.now_ns() - 3600 * 10**9 + first, first=first * _SPANS, count=count * _SPANS,
            )  # fmt: skip
        yield world
        database.close()


def _held(conversations: int) -> list[dict[str, Any]]:
    with _filled(conversations) as world:
        world.policies = policy_set(
            "policies: [{name: errors, type: status_code, status_code: {status_codes: [ERROR]}},"
            " {name: rest, type: probabilistic, probabilistic: {sampling_percentage: 100}}]"
        )
        now_ns = world.clock.now_ns()
        due = [_timed(lambda: world.hold.due(now_ns, now_ns, 1000)) for _ in range(5)]
        batch = world.hold.due(now_ns, now_ns, 1000)
        facts = [_timed(lambda: world.hold.facts(batch, world.policies.conditions)) for _ in range(5)]
        rss_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        store = _Limited(world.hold, rounds=5)
        released_s = _timed(world.engine(store).run_round)  # pyright: ignore[reportArgumentType]
        label = f"{conversations:,} held conversations, {conversations * _SPANS:,} spans"
        both = statistics.median(due) + statistics.median(facts)
        return [
            _figure(f"due + facts of 1,000 ({label})", both, "s", "< 2"),
            _figure(f"peak RSS ({label})", rss_mib, "MiB", "< 1536, flat"),
            _figure(f"released ({label})", 5000 / released_s, "conversations/s", ">= 200"),
        ]


class _Limited:
    """A hold that has nothing more due after some rounds."""

    def __init__(self, hold: object, rounds: int) -> None:
        self._hold = hold
        self._left = rounds

    def __getattr__(self, name: str) -> Any:
        return getattr(self._hold, name)

    def due(self, now_ns: int, watermark_ns: int, limit: int) -> object:
        self._left -= 1
        return self._hold.due(now_ns, watermark_ns, limit) if self._left >= 0 else []  # type: ignore[attr-defined]


def _written(conversations: int, percent: int) -> list[dict[str, Any]]:
    """Return how many bytes reach the disk, merges included, for each byte that stays readable."""
    with _filled(conversations) as world:
        world.policies = policy_set(
            f"policies: [{{name: share, type: probabilistic, probabilistic: {{sampling_percentage: {percent}}}}}]"
        )
        before = _written_bytes()
        while world.run():
            pass
        written = _written_bytes() - before
        kept = world.database.rows(
            "SELECT sum(bytes_on_disk) AS n FROM system.parts WHERE active AND database = 'botlogs'"
            " AND table IN ('otel_traces', 'otel_logs')"
        )[0]["n"]
        return [
            _figure(f"bytes written by the release per kept byte, {percent} % kept", written / max(kept, 1), "", "")
        ]


def _written_bytes() -> int:
    io = Path("/proc/self/io").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in io.splitlines() if line.startswith("wchar"))


def _timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def _figure(name: str, value: float, unit: str, target: str) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": unit, "ratio": None, "yardstick": "", "target": target}


if __name__ == "__main__":
    _what, *_numbers = sys.argv[1:]
    _figures = (_held if _what == "held" else _written)(*map(int, _numbers))
    print(json.dumps(_figures))
