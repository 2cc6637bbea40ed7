"""Every command and every line of code of the README, run as it stands there."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.processes import Program, free_ports, run, until

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
_BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)

# How each command is run here. What takes minutes CI runs itself, and its parts are run here.
_RUNS = {
    "make run": "test_make_run_starts_the_demo",
    "make test": "test_make_test_is_what_ci_runs",
    'pip install "otel-botlogs[collector,embedded]"': "test_the_named_extras_exist",
    "botlogs serve": "test_the_first_steps_work",
    "botlogs logs conv-42": "test_the_first_steps_work",
    "botlogs doctor": "test_the_first_steps_work",
}


class _Served(NamedTuple):
    url: str
    otlp_http: str
    otlp_grpc: str
    api_grpc: str


def _blocks(language: str) -> list[str]:
    return [text for kind, text in _BLOCK.findall(README) if kind == language]


def _commands() -> list[str]:
    lines = [line.partition("#")[0].strip() for block in _blocks("sh") for line in block.splitlines()]
    return [line for line in lines if line]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[_Served]:
    """`botlogs serve` on free ports."""
    http, grpc, otlp_http, otlp_grpc = (f"127.0.0.1:{port}" for port in free_ports(4))
    program = Program(
        "serve",
        environ={
            "BOTLOGS_STORAGE__DSN": f"chdb://{tmp_path}",
            "BOTLOGS_API__HTTP": http,
            "BOTLOGS_API__GRPC": grpc,
            "BOTLOGS_RECEIVERS__OTLP__HTTP__ENDPOINT": otlp_http,
            "BOTLOGS_RECEIVERS__OTLP__GRPC__ENDPOINT": otlp_grpc,
        },
    )
    program.wait_for_line("botlogs is ready")
    yield _Served(f"http://{http}", f"http://{otlp_http}", otlp_grpc, grpc)
    assert program.stop() == 0


def test_every_command_is_run_by_a_test() -> None:
    """No command stands in the README that nothing here runs."""
    assert set(_commands()) == set(_RUNS)
    assert all(name in globals() for name in _RUNS.values())


def test_the_first_steps_work(served: _Served, tmp_path: Path) -> None:
    """The README's bot, started as it stands there, is found by the README's commands."""
    (code,) = _blocks("python")
    bot = tmp_path / "bot.py"
    bot.write_text(code.replace("http://127.0.0.1:4318", served.otlp_http))

    subprocess.run([sys.executable, str(bot)], check=True, timeout=60, cwd=tmp_path)
    shown = until(lambda: run("logs", "conv-42", "--url", served.url).stdout)
    checked = run(
        *("doctor", "--url", served.url, "--otlp-http", served.otlp_http),
        *("--otlp-grpc", served.otlp_grpc, "--api-grpc", served.api_grpc),
    )

    assert "asked for the order id" in shown
    assert checked.returncode == 0, checked.stdout


def test_make_run_starts_the_demo() -> None:
    """`make run` in a folder that is set up starts the demo at once, installs nothing again, and ends on Ctrl-C."""
    ports = zip(("http", "grpc", "otlp-http", "otlp-grpc"), free_ports(4), strict=True)
    options = " ".join(["--no-open", "--chat-port 0", *(f"--{name}-port {port}" for name, port in ports)])

    started = subprocess.Popen(
        ["make", "--no-print-directory", "run", f"ARGS={options}"],
        cwd=ROOT, env=_outside_make(), stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    with started:
        assert started.stdout is not None
        first = started.stdout.readline()
        os.killpg(started.pid, signal.SIGINT)
        started.communicate(timeout=60)

    assert "botlogs demo is ready" in first


def test_make_test_is_what_ci_runs() -> None:
    """CI runs `make test`, which lints and runs all tests."""
    assert "make test" in (ROOT / ".ci" / "run").read_text().splitlines()
    assert all(part in _dry("test") for part in ("ruff", "basedpyright", "lint-imports", "pytest"))


def _dry(target: str) -> str:
    """Return what `make` would run, also when these tests were started by make itself."""
    command = ["make", "--no-print-directory", "-n", target]
    made = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True, env=_outside_make()
    )
    return made.stdout.strip()


def _outside_make() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}


def test_the_named_extras_exist() -> None:
    """The extras of the install command are in the package's metadata."""
    from importlib.metadata import metadata

    assert {"collector", "embedded"} <= set(metadata("otel-botlogs").get_all("provides-extra") or [])


def test_links_lead_somewhere() -> None:
    """Every relative link and picture of the README is in the repository."""
    targets = re.findall(r"\]\(([^)#]+)\)", README)
    missing = [target for target in targets if "://" not in target and not (ROOT / target).exists()]

    assert targets
    assert not missing


def test_the_demo_says_what_the_readme_says() -> None:
    """The delay that the README names is the demo's."""
    from botlogs_collector.demo.service_settings import PRODUCTION_DELAY

    assert f"{PRODUCTION_DELAY.removesuffix('s')} seconds after their end" in README.replace("\n", " ")


def test_make_without_a_target_lists_them() -> None:
    """`make` alone explains itself."""
    assert shutil.which("make")
    shown = subprocess.run(
        ["make"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True, env=dict(os.environ)
    )
    assert "run" in shown.stdout
    assert "test" in shown.stdout


def test_the_decisions_index_is_complete() -> None:
    """Every decision record stands in the index under its own title."""
    folder = ROOT / "collector" / "decisions"
    index = (folder / "README.md").read_text("utf-8")

    for record in folder.glob("[0-9]*.md"):
        title = record.read_text("utf-8").splitlines()[0].lstrip("# 0123456789")
        assert f"| [{record.name[:4]}]({record.name}) | {title} |" in index
