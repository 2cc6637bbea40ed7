"""From a fresh clone to a running demo: `make run`, the first time with set-up and the second without.

A clone of what is committed, in a folder of its own with no environment; packages come from wherever pip is told to
look, so the first figure is the network's as much as ours.
"""

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.report import Row, compared
from tests.support.processes import free_ports

_TOP = Path(__file__).parents[2]
_FIRST_S, _SECOND_S = 180, 5


def run(quick: bool) -> list[Row]:
    """Return seconds until the demo says that it is ready; quick: of an environment that is there, this one."""
    if quick:
        with tempfile.TemporaryDirectory(prefix="botlogs-bench-") as folder:
            return [_second([_ready_s(_TOP, Path(folder) / "data") for _ in range(3)])]
    with tempfile.TemporaryDirectory(prefix="botlogs-bench-") as name:
        clone = Path(name) / "clone"
        subprocess.run(["git", "clone", "--quiet", _TOP, clone], check=True)
        first_s = _ready_s(clone, Path(name) / "first")
        again_s = [_ready_s(clone, Path(name) / f"again-{number}") for number in range(5)]
    return [
        {
            "name": "make run, a fresh clone with no environment, until ready",
            "value": round(first_s, 1), "unit": "s", "runs": 1, **compared(first_s, at_most=_FIRST_S),
        },
        _second(again_s),
    ]  # fmt: skip


def _second(seconds: list[float]) -> Row:
    value = statistics.median(seconds)
    return {
        "name": "make run, the environment is there, until ready",
        "value": round(value, 1), "unit": "s", "runs": len(seconds), **compared(value, at_most=_SECOND_S),
    }  # fmt: skip


def _ready_s(clone: Path, data: Path) -> float:
    """Return how long `make run` takes until the service is ready; it is ended then, with all that it started."""
    http, grpc, otlp_http, otlp_grpc = free_ports(4)
    arguments = (
        f"--no-open --data {data} --chat-port 0 --http-port {http} --grpc-port {grpc} "
        f"--otlp-http-port {otlp_http} --otlp-grpc-port {otlp_grpc}"
    )
    command = ["make", "-s", "-C", str(clone), "run", f"ARGS={arguments}", f"PYTHON={sys.executable}"]
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("BOTLOGS_", "OTEL_", "VIRTUAL_"))}
    started = time.perf_counter()
    with (
        tempfile.TemporaryFile("w+") as said,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=said, text=True, env=environ, start_new_session=True
        ) as program,
    ):
        assert program.stdout is not None
        try:
            for line in program.stdout:
                if "Talk to the bot" in line:
                    return time.perf_counter() - started
        finally:
            os.killpg(program.pid, signal.SIGTERM)
            program.stdout.read()
        said.seek(0)
        raise AssertionError(f"the demo ended before it was ready: {said.read()[-500:]}")
