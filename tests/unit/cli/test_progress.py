"""How far a long command is: a bar on a terminal, lines where they are asked for, else nothing; never on stdout."""

import os
import pty
import subprocess
import threading
from pathlib import Path

import pytest

from botlogs_collector.cli.progress import steps
from tests.support.processes import BOTLOGS, run


def test_lines_come_where_they_are_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """One line a step, and what a store calls its things cannot steer the terminal."""
    with steps("migrating", wanted=True) as told:
        told(3, 7, "ALTER TABLE \x1b[31mx")

    out, err = capsys.readouterr()
    assert (out, err) == ("", "3 of 7: ALTER TABLE \\x1b[31mx\n")


@pytest.mark.parametrize("wanted", [False, None])
def test_nothing_is_said_elsewhere(capsys: pytest.CaptureFixture[str], *, wanted: bool | None) -> None:
    """A pipe gets no progress unless it is asked for."""
    with steps("migrating", wanted=wanted) as told:
        told(3, 7, "x")

    assert capsys.readouterr() == ("", "")


def test_migrate_says_each_of_its_steps(tmp_path: Path) -> None:
    """What it did is on stdout, how far it was on stderr, to the end."""
    environ = {"BOTLOGS_STORAGE__DSN": f"chdb://{tmp_path / 'data'}"}

    done = run("migrate", "--progress", environ=environ)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("made schema version")
    lines = done.stderr.splitlines()
    total = lines[-1].split()[2].rstrip(":")
    assert lines[0].startswith(f"0 of {total}: CREATE DATABASE")
    assert lines[-1] == f"{total} of {total}: done"
    assert run("migrate", environ=environ).stderr == ""


def test_migrate_shows_a_bar_on_a_terminal(tmp_path: Path) -> None:
    """A person at a terminal sees what it is doing without asking."""
    ours, theirs = pty.openpty()
    environ = {**os.environ, "BOTLOGS_STORAGE__DSN": f"chdb://{tmp_path / 'data'}", "TERM": "xterm", "COLUMNS": "120"}
    seen: list[bytes] = []

    def look() -> None:
        while True:
            try:
                seen.append(os.read(ours, 65536))
            except OSError:  # the other end is closed
                return

    reader = threading.Thread(target=look)
    reader.start()
    done = subprocess.run(
        (*BOTLOGS, "migrate"), stdout=subprocess.PIPE, stderr=theirs, timeout=60, check=False, env=environ
    )
    os.close(theirs)
    reader.join(30)
    os.close(ours)

    assert done.returncode == 0
    assert b"migrating: " in b"".join(seen)
    assert done.stdout.startswith(b"made schema version")
