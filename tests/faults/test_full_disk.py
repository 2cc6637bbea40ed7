"""A full disk: senders are told to retry, what was acknowledged stays, and everything goes on once there is room."""

import os
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.faults.ledger import settle
from tests.faults.one_span import spans_and_ids
from tests.faults.readers import span_rows, spans_read
from tests.faults.small_disk import mounted
from tests.support.processes import until
from tests.support.service import Service, post

_SPANS = 50


@pytest.fixture
def small_disk(tmp_path: Path) -> Generator[Path]:
    """Return a file system of 96 MB."""
    with mounted(tmp_path / "disk", "size=96m") as folder:
        yield folder


def _send(service: Service, conversation: str, padding: int, accepted: dict[str, str]) -> tuple[int, str | None]:
    """Return the status, and when to come back if it says so; what is acknowledged is noted in *accepted*."""
    made = [spans_and_ids(conversation, 1, noise=os.urandom(padding).hex()) for _ in range(_SPANS)]  # incompressible
    status, headers, _ = post(f"{service.http}/v1/traces", b"".join(body for body, _ in made))
    if status == 200:
        accepted.update({span: conversation for _, ids in made for span in ids})
    return status, headers.get("retry-after")


@pytest.mark.timeout(300)
def test_a_full_disk_refuses_and_recovers(small_disk: Path) -> None:
    """503 and when to come back while there is no room, then 200; what was acknowledged is there once, and whole."""
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"\0" * 40_000_000)
    accepted: dict[str, str] = {}
    refused: list[tuple[int, str | None]] = []
    with Service(small_disk / "data") as service:
        for number in range(100):
            answer = _send(service, f"c-{number}", 15_000, accepted)
            if answer[0] != 200:
                refused.append(answer)
                break

        ballast.unlink()
        until(lambda: _send(service, "after", 1, accepted)[0] == 200)
        read = spans_read(service, set(accepted.values()))
        assert service.program.stop() == 0

    rows = {span: count for span, count in span_rows(service.folder).items() if span in accepted}
    assert refused == [(503, "1")]
    assert "after" in accepted.values()
    settle(f"full disk, requests of {_SPANS} spans", 1, acknowledged=set(accepted), readable=read, note="503, then 200")
    settle("the same, row by row", 1, acknowledged=set(accepted), readable=rows)
