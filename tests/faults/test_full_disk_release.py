"""The disk fills up with held conversations while they are released: nothing half open or early, all out later."""

import os
import time
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.faults.ledger import settle
from tests.faults.one_span import spans_and_ids
from tests.faults.readers import span_rows
from tests.faults.small_disk import mounted
from tests.support.processes import until
from tests.support.service import Service, ask_store, post

_SPANS = 50
_EARLIEST_NS = 1_500_000_000  # silence and delay
_PRODUCTION = {
    "BOTLOGS_ENVIRONMENTS__PRODUCTION__RELEASE_DELAY": "500ms",
    "BOTLOGS_CONVERSATION__IDLE_TIMEOUT": "1s",
    "BOTLOGS_RELEASE__INTERVAL": "100ms",
}


@pytest.fixture
def small_disk(tmp_path: Path) -> Generator[Path]:
    """Return a file system of 64 MB."""
    with mounted(tmp_path / "disk", "size=64m") as folder:
        yield folder


def _open(service: Service, conversation: str) -> int | None:
    """Return how many spans a reader gets, None if it is not open."""
    status, body = service.get(f"/conversations/{conversation}/trace")
    if status != 200:
        assert status in (409, 503), (status, body)
        return None
    return sum(len(scope["spans"]) for group in body["resourceSpans"] for scope in group["scopeSpans"])


@pytest.mark.timeout(300)
def test_a_disk_that_fills_during_a_release_leaves_nothing_half_open(small_disk: Path) -> None:
    """A conversation is open whole or not at all, never before its time; with room again all come out, each once."""
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"\0" * 16_000_000)
    begun_ns: dict[str, int] = {}
    accepted: set[str] = set()
    seen: list[tuple[str, int | None]] = []
    with Service(small_disk / "data", _PRODUCTION) as service:

        def send_one_and_look_at_one() -> bool:
            """Return whether there is still room."""
            conversation, now_ns = f"c-{len(begun_ns)}", time.time_ns()
            made = [
                spans_and_ids(conversation, 1, environment="production", noise=os.urandom(10_000).hex())
                for _ in range(_SPANS)
            ]
            status = post(f"{service.http}/v1/traces", b"".join(body for body, _ in made))[0]
            assert status in (200, 503)
            if status == 200:
                begun_ns[conversation] = now_ns
                accepted.update(span for _, ids in made for span in ids)
            look_at = f"c-{max(0, len(begun_ns) - 5)}"
            spans = _open(service, look_at)
            seen.append((look_at, spans))
            assert spans is None or time.time_ns() >= begun_ns[look_at] + _EARLIEST_NS
            return status == 200

        deadline = time.monotonic() + 120
        while send_one_and_look_at_one():
            assert time.monotonic() < deadline, "the disk does not fill"
        seen += [(conversation, _open(service, conversation)) for conversation in begun_ns]
        ballast.unlink()
        for conversation in begun_ns:
            until(lambda conversation=conversation: _open(service, conversation) == _SPANS, 120)
        assert service.program.stop() == 0

    receipts, early = ask_store(
        service.folder,
        "SELECT ConversationId AS c, toString(Status) AS s, count() AS n FROM botlogs.receipts FINAL GROUP BY c, s",
        "SELECT ConversationId FROM botlogs.receipts FINAL WHERE ReleasedAt < AvailableAt",
    )
    assert {spans for _, spans in seen} <= {None, _SPANS}, "half open"
    assert early == []
    expected = {(conversation, "released", 1) for conversation in begun_ns}
    assert expected <= {(row["c"], row["s"], row["n"]) for row in receipts}
    rows = {span: count for span, count in span_rows(service.folder).items() if span in accepted}
    not_open = sum(spans is None for _, spans in seen)
    settle(
        "full disk during a release, row by row", 1, acknowledged=accepted, readable=rows,
        note=f"{len(begun_ns)} receipts; {len(seen)} looks, {not_open} not open",
    )  # fmt: skip
