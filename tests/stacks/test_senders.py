"""OpenTelemetry's SDKs of other languages, without our plugin, against the running service."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.stacks.conftest import BUILT, HERE, build, needs
from tests.support.processes import until
from tests.support.service import Service
from tests.support.store import unique

pytestmark = pytest.mark.toolchain


def _go() -> list[str]:
    needs("go")
    build("go", "build", "-trimpath", "-o", f"{BUILT}/", "./sender", cwd=HERE / "go")
    return [str(BUILT / "sender")]


def _javascript() -> list[str]:
    """Installed as the lock file says, outside the sources."""
    needs("node", "npm")
    source, folder = HERE / "javascript", BUILT / "javascript"
    folder.mkdir(parents=True, exist_ok=True)
    lock = (source / "package-lock.json").read_bytes()
    made = folder / "made-from"
    for file in ("package.json", "package-lock.json", ".npmrc", "sender.js"):
        (folder / file).write_bytes((source / file).read_bytes())
    if not made.is_file() or made.read_bytes() != lock:
        build("npm", "ci", "--ignore-scripts", "--silent", cwd=folder)
        made.write_bytes(lock)
    return ["node", str(folder / "sender.js")]


def _java() -> list[str]:
    needs("java", "mvn")
    target = BUILT / "java"
    copies = ("dependency:copy-dependencies", f"-DoutputDirectory={target}/lib")
    build("mvn", "-q", "-B", f"-DbuildDirectory={target}", "package", *copies, cwd=HERE / "java")
    return ["java", "-cp", f"{target}/classes:{target}/lib/*", "stacks.Sender"]


_SENDERS: dict[str, Callable[[], list[str]]] = {"go": _go, "javascript": _javascript, "java": _java}


@pytest.fixture(scope="session", params=sorted(_SENDERS))
def sender(request: pytest.FixtureRequest) -> list[str]:
    """The command of one language's program, built."""
    return _SENDERS[request.param]()


@pytest.mark.parametrize("protocol", ["grpc", "http/protobuf"])
def test_a_conversation_of_another_sdk_reads_right(service: Service, sender: list[str], protocol: str) -> None:
    """Its environment, its turns, its messages in order, and the node in which each answer was written."""
    conversation = unique()
    endpoint = f"http://{service.grpc}" if protocol == "grpc" else service.http
    environ = {
        "PATH": "/usr/bin:/bin:/usr/local/bin",
        "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
        "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
        "OTEL_EXPORTER_OTLP_INSECURE": "true",
        "OTEL_METRICS_EXPORTER": "none",
        "OTEL_RESOURCE_ATTRIBUTES": "service.name=foreign-bot,deployment.environment.name=sandbox",
    }

    ended = subprocess.run(
        [*sender, conversation], env=environ, capture_output=True, text=True, timeout=120, check=False
    )
    assert ended.returncode == 0, ended.stderr
    found = until(lambda: _whole(service, conversation))

    assert (found["environment"], found["turns"], found["node_actions"]) == ("sandbox", 2, 2)
    items = service.get(f"/conversations/{conversation}/timeline")[1]["items"]
    messages = [(item["kind"], item["turn_index"]) for item in items if str(item["kind"]).startswith("bot.message")]
    assert messages == [(f"bot.message.{who}", turn) for turn in (1, 2) for who in ("user", "bot")]
    lines = service.get(f"/conversations/{conversation}/logs")[1]["items"]
    said = [line["body"] for line in lines if str(line["event_name"]).startswith("bot.message")]
    assert said == ["message 1", "answer 1", "message 2", "answer 2"]
    answers = [line for line in lines if line["event_name"] == "bot.message.bot"]
    assert [line["node_id"] for line in answers] == ["ask", "ask"]


def _whole(service: Service, conversation: str) -> dict[str, Any] | None:
    status, body = service.get(f"/conversations/{conversation}")
    return body if status == 200 and body["node_actions"] == 2 and body["log_events"] >= 4 else None


def test_the_lock_file_names_no_registry() -> None:
    """Whoever installs takes the packages from where they take theirs."""
    assert '"resolved"' not in (HERE / "javascript" / "package-lock.json").read_text()
    assert "omit-lockfile-registry-resolved=true" in (Path(HERE) / "javascript" / ".npmrc").read_text()
