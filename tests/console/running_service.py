"""The real service in a process of its own, on free ports, filled over OTLP/HTTP like any."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from tests.console.story import Story

_READY_S = 60.0
_MAIN = "from botlogs_collector.cli import main; main()"
_STOP_S = 30.0

# Held conversations open soon in `canary`, in `production` never within a test. A bot called "noise" is sampled out.
_CONFIG = """\
receivers:
  otlp:
    grpc: {{endpoint: "127.0.0.1:{otlp_grpc}"}}
    http: {{endpoint: "127.0.0.1:{otlp_http}"}}
storage: {{dsn: "chdb://{folder}"}}
environments:
  sandbox: {{release_delay: 0s}}
  staging: {{release_delay: 0s}}
  canary: {{release_delay: 2s}}
  production: {{release_delay: 15m}}
release: {{interval: 200ms}}
tail_sampling:
  policies:
    - {{name: no-noise, type: drop, drop: {{drop_sub_policy: [{{name: noisy, type: string_attribute, string_attribute: {{key: bot.id, values: [noise]}}}}]}}}}
    - {{name: everything-else, type: always_sample}}
api: {{http: "127.0.0.1:{http}", grpc: "127.0.0.1:{grpc}", builder_url: "https://builder.example/{{flow_id}}#{{node_id}}", cors_origins: ["http://127.0.0.1:{other}"]}}
"""  # noqa: E501


@dataclass(slots=True)
class RunningService:
    """`botlogs serve`; `start` and `stop` may be called again and keep ports and data."""

    folder: Path
    ports: dict[str, int] = field(default_factory=lambda: dict(zip(_NAMES, free_ports(len(_NAMES)), strict=True)))
    process: subprocess.Popen[bytes] | None = None
    more_config: str = ""
    sends_as: str = ""  # a token, where one is needed to send

    @property
    def url(self) -> str:
        """Return where the console is."""
        return f"http://127.0.0.1:{self.ports['http']}"

    def start(self) -> None:
        """Start and wait until it says that it is ready."""
        config = self.folder / "botlogs.yaml"
        config.write_text(
            _CONFIG.format(folder=self.folder / "data", **self.ports) + self.more_config, encoding="utf-8"
        )
        errors = (self.folder / "errors.log").open("ab")
        command = [sys.executable, "-c", _MAIN, "serve", "--config", str(config)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, env=_environment())
        errors.close()
        line = _read_line(self.process, _READY_S)
        if b"ready" not in line:
            self.stop()
            said = (self.folder / "errors.log").read_text(encoding="utf-8", errors="replace")
            msg = f"the service did not start: {line!r}\n{said[-2000:]}"
            raise RuntimeError(msg)

    def stop(self) -> None:
        """Stop cleanly; harmless when it does not run."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(_STOP_S)
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.process = None

    def next_line(self) -> str:
        """Return what it says next."""
        assert self.process is not None
        return _read_line(self.process, _READY_S).decode()

    def hear(self, story: Story) -> None:
        """Send what *story* has told since the last time; returns when it is durable."""
        traces, logs = story.requests()
        story.forget_told()
        for signal_name, body in (("logs", logs), ("traces", traces)):
            self._post(f"http://127.0.0.1:{self.ports['otlp_http']}/v1/{signal_name}", body)

    def get(self, path: str) -> dict[str, object]:
        """Return an answer of the query API."""
        with urllib.request.urlopen(f"{self.url}/api/v1{path}", timeout=10) as answer:
            return json.load(answer)

    def _post(self, url: str, body: bytes) -> None:
        headers = {"content-type": "application/x-protobuf"}
        if self.sends_as:
            headers["authorization"] = f"Bearer {self.sends_as}"
        with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=30) as answer:
            answer.read()


_NAMES = ("otlp_grpc", "otlp_http", "http", "grpc", "other")


def free_ports(count: int) -> list[int]:
    """Return ports that were free a moment ago."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("BOTLOGS_", "OTEL_"))}


def _read_line(process: subprocess.Popen[bytes], deadline_s: float) -> bytes:
    assert process.stdout is not None
    until = time.monotonic() + deadline_s
    line = b""
    while not line.endswith(b"\n"):
        ready, _, _ = select.select([process.stdout], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            break
        piece = os.read(process.stdout.fileno(), 1)  # no more than this line: the next is for the next reader
        if not piece:
            break
        line += piece
    return line
