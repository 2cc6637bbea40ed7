"""The sample bot's processes, one an environment as a real bot's would be: started, told to talk, stopped.

They are started before the service opens the ClickHouse engine, because a process must never fork
with an open engine; they wait for their orders on standard input.
"""

import asyncio
import contextlib
import json
import os
import secrets
import sys
from asyncio.subprocess import PIPE, Process
from dataclasses import asdict
from typing import Final

from botlogs_collector.demo.messages import Deployment, Orders
from botlogs_collector.errors import StartError

_READY_S: Final = 30.0
_STOP_S: Final = 8.0


class Deployments:
    """The bot in several environments; every process ends when this object's process does."""

    def __init__(self, notes: dict[str, str], chat_port: int, *, capture_content: str | None = None) -> None:
        """*notes* says for each environment when it can be read; the first one's page gets *chat_port*."""
        self._notes = notes
        self._chat_port = chat_port
        self._environ = {**os.environ, "BOTLOGS_ID_KEY": secrets.token_hex(16)}
        if capture_content is not None:
            self._environ["BOTLOGS_CAPTURE_CONTENT"] = capture_content
        self._processes: dict[str, Process] = {}
        self.all: tuple[Deployment, ...] = ()

    async def start(self) -> None:
        """Start every process and return when all have opened their chat's port.

        Raises:
            StartError: the chat port is busy, or a process did not come up.
        """
        for number, environment in enumerate(self._notes):
            port = self._chat_port if number == 0 else 0
            self._processes[environment] = await self._spawn(environment, port)
        async with asyncio.timeout(_READY_S):
            self.all = tuple([await self._ready(environment) for environment in self._notes])

    async def talk(self, otlp_url: str, console_url: str, pace: float) -> None:
        """Let the bots begin: the service is there."""
        orders = Orders(otlp_url=otlp_url, console_url=console_url, deployments=self.all, pace=pace)
        line = json.dumps(asdict(orders)).encode() + b"\n"
        for process in self._processes.values():
            assert process.stdin is not None
            process.stdin.write(line)
            await process.stdin.drain()

    async def first_end(self) -> str:
        """Return, once one of the processes has ended by itself, which and how, in words."""
        waits = {asyncio.create_task(process.wait()): name for name, process in self._processes.items()}
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        return ", ".join(f"the {waits[one]} bot ended with exit code {one.result()}" for one in done)

    async def stop(self) -> None:
        """Let every process send what it has and end; one that does not in time is killed. Harmless twice."""
        for process in self._processes.values():
            assert process.stdin is not None
            process.stdin.close()
        await asyncio.gather(*(_ended(process) for process in self._processes.values()))
        self._processes.clear()

    async def _spawn(self, environment: str, port: int) -> Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "botlogs_collector.demo.bot", "--environment", environment, "--port", str(port),
            stdin=PIPE, stdout=PIPE, env=self._environ,
            start_new_session=True,  # Ctrl-C reaches the demo alone, which stops the bots before the service
        )  # fmt: skip

    async def _ready(self, environment: str) -> Deployment:
        stdout = self._processes[environment].stdout
        assert stdout is not None
        said: dict[str, str] = json.loads(await stdout.readline() or b'{"error": "it ended at once"}')
        if "error" in said:
            raise StartError(
                f"the demo's chat page cannot listen on 127.0.0.1:{self._chat_port}: {said['error']}; "
                "stop what listens there, or give another with --chat-port (0: any free one)"
            )
        return Deployment(environment=environment, chat_url=said["chat_url"], note=self._notes[environment])


async def _ended(process: Process) -> None:
    try:
        async with asyncio.timeout(_STOP_S):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
