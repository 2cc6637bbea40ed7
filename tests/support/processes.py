"""The real program in a process of its own: started, waited for, stopped, and asked over HTTP."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
# A suite that was started in the background hands on that Ctrl-C is ignored; a person's shell does not.
_HEAR_CTRL_C = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
BOTLOGS = (sys.executable, "-c", f"{_HEAR_CTRL_C}; from botlogs_collector.cli import main; main()")
_START_S = 60.0  # on a loaded machine; alone it is about two


class Program:
    """One running `botlogs …`; its output is read as it comes. *code* runs before the program."""

    def __init__(self, *arguments: str, environ: Mapping[str, str] | None = None, code: str = "") -> None:
        self._process = subprocess.Popen(
            (BOTLOGS[0], BOTLOGS[1], f"{code}\n{BOTLOGS[2]}", *arguments),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            stdin=subprocess.DEVNULL, env={**_clean_environ(), **(environ or {})},
        )  # fmt: skip
        self.out: list[str] = []
        self.err: list[str] = []
        self._readers = [
            threading.Thread(target=_read, args=pair, daemon=True)
            for pair in ((self._process.stdout, self.out), (self._process.stderr, self.err))
        ]
        for reader in self._readers:
            reader.start()

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def wait_for_line(self, text: str) -> str:
        """Return the first line of output that holds *text*."""
        return until(lambda: self._line_with(text), _START_S)

    def children(self) -> list[int]:
        """Return the ids of the processes that it has started and that run."""
        pid = self._process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def stop(self, number: int = signal.SIGTERM, timeout_s: float = 40.0) -> int:
        """Send the signal and return the exit code."""
        if self._process.poll() is None:
            self._process.send_signal(number)
        try:
            return self.wait(timeout_s)
        finally:
            self._process.kill()

    def wait(self, timeout_s: float = 40.0) -> int:
        """Return the exit code once it has ended and all it said is read."""
        code = self._process.wait(timeout_s)
        for reader in self._readers:
            reader.join(5)
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
        return code

    def _line_with(self, text: str) -> str | None:
        found = next((line for line in self.out if text in line), None)
        assert found or self._process.poll() is None, f"it ended: {self.out} {self.err}"
        return found


def run(*arguments: str, environ: Mapping[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    """Run `botlogs …` to its end."""
    environ = {**_clean_environ(), **(environ or {})}
    return subprocess.run((*BOTLOGS, *arguments), capture_output=True, text=True, timeout=60, check=False, env=environ)


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on now."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def until(ask: Callable[[], T | None], timeout_s: float = 60.0) -> T:
    """Return what *ask* gives once it gives something; asked less and less often, for it costs the service."""
    deadline = time.monotonic() + timeout_s
    pause, wait_s = threading.Event(), 0.02
    while True:
        if answer := ask():
            return answer
        assert time.monotonic() < deadline, f"not within {timeout_s} s"
        pause.wait(wait_s)
        wait_s = min(wait_s * 1.25, 0.5)


def fetch(url: str, body: object = None) -> tuple[int, Any]:
    """Return the status and the JSON of a GET, or of a POST of *body*."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def _clean_environ() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith(("BOTLOGS_", "OTEL_"))}


def _read(pipe: Any, lines: list[str]) -> None:
    with contextlib.suppress(ValueError):  # closed: a child that outlives the program still has the other end
        for line in pipe:
            lines.append(line.rstrip("\n"))  # noqa: PERF401 - others read the list meanwhile
