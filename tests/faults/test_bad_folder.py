"""A data folder that cannot be used: one clear line, exit code 2, and not a byte of it changed."""

import hashlib
from collections.abc import Callable
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


@pytest.mark.parametrize("damage", [_truncate, _scribble], ids=["cut off", "scribbled over"])
def test_a_damaged_table_definition_is_one_line_and_nothing_is_overwritten(
    damage: Callable[[Path], None], tmp_path: Path
) -> None:
    """A folder that cannot be read as a store is left to whoever can mend it or bring a backup."""
    with Service(tmp_path / "data") as service:
        assert post(f"{service.http}/v1/traces", span_request("kept"))[0] == 200
        assert service.program.stop() == 0
    for path in (tmp_path / "data" / "store").rglob("*.sql"):
        damage(path)
    before = _digest(tmp_path / "data")

    ended = run("migrate", environ={"BOTLOGS_STORAGE__DSN": f"chdb://{tmp_path / 'data'}"})

    assert ended.returncode == 2, (ended.stdout, ended.stderr)
    assert f"the data folder {tmp_path / 'data'} cannot be opened" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert {name: before.get(name) for name in _digest(tmp_path / "data")} == before


def _part_of(folder: Path, conversation: str) -> Path:
    """Return the folder of the part that holds the spans of *conversation*."""
    sql = f"SELECT _part AS part FROM botlogs.otel_traces WHERE ConversationId = '{conversation}'"
    (rows,) = ask_store(folder, sql)
    (found,) = (folder / "store").rglob(rows[0]["part"])
    return found


@pytest.fixture
def stored(tmp_path: Path) -> Service:
    """A stopped service with one conversation in a part of its own, then another."""
    with Service(tmp_path / "data") as service:
        for conversation in ("first", "second"):
            assert post(f"{service.http}/v1/traces", span_request(conversation))[0] == 200
        assert service.program.stop() == 0
    return service


@pytest.mark.parametrize("name", ["columns.txt", "checksums.txt", "data.cmrk4"])
def test_a_damaged_part_is_refused_at_the_start_and_nothing_is_overwritten(stored: Service, name: str) -> None:
    """Going on without a part would be a gap that nobody is told of."""
    _scribble(_part_of(stored.folder, "first") / name)
    before = _digest(stored.folder)

    ended = run("serve", environ=stored.environ)

    assert ended.returncode == 2, (ended.stdout, ended.stderr)
    assert f"the data folder {stored.folder} cannot be opened" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert {name: before.get(name) for name in _digest(stored.folder)} == before


@pytest.mark.parametrize("name", ["data.bin", "primary.cidx"])
def test_damaged_data_is_said_to_its_readers_without_a_word_of_where_it_lies(stored: Service, name: str) -> None:
    """Found when it is read: 503 and that a backup is needed; the log names the part, and what is sent is taken."""
    data = _part_of(stored.folder, "first") / name
    data.write_bytes(bytes(byte ^ 0x5A for byte in data.read_bytes()))
    damaged = data.read_bytes()

    with stored:
        stored.restart()
        status, said = stored.get("/conversations/first/trace")
        sent = post(f"{stored.http}/v1/traces", span_request("third"))[0]
        assert stored.program.stop() == 0

    assert (status, sent) == (503, 200)
    assert "may be damaged" in said["detail"]
    assert str(stored.folder) not in str(said)
    assert any(data.parent.name in line for line in stored.program.err)
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
