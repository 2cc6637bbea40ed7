"""How long a log event takes from the sender's call to an open stream, while others send 1,000 spans/s.

The yardstick is the bare way through the same engine, in a process of its own with the same load beside it: one log
event inserted, then its conversation's rows selected.
"""

import contextlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import grpc
import httpx

from tests.bench.bare import insert_and_select_ms
from tests.bench.report import compared
from tests.bench.shape import Shape
from tests.support.sender import Talk
from tests.support.service import Service
from tests.support.store import unique

_LOGS = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
_VIEWERS = 5
_LOAD = Shape(senders=4, size=50, rate=5)  # 1,000 spans/s
_DEADLINE_S = 60


class _Viewer(threading.Thread):
    """Follows one conversation's stream and notes when each text came by."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self._url = url
        self._arrived = threading.Condition()
        self._seen: dict[str, float] = {}

    def run(self) -> None:
        with (
            contextlib.suppress(httpx.RemoteProtocolError),  # the service ends before its viewers
            httpx.stream("GET", self._url, timeout=None, trust_env=False) as answer,
        ):
            for line in answer.iter_lines():
                at = time.perf_counter()
                with self._arrived:
                    for word in line.split('"'):
                        if word.startswith("mark-"):
                            self._seen.setdefault(word, at)
                    self._arrived.notify_all()

    def wait_for(self, mark: str) -> float:
        """Return when *mark* came by."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: mark in self._seen, _DEADLINE_S), f"{mark} never came"
            return self._seen[mark]


def run(quick: bool) -> list[dict[str, object]]:
    """Return median and p99 over events and viewers, each the median of the runs."""
    runs, rounds = (1, 20) if quick else (5, 60)
    with tempfile.TemporaryDirectory(prefix="botlogs-bench-") as folder:
        with Service(Path(folder) / "data") as service:
            sender = (sys.executable, "-m", "tests.bench.sender")
            command = [*sender, _LOAD.to_json(), service.grpc, service.http, "3600", "1"]
            with subprocess.Popen(command, stdout=subprocess.PIPE) as load:
                cuts = [statistics.quantiles(_follow(service, rounds), n=100) for _ in range(runs)]
                bare_ms = insert_and_select_ms(rounds)
                load.terminate()
    name = f"sandbox event to {_VIEWERS} open streams at 1,000 spans/s"
    median_ms, p99_ms = (statistics.median(cut[at] for cut in cuts) * 1e3 for at in (49, 98))
    return [
        {
            "name": f"{name}, median", "value": round(median_ms), "unit": "ms", "runs": runs,
            "ratio": round(median_ms / bare_ms, 1), "yardstick": f"bare insert and select {bare_ms:.0f} ms",
        },
        {"name": f"{name}, p99", "value": round(p99_ms), "unit": "ms", "runs": runs, **compared(p99_ms, at_most=500)},
    ]  # fmt: skip


def _follow(service: Service, rounds: int) -> list[float]:
    talk = Talk(unique(), environment="sandbox")
    latencies: list[float] = []
    with grpc.insecure_channel(service.grpc) as channel:
        export = channel.unary_unary(_LOGS)

        def send(mark: str) -> float:
            talk.log("bot.log", mark)
            body = talk.logs.SerializeToString()
            talk.logs.resource_logs[0].scope_logs[0].ClearField("log_records")
            started = time.perf_counter()
            export(body, timeout=_DEADLINE_S)
            return started

        send("mark-first")
        service.conversation(talk.conversation_id)
        url = f"{service.api}/api/v1/conversations/{talk.conversation_id}/stream"
        viewers = [_Viewer(url) for _ in range(_VIEWERS)]
        for viewer in viewers:
            viewer.start()
            viewer.wait_for("mark-first")
        for number in range(rounds):
            started = send(f"mark-{number}")
            latencies += [viewer.wait_for(f"mark-{number}") - started for viewer in viewers]
    return latencies
