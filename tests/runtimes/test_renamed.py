"""A runtime whose next version calls everything otherwise costs its bots nothing but the recording."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.runtimes.conftest import environ_of
from tests.runtimes.venvs import HERE, Venv, venvs

FOLDERS = sorted({venv.folder for venv in venvs([]) if (HERE / venv.folder / "bot.py").is_file()})
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
