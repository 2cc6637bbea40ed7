"""One virtual environment for each runtime and version: their dependencies exclude each other's.

uv makes them: it downloads and unpacks a file once for all of them and links it in, so that fifteen environments cost
little more than their largest.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
REPOSITORY = HERE.parent.parent
VENVS = REPOSITORY / ".venv" / "runtimes"
FILES = {"latest": "requirements.txt", "oldest": "oldest.txt"}
UV = str(Path(sys.executable).with_name("uv"))
_INSTALL_TIMEOUT_S = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Venv:
    """The environment of a folder of `tests/runtimes` with the latest or the oldest supported version."""

    folder: str
    version: str

    @property
    def requirements(self) -> Path:
        return HERE / self.folder / FILES[self.version]

    @property
    def path(self) -> Path:
        return VENVS / f"{self.folder}-{self.version}"

    @property
    def bin(self) -> Path:
        return self.path / "bin"

    def is_ready(self) -> bool:
        """Whether it was made from what the requirements and the project's dependencies now say."""
        stamp = self.path / ".made-from"
        return stamp.is_file() and stamp.read_text() == self._digest()

    def make(self) -> None:
        """Make it, with this repository installed as a bot's author installs it.

        Raises:
            RuntimeError: a step failed; with what it said.
        """
        if self.is_ready():
            return
        _run(UV, "venv", "--quiet", "--clear", "--python", sys.executable, str(self.path))
        _run(
            UV, "pip", "install", "--quiet", "--python", str(self.bin / "python"), "--system-certs",
            *_index(), "-r", str(self.requirements), "-e", str(REPOSITORY),
        )  # fmt: skip
        (self.path / ".made-from").write_text(self._digest())

    def _digest(self) -> str:
        project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
        made_from = f"{self.requirements.read_text()} {project['dependencies']} {project['entry-points']}"
        return hashlib.sha256(made_from.encode()).hexdigest()


def venvs(folders: list[str]) -> Iterator[Venv]:
    """Give the environments of *folders*; of all folders with requirements if none is named."""
    for requirements in sorted(HERE.glob("*/requirements.txt")):
        folder = requirements.parent.name
        if not folders or folder in folders:
            for version, file in FILES.items():
                if (requirements.parent / file).is_file():
                    yield Venv(folder=folder, version=version)


@cache
def _index() -> tuple[str, ...]:
    """Return the options for the package index that pip is set to: uv does not read pip's configuration."""
    asked = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, timeout=60, check=False
    )
    settings = dict(line.partition("=")[::2] for line in asked.stdout.splitlines())
    urls = [value.strip("'") for key, value in settings.items() if key.endswith(".index-url")]
    return ("--default-index", urls[-1]) if urls else ()


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=_INSTALL_TIMEOUT_S, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
