"""A hundred people follow one live conversation: how long an event takes to each, and what it costs the service."""

import asyncio
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import grpc.aio
import httpx

from tests.bench.load import cpu_seconds
from tests.bench.report import Row, compared
from tests.support.sender import Talk
from tests.support.service import Service
from tests.support.store import unique

_LOGS = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
_DEADLINE_S = 60.0
_MOST = 100


class _Viewer:
    """Follows the stream and notes when each mark came by, and how often."""

    def __init__(self) -> None:
        self.seen: dict[str, list[float]] = {}
        self._news = asyncio.Event()

    async def follow(self, client: httpx.AsyncClient, path: str) -> None:
        async with client.stream("GET", path, timeout=None) as answer:
            async for line in answer.aiter_lines():
                at = time.perf_counter()
                for word in line.split('"'):
                    if word.startswith("mark-"):
                        self.seen.setdefault(word, []).append(at)
                        self._news.set()

    async def wait_for(self, mark: str) -> float:
        """Return when *mark* came by."""
        async with asyncio.timeout(_DEADLINE_S):
            while mark not in self.seen:
                self._news.clear()
                await self._news.wait()
        return self.seen[mark][0]


def run(quick: bool) -> list[Row]:
    """Return latency over events and viewers, and the service's CPU time for each delivery."""
    runs, rounds = (1, 10) if quick else (5, 40)
    rows: list[Row] = []
    alone_ms = 0.0
    with tempfile.TemporaryDirectory(prefix="botlogs-bench-") as folder, Service(Path(folder) / "data") as service:
        for viewers in (1, 10, _MOST):
            watched = [asyncio.run(_watch(service, viewers, rounds)) for _ in range(runs)]
            assert not [one.doubles for one in watched if one.doubles], "events came twice"
            cuts = [statistics.quantiles(one.latencies, n=100) for one in watched]
            median, p99 = (round(statistics.median(cut[at] for cut in cuts) * 1e3) for at in (49, 98))
            cpu_ms = statistics.median(one.cpu_s for one in watched) / rounds * 1e3
            alone_ms = alone_ms or cpu_ms
            name = f"event of a live conversation to {viewers} open stream{'s' if viewers > 1 else ''}"
            shown: list[Row] = [
                {"name": f"{name}, median", "value": median, "unit": "ms", "runs": runs},
                {"name": f"{name}, p99", "value": p99, "unit": "ms", "runs": runs, **compared(p99, at_most=1000)},
                {
                    "name": f"{name}, the service's CPU time",
                    "value": round(cpu_ms, 1),
                    "unit": "ms an event",
                    "runs": runs,
                    "ratio": round(cpu_ms / alone_ms, 1),
                    "yardstick": f"one viewer {alone_ms:.1f} ms",
                    "series": "the service's CPU time for an event of a live conversation",
                    "against": "viewers",
                    "at": viewers,
                },
            ]
            rows += shown
            if viewers == _MOST:
                told = f"{viewers} streams opened at once, until each has what there is"
                opening_s = statistics.median(one.opening_s for one in watched)
                rows.append({"name": told, "value": round(opening_s, 1), "unit": "s", "runs": runs})
    return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class _Watched:
    """What some viewers saw of some events."""

    latencies: list[float]  # seconds, of each event to each viewer
    cpu_s: float  # of the service
    opening_s: float  # until all streams had what there was
    doubles: int  # events that came twice


async def _watch(service: Service, count: int, rounds: int) -> _Watched:
    talk = Talk(unique(), environment="sandbox")
    path = f"/api/v1/conversations/{talk.conversation_id}/stream"
    everybody = [_Viewer() for _ in range(count)]
    async with (
        grpc.aio.insecure_channel(service.grpc) as channel,
        httpx.AsyncClient(base_url=service.api, limits=httpx.Limits(max_connections=None), trust_env=False) as client,
    ):
        export = channel.unary_unary(_LOGS)

        async def send(mark: str) -> float:
            talk.log("bot.log", mark)
            body = talk.logs.SerializeToString()
            talk.logs.resource_logs[0].scope_logs[0].ClearField("log_records")
            started = time.perf_counter()
            await export(body, timeout=_DEADLINE_S)
            return started

        await send("mark-first")
        await asyncio.to_thread(service.conversation, talk.conversation_id)
        opened = time.perf_counter()
        tasks = [asyncio.create_task(viewer.follow(client, path)) for viewer in everybody]
        await asyncio.gather(*(viewer.wait_for("mark-first") for viewer in everybody))
        opening_s = time.perf_counter() - opened
        latencies: list[float] = []
        before = cpu_seconds(service.program.pid)
        for number in range(rounds):
            started = await send(f"mark-{number}")
            arrived = await asyncio.gather(*(viewer.wait_for(f"mark-{number}") for viewer in everybody))
            latencies += [at - started for at in arrived]
        cpu_s = cpu_seconds(service.program.pid) - before
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    doubles = sum(len(times) - 1 for viewer in everybody for times in viewer.seen.values())
    return _Watched(latencies=latencies, cpu_s=cpu_s, opening_s=opening_s, doubles=doubles)
