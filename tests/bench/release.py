"""What holding and releasing costs: finding what is due, facts, release rate, lag, memory, bytes written.

Each size is filled in a process (`held_store.py`) and measured in another, so that its memory is that of releasing.
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from botlogs_collector.clock import ManualClock
from botlogs_collector.config.settings import Settings
from botlogs_collector.release.engine import ReleaseEngine
from botlogs_collector.release.runner import ReleaseRunner
from botlogs_collector.store.client import Database
from botlogs_collector.store.held import Hold
from botlogs_collector.store.lease import SoleProcess
from botlogs_collector.store.migrate import migrate
from botlogs_collector.telemetry import Telemetry
from tests.bench.decisions import TEN_POLICIES
from tests.bench.held_store import DUE_A_SECOND, SPANS, fill_due
from tests.bench.report import compared
from tests.support.hold import NothingInFlight, World
from tests.support.policies import policy_set

# All kept by the last, so that each is released, but asked for what every one of ten policies wants to know.
_POLICIES = policy_set(TEN_POLICIES.replace("sampling_percentage: 10}", "sampling_percentage: 100}"))
_SIZES = (10_000, 100_000, 1_000_000)


def run(quick: bool) -> list[dict[str, Any]]:
    """Return the figures, each a dictionary for the table."""
    figures: list[dict[str, Any]] = []
    for size in _SIZES[:1] if quick else _SIZES:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, "-m", "tests.bench.held_store", folder, str(size)], check=True)
            figures += _in_process("held", folder, size, 5 if quick else 40)
    for percent in (50,) if quick else (100, 50, 10):
        figures += _in_process("written", 2_000 if quick else 20_000, percent)
    return figures


def _in_process(what: str, *arguments: object) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "tests.bench.release", what, *map(str, arguments)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def _held(folder: str, size: str, seconds: str) -> list[dict[str, Any]]:
    conversations = int(size)
    database = Database(f"chdb://{folder}/store")
    start_ns = int((Path(folder) / "now").read_text())
    world = World(database, clock=ManualClock(start_ns), policies=_POLICIES)
    soon_ns = start_ns + 6 * 10**9
    due = [_timed(lambda: world.hold.due(soon_ns, soon_ns, 1000)) for _ in range(5)]
    batch = world.hold.due(soon_ns, soon_ns, 1000)
    facts = [_timed(lambda: world.hold.facts(batch, _POLICIES.conditions)) for _ in range(5)]
    lags_s = _lags_s(database, start_ns, min(int(seconds), conversations // 2 // DUE_A_SECOND - 10))
    world.clock.advance(250)
    released: list[int] = []
    engine = world.engine(_Limited(world.hold, rounds=5))  # pyright: ignore[reportArgumentType]
    released_s = _timed(lambda: released.append(engine.run_round()))
    rss_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    database.close()
    label = f"{conversations:,} held conversations, {conversations * SPANS:,} spans"
    at_once, latest = released[0] / released_s, max(lags_s)
    both = statistics.median(due) + statistics.median(facts)
    figures = (
        (f"due + facts of {len(batch):,}, ten policies", both, "s", compared(both, at_most=2)),
        ("peak RSS while releasing", rss_mib, "MiB", compared(rss_mib, at_most=1536)),
        ("released at once", at_once, "conversations/s", compared(at_once, at_least=DUE_A_SECOND)),
        (f"readable after becoming due, {DUE_A_SECOND}/s become due, p50", statistics.median(lags_s), "s", {}),
        (
            f"readable after becoming due, {DUE_A_SECOND}/s become due, latest",
            latest,
            "s",
            compared(latest, at_most=10),
        ),
    )
    return [
        {
            **_figure(f"{name} ({label})", value, unit),
            **target,
            "series": name, "against": "held conversations", "at": conversations,
        }
        for name, value, unit, target in figures
    ]  # fmt: skip


class _RunningClock:
    """Time goes on from a moment as it does outside."""

    def __init__(self, start_ns: int) -> None:
        self._offset_ns = start_ns - time.monotonic_ns()

    def now_ns(self) -> int:
        return time.monotonic_ns() + self._offset_ns

    def monotonic_s(self) -> float:
        return time.monotonic()


def _lags_s(database: Database, start_ns: int, seconds: int) -> list[float]:
    """Let the engine run as in the service while conversations become due; return how late each was readable."""
    clock, telemetry, lease = _RunningClock(start_ns), Telemetry(), SoleProcess()
    settings = Settings()
    engine = ReleaseEngine(
        Hold(database, clock, settings.storage.hold_retention), in_flight=NothingInFlight(), lease=lease,
        policies=lambda: _POLICIES, clock=clock, telemetry=telemetry, batch=1000, lag_ns=0,
    )  # fmt: skip
    runner = ReleaseRunner(engine, lease, clock, telemetry, settings.release.interval / 1e9)
    runner.start()
    time.sleep(seconds)
    runner.stop()
    rows = database.rows(
        "SELECT (toUnixTimestamp64Nano(ReleasedAt) - toUnixTimestamp64Nano(AvailableAt)) / 1e9 AS lag"
        " FROM botlogs.receipts FINAL WHERE Status = 'released'"
    )
    # The first that was not released in time has waited at least since it became due.
    waited_s = seconds - len(rows) / DUE_A_SECOND
    return [*(row["lag"] for row in rows), waited_s]


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


def _written(conversations: str, percent: str) -> list[dict[str, Any]]:
    """Return how many bytes reach the disk, merges included, for each byte that stays readable."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"chdb://{folder}/store")
        clock = ManualClock(time.time_ns())
        migrate(database, Settings(), clock)
        fill_due(database, int(conversations), clock.now_ns())
        world = World(database, clock=clock)
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
        database.close()
        name = f"bytes written by the release per kept byte, {percent} % kept"
        return [_figure(name, written / max(kept, 1), "")]


def _written_bytes() -> int:
    io = Path("/proc/self/io").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in io.splitlines() if line.startswith("wchar"))


def _timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def _figure(name: str, value: float, unit: str) -> dict[str, Any]:
    return {"name": name, "value": round(value, 3), "unit": unit}


if __name__ == "__main__":
    _what, *_arguments = sys.argv[1:]
    print(json.dumps((_held if _what == "held" else _written)(*_arguments)))
