"""A full disk: senders are told to retry, what was acknowledged stays, and everything goes on once there is room."""

import json
import os
import subprocess
import uuid
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.faults.ledger import settle
from tests.support.processes import until
from tests.support.service import Service, ask_store, post

_SPANS = 500


@pytest.fixture
def small_disk(tmp_path: Path) -> Generator[Path]:
    """Return a file system of 96 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=96m", "tmpfs", str(folder)], check=False)
    if mounted.returncode:
        pytest.skip("this machine does not let us mount a file system")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def _request(conversation: str, padding: int) -> bytes:
    spans = [
        {
            "traceId": uuid.uuid4().hex,
            "spanId": uuid.uuid4().hex[:16],
            "name": "node",
            "attributes": [
                {"key": "gen_ai.conversation.id", "value": {"stringValue": conversation}},
                {"key": "noise", "value": {"stringValue": os.urandom(padding).hex()}},  # does not compress
            ],
        }
        for _ in range(_SPANS)
    ]
    resource = {"attributes": [{"key": "deployment.environment.name", "value": {"stringValue": "sandbox"}}]}
    return json.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": spans}]}]}).encode()


def _send(service: Service, conversation: str, padding: int) -> tuple[int, str | None]:
    """Return the status, and when to come back if it says so."""
    status, headers, _ = post(f"{service.http}/v1/traces", _request(conversation, padding), "application/json")
    return status, headers.get("retry-after")


@pytest.mark.timeout(300)
def test_a_full_disk_refuses_and_recovers(small_disk: Path) -> None:
    """503 and when to come back while there is no room, then 200; what was acknowledged is there once, and whole."""
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"\0" * 40_000_000)
    accepted: list[str] = []
    refused: list[tuple[int, str | None]] = []
    with Service(small_disk / "data") as service:
        for number in range(60):
            answer = _send(service, f"c-{number}", 3000)
            if answer[0] == 200:
                accepted.append(f"c-{number}")
            else:
                refused.append(answer)
                break

        ballast.unlink()
        until(lambda: _send(service, "after", 1)[0] == 200)
        accepted.append("after")
        assert service.program.stop() == 0

        (rows,) = ask_store(
            service.folder,
            "SELECT ConversationId AS c, uniqExact(SpanId) AS n FROM botlogs.otel_traces GROUP BY c",
        )

    assert refused == [(503, "1")]
    stored = {row["c"]: row["n"] for row in rows}
    readable = {conversation: count // _SPANS for conversation, count in stored.items() if conversation in accepted}
    settle(
        f"full disk, requests of {_SPANS} spans", 1, acknowledged=set(accepted), readable=readable, note="503, then 200"
    )
