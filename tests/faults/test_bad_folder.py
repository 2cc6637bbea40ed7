"""A data folder that cannot be used: one clear line, exit code 2, and not a byte of it changed."""

import hashlib
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.one_span import span_request
from tests.faults.small_disk import mounted, remount
from tests.support.processes import run
from tests.support.service import Service, ask_store, post


def _digest(folder: Path) -> dict[str, str]:
    """Return what every file of the store's data holds; the engine's own notes aside."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((folder / "store").rglob("*"))
        if path.is_file()
    }


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _scribble(path: Path) -> None:
    path.write_text("?" * path.stat().st_size)


@dataclass(frozen=True, slots=True)
class Stored:
    """A stopped service's folder with one conversation in a part of its own, then another."""

    folder: Path
    part: Path

    @property
    def environ(self) -> dict[str, str]:
        """What starts a program on it."""
        return {"BOTLOGS_STORAGE__DSN": f"chdb://{self.folder}"}


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Stored:
    """What each test damages a copy of."""
    folder = tmp_path_factory.mktemp("stored") / "data"
    with Service(folder) as service:
        for conversation in ("first", "second"):
            assert post(f"{service.http}/v1/traces", span_request(conversation))[0] == 200
        assert service.program.stop() == 0
    (rows,) = ask_store(folder, "SELECT _part AS part FROM botlogs.otel_traces WHERE ConversationId = 'first'")
    (part,) = (folder / "store").rglob(rows[0]["part"])
    return Stored(folder, part)


@pytest.fixture
def stored(original: Stored, tmp_path: Path) -> Stored:
    """A copy of its own for each test."""
    folder = shutil.copytree(original.folder, tmp_path / "data", symlinks=True)
    return Stored(folder, folder / original.part.relative_to(original.folder))


@pytest.mark.parametrize("damage", [_truncate, _scribble], ids=["cut off", "scribbled over"])
def test_a_damaged_table_definition_is_one_line_and_nothing_is_overwritten(
    damage: Callable[[Path], None], stored: Stored
) -> None:
    """A folder that cannot be read as a store is left to whoever can mend it or bring a backup."""
    for path in (stored.folder / "store").rglob("*.sql"):
        damage(path)
    before = _digest(stored.folder)

    ended = run("migrate", environ=stored.environ)

    _assert_refused(ended, stored)
    assert {name: before.get(name) for name in _digest(stored.folder)} == before


def _assert_refused(ended: "subprocess.CompletedProcess[str]", stored: Stored) -> None:
    assert ended.returncode == 2, (ended.stdout, ended.stderr)
    assert f"the data folder {stored.folder} cannot be opened" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("name", ["columns.txt", "checksums.txt", "data.cmrk4"])
def test_a_damaged_part_is_refused_at_the_start_and_nothing_is_overwritten(stored: Stored, name: str) -> None:
    """Going on without a part would be a gap that nobody is told of."""
    _scribble(stored.part / name)
    before = _digest(stored.folder)

    ended = run("serve", environ=stored.environ)

    _assert_refused(ended, stored)
    assert {name: before.get(name) for name in _digest(stored.folder)} == before


@pytest.mark.parametrize("name", ["data.bin", "primary.cidx"])
def test_damaged_data_is_said_to_its_readers_without_a_word_of_where_it_lies(stored: Stored, name: str) -> None:
    """Found when it is read: 503 and that a backup is needed; the log names the part, and what is sent is taken."""
    data = stored.part / name
    data.write_bytes(bytes(byte ^ 0x5A for byte in data.read_bytes()))
    damaged = data.read_bytes()

    with Service(stored.folder) as service:
        status, said = service.get("/conversations/first/trace")
        sent = post(f"{service.http}/v1/traces", span_request("third"))[0]
        assert service.program.stop() == 0

    assert (status, sent) == (503, 200)
    assert "may be damaged" in said["detail"]
    assert str(stored.folder) not in str(said)
    assert any(data.parent.name in line for line in service.program.err)
    assert data.read_bytes() == damaged


def test_a_read_only_disk_refuses_at_the_start(tmp_path: Path) -> None:
    """The folder is named, and mounted writable again everything is there."""
    with mounted(tmp_path / "disk") as folder:
        with Service(folder / "data") as service:
            assert post(f"{service.http}/v1/traces", span_request("kept"))[0] == 200
            assert service.program.stop() == 0
        remount(folder, "ro")

        ended = run("serve", environ=service.environ)

        remount(folder, "rw")
        (rows,) = ask_store(folder / "data", "SELECT ConversationId AS c FROM botlogs.otel_traces")
    assert ended.returncode == 2
    assert str(folder / "data") in ended.stderr
    assert "Traceback" not in ended.stderr
    assert rows == [{"c": "kept"}]
