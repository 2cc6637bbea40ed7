"""A shape of load on a service of its own, and what that cost it.

The service and the senders are processes of their own; requests are serialized beforehand. CPU comes from /proc:
all of the service, merges and other background work included.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.bench.shape import Shape
from tests.support.service import Service

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One stretch of a load."""

    seconds: float
    items: int
    requests: int
    cpu_us: float  # of the service, an item
    sender_us: float  # of all senders, a request
    median_s: float
    p99_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """All runs of one load, and what the service was like at its end."""

    shape: Shape
    runs: list[Run]
    rss_mb: int
    bytes_an_item: float  # on disk, merges not awaited

    def median(self, of: Callable[[Run], float]) -> float:
        """Return the median over the runs."""
        return statistics.median(map(of, self.runs))


def load(shape: Shape, seconds: float, runs: int) -> Load:
    """Load a fresh service."""
    with tempfile.TemporaryDirectory(prefix="botlogs-bench-") as name:
        folder = Path(name) / "data"
        with Service(folder) as service:
            pid = service.program.pid
            before = _bytes_on_disk(folder)
            measured = measured_runs(shape, service.grpc, service.http, pid, seconds, runs)
            rss_mb = _rss_mb(pid)
            stored = _accepted(service)
            assert service.program.stop() == 0
        on_disk = _bytes_on_disk(folder) - before
    return Load(shape=shape, runs=measured, rss_mb=rss_mb, bytes_an_item=on_disk / stored)


def measured_runs(shape: Shape, grpc: str, http: str, pid: int, seconds: float, runs: int) -> list[Run]:
    """Load the server *pid* at the addresses *grpc* and *http*; the time until it is warm does not count."""
    command = (sys.executable, "-m", "tests.bench.sender", shape.to_json(), grpc, http, str(seconds), str(runs))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sender:
        assert sender.stdout is not None
        assert sender.stdout.readline() == "warm\n"
        return [_run(sender.stdout, pid, sender.pid, shape.size) for _ in range(runs)]


def idle_percent(seconds: float) -> float:
    """Return how much of a core a service takes that nobody sends to or asks."""
    with tempfile.TemporaryDirectory(prefix="botlogs-bench-") as name, Service(Path(name) / "data") as service:
        time.sleep(3)
        pid = service.program.pid
        cpu_s, started = cpu_seconds(pid), time.perf_counter()
        time.sleep(seconds)
        return 100 * (cpu_seconds(pid) - cpu_s) / (time.perf_counter() - started)


def cpu_seconds(pid: int) -> float:
    """Return the CPU time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _run(lines: IO[str], pid: int, sender: int, size: int) -> Run:
    cpu_s, sender_s, started = cpu_seconds(pid), cpu_seconds(sender), time.perf_counter()
    count, *texts = lines.readline().split()
    items, latencies = int(count), sorted(map(float, texts))
    assert items, "nothing was acknowledged in a whole run"
    return Run(
        seconds=time.perf_counter() - started,
        items=items,
        requests=items // size,
        cpu_us=(cpu_seconds(pid) - cpu_s) / items * 1e6,
        sender_us=(cpu_seconds(sender) - sender_s) / (items // size) * 1e6,
        median_s=statistics.median(latencies),
        p99_s=latencies[int(len(latencies) * 0.99)],
    )


def _accepted(service: Service) -> int:
    with urllib.request.urlopen(f"{service.http}/metrics", timeout=60) as answer:
        lines = answer.read().decode().splitlines()
    return round(sum(float(line.split()[-1]) for line in lines if line.startswith("botlogs_accepted_items_total{")))


def _bytes_on_disk(folder: Path) -> int:
    sizes: list[int] = []
    for path in folder.rglob("*"):
        try:
            sizes.append(path.stat().st_size if path.is_file() else 0)
        except FileNotFoundError:  # a merge was quicker
            continue
    return sum(sizes)


def _rss_mb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) // 1024
