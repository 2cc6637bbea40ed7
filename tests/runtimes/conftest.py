"""Real bots into the real collector: each bot is driven offline in the environment of its runtime, then read back."""

from __future__ import annotations

import os
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.runtimes.venvs import FILES, HERE, Venv, venvs
from tests.support.processes import Program, fetch, free_ports, until

_BOT_TIMEOUT_S = 240
RunScript = Callable[[str], "subprocess.CompletedProcess[str]"]
WAYS = ("by_instrument", "by_code")
FOLDERS = sorted({venv.folder for venv in venvs([]) if (HERE / venv.folder / "bot.py").is_file()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Collector:
    """A running `botlogs serve` on a store of its own."""

    otlp: str
    api: str

    def get(self, path: str) -> Any:
        """Return the JSON of a resource.

        Raises:
            AssertionError: the status is not 200; with the answer.
        """
        status, answer = fetch(f"{self.api}/api/v1{path}")
        assert status == 200, f"{path}: {status} {answer}"
        return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """One conversation as a reader gets it."""

    summary: dict[str, Any]
    timeline: list[dict[str, Any]]
    logs: list[dict[str, Any]]

    def events(self, *names: str) -> list[dict[str, Any]]:
        """Return the log events of these kinds, in time order."""
        return [log for log in self.logs if log["event_name"] in names]

    @property
    def nodes(self) -> list[str]:
        """The nodes in the order in which they started."""
        return [log["node_id"] for log in self.events("bot.node.enter")]

    @property
    def outcomes(self) -> list[tuple[str, str]]:
        """The nodes and how they went, in the order in which they ended."""
        return [(log["node_id"], log["attributes"]["bot.node.outcome"]) for log in self.events("bot.node.exit")]

    @property
    def messages(self) -> list[tuple[str, str]]:
        """Who said what."""
        names = ("bot.message.user", "bot.message.bot")
        return [(log["event_name"].rpartition(".")[2], log["body"]) for log in self.events(*names)]

    @property
    def waits(self) -> list[str]:
        """The nodes that waited for the user."""
        return [log["node_id"] for log in self.events("bot.node.wait")]

    @property
    def transitions(self) -> list[tuple[str, str, str | None]]:
        """From which node to which, and why."""
        return [
            (log["node_id"], log["attributes"]["bot.transition.to"], log["attributes"].get("bot.transition.reason"))
            for log in self.logs
            if "bot.transition.to" in log["attributes"]
        ]

    @property
    def errors(self) -> list[tuple[str | None, str]]:
        """Where an error arose, and its type."""
        return [(log["node_id"], log["attributes"]["error.type"]) for log in self.events("bot.error")]

    @property
    def end(self) -> str | None:
        """Why the bot said that the conversation was over; None if it did not."""
        ends = self.events("bot.conversation.end")
        return ends[-1]["attributes"]["bot.conversation.end.reason"] if ends else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Driven:
    """What a bot left in the collector."""

    collector: Collector
    bot_id: str
    version: str
    out: str
    err: str
    _talks: dict[str, Talk] = field(default_factory=dict)

    @property
    def conversation_ids(self) -> list[str]:
        """The ids of the bot's conversations, sorted."""
        return sorted(item["conversation_id"] or item["trace_id"] for item in self._list())

    def talk(self, conversation_id: str) -> Talk:
        """Return the conversation; another bot may have one of the same id, so it is read by its trace."""
        if conversation_id not in self._talks:
            found = [item for item in self._list() if item["conversation_id"] == conversation_id]
            assert len(found) == 1, f"{conversation_id}: {self.conversation_ids}"
            path = f"/conversations/{found[0]['trace_id']}"
            self._talks[conversation_id] = Talk(
                summary=self.collector.get(path),
                timeline=self.collector.get(f"{path}/timeline?limit=1000")["items"],
                logs=self.collector.get(f"{path}/logs?limit=1000")["items"],
            )
        return self._talks[conversation_id]

    def flow(self, flow_id: str, version: str | None = None) -> dict[str, Any]:
        """Return the flow's graph as the collector knows it."""
        return self.collector.get(f"/flows/{quote(flow_id, safe='')}" + (f"?version={version}" if version else ""))

    def _list(self) -> list[dict[str, Any]]:
        return self.collector.get(f"/conversations?bot={self.bot_id}&limit=100")["items"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test of `driven` on the latest version in both ways, on the oldest by code."""
    if "driven" in metafunc.fixturenames:
        folder = Path(str(metafunc.definition.path)).parent.name
        cases = [("latest", way) for way in WAYS]
        if (HERE / folder / FILES["oldest"]).is_file():
            cases.append(("oldest", "by_code"))
        metafunc.parametrize("driven", cases, ids=["-".join(case) for case in cases], indirect=True)


@pytest.fixture(scope="session")
def collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    """Start the real collector, one for each process of the tests."""
    folder = tmp_path_factory.mktemp("collector")
    grpc, http, api, api_grpc = free_ports(4)
    config = folder / "botlogs.yaml"
    config.write_text(
        f"""
receivers: {{otlp: {{grpc: {{endpoint: "127.0.0.1:{grpc}"}}, http: {{endpoint: "127.0.0.1:{http}"}}}}}}
storage: {{dsn: "chdb://{folder}/data"}}
api: {{http: "127.0.0.1:{api}", grpc: "127.0.0.1:{api_grpc}"}}
"""
    )
    program = Program("serve", "--config", str(config))
    running = Collector(otlp=f"http://127.0.0.1:{http}", api=f"http://127.0.0.1:{api}")
    until(lambda: _answers(f"{running.api}/readyz"), 120)
    yield running
    assert program.stop() == 0, program.err


@pytest.fixture(scope="session")
def already_driven() -> dict[tuple[str, str, str], Driven]:
    """What the bots of this run have left so far; each runs once, in whatever order the tests come."""
    return {}


@pytest.fixture
def driven(
    collector: Collector, request: pytest.FixtureRequest, already_driven: dict[tuple[str, str, str], Driven]
) -> Driven:
    """Give what the folder's `bot.py` left, driven in its environment until it ends by itself."""
    version, way = request.param
    folder = Path(str(request.path)).parent
    key = (folder.name, version, way)
    if key not in already_driven:
        already_driven[key] = _drive(collector, folder, version, way)
    return already_driven[key]


def _drive(collector: Collector, folder: Path, version: str, way: str) -> Driven:
    venv = Venv(folder=folder.name, version=version)
    assert venv.is_ready(), f"there is no environment for {folder.name}: run tests/runtimes/run.py {folder.name}"
    bot, bot_id = str(folder / "bot.py"), f"{folder.name}-{version}-{way}"
    start = [str(venv.bin / "opentelemetry-instrument")] if way == "by_instrument" else []
    commands = {
        "by_instrument": [*start, str(venv.bin / "python"), bot],
        "by_code": [str(venv.bin / "python"), str(HERE / "by_code.py"), bot],
    }
    done = subprocess.run(
        commands[way], env=environ_of(venv, collector, bot_id), cwd=folder,
        capture_output=True, text=True, timeout=_BOT_TIMEOUT_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return Driven(collector=collector, bot_id=bot_id, version=version, out=done.stdout, err=done.stderr)


@pytest.fixture
def run_script(request: pytest.FixtureRequest) -> RunScript:
    """Run a script of the folder with the latest version's Python, without a collector."""
    folder = Path(str(request.path)).parent

    def run(name: str) -> subprocess.CompletedProcess[str]:
        venv = Venv(folder=folder.name, version="latest")
        return subprocess.run(
            [str(venv.bin / "python"), str(folder / name)], env=environ_of(venv, None, "script"), cwd=folder,
            capture_output=True, text=True, timeout=_BOT_TIMEOUT_S, check=False,
        )  # fmt: skip

    return run


def environ_of(venv: Venv, collector: Collector | None, bot_id: str | None) -> dict[str, str]:
    """Return the environment of a bot, with the settings and nothing of ours."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("BOTLOGS_", "OTEL_", "PYTHON"))}
    return {
        **kept,
        "PATH": f"{venv.bin}:{os.environ['PATH']}",
        **({"BOTLOGS_BOT_ID": bot_id} if bot_id else {}),
        "BOTLOGS_ENVIRONMENT": "sandbox",
        **({"BOTLOGS_ENDPOINT": collector.otlp} if collector else {}),
        "BOTLOGS_DEBUG": "true",
        "BOTLOGS_SHUTDOWN_TIMEOUT_S": "60",  # a busy machine must not cut off what the bot left
    }


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=20) as response:
            return response.status == 200
    except OSError:
        return False
