"""A bot behaves exactly as without the plugin: what it says, complains of and ends with, on good and bad days."""

from __future__ import annotations

import subprocess

import pytest

from tests.runtimes.conftest import FOLDERS, Collector, environ_of
from tests.runtimes.venvs import HERE, Venv
from tests.support.otlp_sink import otlp_sink

RUNS_S = 240


def run(venv: Venv, *start: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the folder's bot, without any telemetry but what *environ* says."""
    given = {key: value for key, value in environ_of(venv, None, None).items() if not key.startswith("BOTLOGS_")}
    return subprocess.run(
        [*start, str(venv.bin / "python"), str(HERE / venv.folder / "bot.py")], env={**given, **environ},
        capture_output=True, text=True, timeout=RUNS_S, check=False, cwd=HERE / venv.folder,
    )  # fmt: skip


def complaints(done: subprocess.CompletedProcess[str]) -> set[str]:
    """Return the lines of stderr without their numbers, which differ by run, and without what is for debugging."""
    lines = (line for line in done.stderr.splitlines() if line.strip() and "| DEBUG " not in line)
    return {"".join("#" if character.isdigit() else character for character in line) for line in lines}


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_bot_does_what_it_does_without_the_plugin(folder: str, collector: Collector) -> None:
    """The same output, no new complaint and the same exit; with a collector that hangs, lies or is not there too."""
    venv = Venv(folder=folder, version="latest")
    if not venv.is_ready():
        pytest.skip(f"the environment of {folder} was not asked for")
    start = str(venv.bin / "opentelemetry-instrument")
    named = {"BOTLOGS_BOT_ID": f"{folder}-as-without", "BOTLOGS_ENVIRONMENT": "sandbox", "BOTLOGS_DEBUG": "true"}

    bare = run(venv)
    taken = run(venv, start, **named, BOTLOGS_ENDPOINT=collector.otlp, BOTLOGS_SHUTDOWN_TIMEOUT_S="60")
    bad = {}
    for behaviour in ("hang", "garbage"):
        with otlp_sink(behaviour) as sink:
            bad[behaviour] = run(venv, start, **named, BOTLOGS_ENDPOINT=sink.endpoint, BOTLOGS_SHUTDOWN_TIMEOUT_S="1")
            assert sink.requests > 0
    bad["down"] = run(venv, start, **named, BOTLOGS_ENDPOINT="http://127.0.0.1:9", BOTLOGS_SHUTDOWN_TIMEOUT_S="1")

    assert bare.returncode == 0, bare.stderr
    assert bare.stdout.strip(), "a bot that prints nothing shows nothing"
    assert (taken.returncode, taken.stdout) == (0, bare.stdout)
    assert complaints(taken) <= complaints(bare)
    for behaviour, done in bad.items():
        assert (behaviour, done.returncode, done.stdout) == (behaviour, 0, bare.stdout)
        assert "otel_botlogs:" not in done.stderr
    assert _arrived(collector, f"{folder}-as-without")


def _arrived(collector: Collector, bot_id: str) -> bool:
    return bool(collector.get(f"/conversations?bot={bot_id}&limit=100")["items"])
