"""A runtime whose next version calls everything otherwise costs its bots nothing but the recording."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from tests.runtimes.conftest import FOLDERS, environ_of
from tests.runtimes.venvs import HERE, Venv

NOTHING_ELSE = re.compile(r"^otel_botlogs: \w+: \S+ is not there \(.*not recorded$")


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_runtime_with_other_names_is_told_once_and_its_bot_runs_on(folder: str) -> None:
    """What the bot does and says is what it does without the plugin; each missing name is told once."""
    venv = Venv(folder=folder, version="latest")
    if not venv.is_ready():
        pytest.skip(f"the environment of {folder} was not asked for")

    def run(*script: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(venv.bin / "python"), *script, str(HERE / folder / "bot.py")], capture_output=True, text=True,
            env={**environ_of(venv, None, folder), "OTEL_TRACES_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none"},
            timeout=240, check=False, cwd=HERE / folder,
        )  # fmt: skip

    without = run()
    renamed = run(str(HERE / "renamed.py"))

    assert (without.returncode, renamed.returncode) == (0, 0), renamed.stderr
    assert renamed.stdout == without.stdout
    told = [line for line in renamed.stderr.splitlines() if line.startswith("otel_botlogs:")]
    assert told
    assert len(told) == len(set(told))
    assert all(NOTHING_ELSE.match(line) for line in told), told


FALLBACKS = {
    "telegram": {"Bot._do_post": ("nodes", "messages", "errors")},
    "pipecat": {"WorkerObserver.on_push_frame": ("nodes", "messages", "errors")},
    "langgraph": {"run_with_retry": ("nodes", "errors"), "arun_with_retry": ("nodes", "messages", "errors")},
    "google_adk": {"TelemetryContext.add_event": ("messages", "errors")},
}
"""Names for which there is a public hook, and what is recorded by that as by the name itself."""


@pytest.mark.parametrize("folder", FOLDERS)
def test_each_name_by_itself_may_be_missing(folder: str, tmp_path: Path) -> None:
    """The bot does the same, the one name is told once, the rest is recorded, by a public hook where there is one."""
    venv = Venv(folder=folder, version="latest")
    if not venv.is_ready():
        pytest.skip(f"the environment of {folder} was not asked for")
    report = tmp_path / "report.jsonl"

    done = subprocess.run(
        [str(venv.bin / "python"), str(HERE / "renamed_one.py"), str(HERE / folder / "bot.py"), str(report)],
        env=environ_of(venv, None, folder), capture_output=True, text=True, timeout=280, check=False, cwd=HERE / folder,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    bare, whole, *missing = (json.loads(line) for line in report.read_text().splitlines())
    assert (whole["printed"], whole["counts"]) == (bare["printed"], {})
    assert {run["missing"] for run in missing} == set(whole["wrapped"])
    for run in missing:
        assert run["printed"] == bare["printed"], run["missing"]
        assert [(key.partition(".")[2], count) for key, count in run["counts"].items()] == [(run["missing"], 1)]
        for what in ("nodes", "messages", "errors"):  # less may be seen, never more or another thing
            assert not Counter(run[what]) - Counter(whole[what]), (run["missing"], what)
    for name, kept in FALLBACKS.get(folder, {}).items():
        (run,) = (one for one in missing if one["missing"] == name)
        assert {what: run[what] for what in kept} == {what: whole[what] for what in kept}, name
