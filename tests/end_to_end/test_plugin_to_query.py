"""From several processes with the plugin, through the real collector, to what a reader gets: one conversation."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import httpx
import pytest

_DEADLINE_S = 60.0


class Service:
    """A running `botlogs serve`."""

    def __init__(self, otlp: str, api: str) -> None:
        self.otlp = otlp
        self._api = httpx.Client(base_url=api + "/api/v1", timeout=20, trust_env=False)

    def get(self, path: str) -> Any:
        """Return the JSON of a resource, None while it is not there."""
        response = self._api.get(path)
        return response.json() if response.status_code == 200 else None

    def close(self) -> None:
        self._api.close()


@pytest.fixture
def service(tmp_path: Path) -> Generator[Service]:
    """Start the real service on an embedded store of its own."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(4)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        grpc, http, api, api_grpc = (one.getsockname()[1] for one in sockets)
    config = tmp_path / "botlogs.yaml"
    config.write_text(
        f"""
receivers: {{otlp: {{grpc: {{endpoint: "127.0.0.1:{grpc}"}}, http: {{endpoint: "127.0.0.1:{http}"}}}}}}
storage: {{dsn: "chdb://{tmp_path}/data"}}
api: {{http: "127.0.0.1:{api}", grpc: "127.0.0.1:{api_grpc}"}}
"""
    )
    command = [sys.executable, "-c", "from botlogs_collector.cli import main; main()", "serve", "--config", str(config)]
    with (
        (tmp_path / "serve.log").open("w") as log,
        subprocess.Popen(command, env=_environ(), stdout=log, stderr=log) as process,
    ):
        running = Service(f"http://127.0.0.1:{http}", f"http://127.0.0.1:{api}")
        try:
            until(lambda: _answers(f"http://127.0.0.1:{api}/readyz"))
            yield running
        finally:
            running.close()
            process.terminate()
            process.wait(_DEADLINE_S)


def until(ask: Callable[[], Any]) -> Any:
    """Return what *ask* gives once it gives something."""
    pause = threading.Event()
    deadline = time.monotonic() + _DEADLINE_S
    while not (answer := ask()):
        assert time.monotonic() < deadline, "not within the deadline"
        pause.wait(0.05)
    return answer


def bot(script: str, service: Service) -> int:
    """Run a bot of one and the same name in a process of its own; return its exit code."""
    head = f"import otel_botlogs, os\nendpoint = {service.otlp!r}\n"
    head += "otel_botlogs.configure(bot_id='shop', environment='sandbox', endpoint=endpoint)\n"
    return subprocess.run([sys.executable, "-c", head + script], env=_environ(), timeout=60, check=False).returncode


FIRST_WORKER = """
with otel_botlogs.conversation("c/1", channel="web") as conv, conv.turn("where is it?") as turn:
    with turn.node("ask", type="prompt") as node:
        node.reply("Which one?")
        node.wait()
"""
SECOND_WORKER = """
from opentelemetry import propagate
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

plain = TracerProvider(resource=Resource({"service.name": "orders", "deployment.environment.name": "sandbox"}))
plain.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(endpoint=endpoint + "/v1/traces")))
with otel_botlogs.conversation("c/1", channel="web", new=False) as conv, conv.turn("4711", index=2) as turn:
    with turn.node("look_up", type="api"):
        headers = {}
        propagate.inject(headers)
        plain.get_tracer("orders").start_span("GET /orders", context=propagate.extract(headers)).end()
"""
DYING_WORKER = """
with otel_botlogs.conversation("c/1", channel="web", new=False) as conv, conv.turn("thanks", index=3) as turn:
    with turn.node("good_bye") as node:
        node.log("about to die")
        otel_botlogs.flush()
        os._exit(9)
"""


def test_processes_that_share_die_and_call_out_read_as_one_conversation(service: Service) -> None:
    """Two workers, one that dies in mid-turn, and a plain service downstream are one conversation with its nodes."""
    codes = [bot(script, service) for script in (FIRST_WORKER, SECOND_WORKER, DYING_WORKER)]

    found = until(lambda: _complete(service.get("/conversations/c%2F1")))
    timeline = service.get("/conversations/c%2F1/timeline")["items"]

    assert codes == [0, 0, 9]
    assert (found["bot_id"], found["environment"], found["state"]) == ("shop", "sandbox", "live")
    assert [item["node_id"] for item in timeline if item["kind"] == "bot.node.enter"] == ["ask", "look_up", "good_bye"]
    assert sum(item["kind"] == "bot.conversation.start" for item in timeline) == 1
    (line,) = (item for item in timeline if item["kind"] == "bot.log")
    assert (line["node_id"], line["turn_index"]) == ("good_bye", 3)
    (downstream,) = (item for item in timeline if item["title"] == "GET /orders")
    assert (downstream["kind"], downstream["node_id"]) == ("span", "look_up")
    assert [item["node_id"] for item in timeline if item["running"]] == ["good_bye"]


def _complete(found: Any) -> Any:
    return found if found and found["turns"] == 3 and found["node_actions"] >= 3 else None


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def _environ() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith(("BOTLOGS_", "OTEL_"))}
