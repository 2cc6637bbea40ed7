"""A hundred people follow one live conversation: how long an event takes to each, and what it costs the service."""

import asyncio
import os
import statistics
import tempfile
import time
from pathlib import Path

import grpc.aio
import httpx

from tests.bench.report import Row
from tests.support.sender import Talk
from tests.support.service import Service
from tests.support.store import unique

_LOGS = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
_DEADLINE_S = 60.0
_MOST = 100
_TICKS = os.sysconf("SC_CLK_TCK")


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
    rounds = 30 if quick else 200
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="botlogs-bench-") as folder, Service(Path(folder) / "data") as service:
        for viewers in (1, 10, _MOST):
            latencies, cpu_s, opening_s, doubles = asyncio.run(_watch(service, viewers, rounds))
            assert doubles == 0, f"{doubles} events came twice"
            cuts = statistics.quantiles(latencies, n=100)
            median, p99 = round(cuts[49] * 1e3), round(cuts[98] * 1e3)
            name = f"event of a live conversation to {viewers} open stream{'s' if viewers > 1 else ''}"
            shown: list[Row] = [
                {"name": f"{name}, median", "value": median, "unit": "ms"},
                {"name": f"{name}, p99", "value": p99, "unit": "ms", "target": 1000},
                {
                    "name": f"{name}, the service's CPU time",
                    "value": round(cpu_s / rounds * 1e3, 1),
                    "unit": "ms an event",
                    "series": "the service's CPU time for an event of a live conversation",
                    "against": "viewers",
                    "at": viewers,
                },
            ]
            rows += shown
            if viewers == _MOST:
                told = f"{viewers} streams opened at once, until each has what there is"
                rows.append({"name": told, "value": round(opening_s, 1), "unit": "s"})
    return rows


async def _watch(service: Service, count: int, rounds: int) -> tuple[list[float], float, float, int]:
    """Return the latencies, the service's CPU time, how long opening took (seconds), how many events came twice."""
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
        before = _cpu_s(service.program.pid)
        for number in range(rounds):
            started = await send(f"mark-{number}")
            arrived = await asyncio.gather(*(viewer.wait_for(f"mark-{number}") for viewer in everybody))
            latencies += [at - started for at in arrived]
        cpu_s = _cpu_s(service.program.pid) - before
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return latencies, cpu_s, opening_s, sum(len(times) - 1 for viewer in everybody for times in viewer.seen.values())


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
