"""Servers that fork workers after the bot was configured: what every worker writes arrives, in one conversation."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tests.runtimes.conftest import Collector, environ_of
from tests.runtimes.venvs import Venv
from tests.support.processes import free_ports, until

HERE = Path(__file__).parent
VENV = Venv(folder="prefork", version="latest")
MESSAGES = 12


@contextlib.contextmanager
def server(collector: Collector, *command: str, **environ: str) -> Iterator[None]:
    """Run a server of the environment until the block ends, then stop it as an operator would."""
    given = {**environ_of(VENV, collector, "prefork"), **environ, "PYTHONPATH": str(HERE)}
    with subprocess.Popen([str(VENV.bin / command[0]), *command[1:]], env=given, cwd=HERE) as process:
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0


def workers_of(collector: Collector, conversation_id: str) -> set[int]:
    """Return the processes that wrote the conversation, once all of its messages are there."""

    def lines() -> list[int] | None:
        listed = collector.get("/conversations?bot=prefork&limit=100")["items"]
        found = [item for item in listed if item["conversation_id"] == conversation_id]
        if not found or found[0]["turns"] < MESSAGES:
            return None
        logs = collector.get(f"/conversations/{found[0]['trace_id']}/logs?limit=1000")["items"]
        pids = [int(log["attributes"]["pid"]) for log in logs if log["event_name"] == "bot.log"]
        return pids if len(pids) >= MESSAGES else None

    pids = until(lines, 60)
    assert len(pids) == MESSAGES
    return set(pids)


def test_gunicorn_workers_write_one_conversation(collector: Collector) -> None:
    """Two workers of a preloaded application share a conversation, and nothing of either is lost or doubled."""
    (port,) = free_ports(1)
    command = ("gunicorn", "--preload", "--workers", "2", "--bind", f"127.0.0.1:{port}", "web:app")

    def say(number: int) -> int | None:
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{port}/{number}", timeout=20) as got,
        ):
            return int(got.read())
        return None

    with server(collector, *command):
        answered = {until(lambda number=number: say(number), 60) for number in range(1, MESSAGES + 1)}
        wrote = workers_of(collector, "web")

    assert wrote == answered


def test_celery_workers_write_one_conversation(collector: Collector, tmp_path: Path) -> None:
    """The processes of a prefork pool share a conversation, and nothing of any is lost or doubled."""
    send = f"import tasks\nfor number in range(1, {MESSAGES + 1}): tasks.answer.delay(number)"
    environ = {**environ_of(VENV, None, "prefork"), "BROKER_FOLDER": str(tmp_path), "OTEL_LOGS_EXPORTER": "none"}
    subprocess.run(
        [str(VENV.bin / "python"), "-c", send], env={**environ, "OTEL_TRACES_EXPORTER": "none"},
        cwd=HERE, check=True, timeout=60,
    )  # fmt: skip

    command = ("celery", "--app", "tasks", "worker", "--pool", "prefork", "--concurrency", "2", "--without-mingle")
    with server(collector, *command, BROKER_FOLDER=str(tmp_path)):
        assert workers_of(collector, "queue")
