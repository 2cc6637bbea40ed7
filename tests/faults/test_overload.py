"""Twice what it can take: refused early with a hint when to come back, memory bounded, nothing accepted is lost."""

import http.client
import statistics
import threading
import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest

from botlogs_collector.config.load import load_settings
from botlogs_collector.config.memory import memory_ceiling_bytes
from tests.faults.ledger import LONG, settle
from tests.faults.load import REQUEST_BYTES, SPANS, Told, most, offer
from tests.faults.memory import peak_bytes
from tests.faults.one_span import span_request
from tests.support.processes import until
from tests.support.service import Service, ask_store

SECONDS = 600 if LONG else 8
CALIBRATION_S = 20 if LONG else 4
_CALM_S = 1.0  # on a machine that has other things to do
_LIMITS = {
    "BOTLOGS_RECEIVERS__OTLP__MAX_PENDING_BYTES": str(8 * 1024**2),
    "BOTLOGS_RECEIVERS__OTLP__MAX_COMMIT_BYTES": str(8 * 1024**2),
    "BOTLOGS_STORAGE__MAX_MEMORY_BYTES": str(1024**3),
}


class _Quiet:
    """A bot of one small request after another, from an address of its own."""

    def __init__(self, service: Service) -> None:
        self._address = service.http.removeprefix("http://")
        self.sent = 0

    def send(self) -> float:
        """Return how long its answer took, which must be that the data is durable."""
        self.sent += 1
        body, started = span_request(f"quiet-{self.sent}"), time.monotonic()
        connection = http.client.HTTPConnection(self._address, timeout=60, source_address=("127.0.0.2", 0))
        with closing(connection):
            connection.request("POST", "/v1/traces", body, {"content-type": "application/x-protobuf"})
            assert connection.getresponse().status == 200
        return time.monotonic() - started


@pytest.mark.timeout(SECONDS * 2 + 300)
def test_twice_the_load_is_refused_early_and_what_was_accepted_is_there(tmp_path: Path) -> None:
    """Refusals carry a hint, another sender is served throughout, memory keeps its ceiling, latency recovers."""
    told = Told()
    with Service(tmp_path / "data", _LIMITS) as service:
        quiet = _Quiet(service)
        alone_s = statistics.median(quiet.send() for _ in range(10))
        capacity = most(service.grpc, CALIBRATION_S, told)
        before = len(told.accepted)
        noise = threading.Thread(target=offer, args=(service.grpc, SECONDS, 0.5 / capacity, told))
        noise.start()
        beside_s = [quiet.send() for _ in iter(noise.is_alive, False)]
        ended_s = time.monotonic()
        until(lambda: quiet.send() < max(3 * alone_s, _CALM_S), 60)
        calm_s = time.monotonic() - ended_s
        taken = (len(told.accepted) - before) / SECONDS
        peak = peak_bytes(service)
        _assert_read(service, told)
        assert service.program.stop() == 0

    rows = _rows(service.folder)
    quiet_s = statistics.median(beside_s)
    settle(
        f"overload for {SECONDS} s, requests of {SPANS} spans", 1, acknowledged=set(told.accepted),
        readable={name: _times(count) for name, count in rows.items() if name in told.accepted},
        note=(
            f"capacity {capacity * SPANS:,.0f} spans/s, taken {taken * SPANS:,.0f}; {len(told.refused):,} refused in "
            f"{_median(took for took, _ in told.refused):.2f} s; peak {peak >> 20} MiB of {_ceiling_bytes() >> 20}; "
            f"quiet sender {quiet_s:.2f} s, alone {alone_s:.2f} s: {quiet_s / alone_s:.0f} times; "
            f"calm after {calm_s:.1f} s"
        ),
    )  # fmt: skip
    _assert_refused_early(told)
    assert calm_s < 10
    assert taken > capacity / 3
    assert peak < _ceiling_bytes()
    # It waits for the commit under way and the one that it is in, each as large as all that may wait.
    assert quiet_s < 2 * _full_queue_s(capacity) + 10 * alone_s
    assert {name for name in rows if name.startswith("quiet-")} == {f"quiet-{n + 1}" for n in range(quiet.sent)}


def _assert_refused_early(told: Told) -> None:
    """Who is refused hears it sooner than who is accepted, and when to come back."""
    assert told.failed == []
    assert told.refused
    assert min(hint_s for _, hint_s in told.refused) > 0
    assert _median(took_s for took_s, _ in told.refused) < _median(told.accepted.values())


def _assert_read(service: Service, told: Told) -> None:
    """Readers see what is there: some of the first and some of the last."""
    names = list(told.accepted)
    assert [service.conversation(name)["spans"] for name in (*names[:5], *names[-5:])] == [SPANS] * 10


def _times(rows: int) -> int:
    """Return how often a request is there; half a request counts as a double, for it is no single one either."""
    return rows // SPANS if rows % SPANS == 0 else 2


def _rows(folder: Path) -> dict[str, int]:
    (rows,) = ask_store(folder, "SELECT ConversationId AS c, count() AS n FROM botlogs.otel_traces GROUP BY c")
    return {row["c"]: row["n"] for row in rows}


def _ceiling_bytes() -> int:
    return memory_ceiling_bytes(load_settings(None, _LIMITS))


def _full_queue_s(capacity: float) -> float:
    pending = load_settings(None, _LIMITS).receivers.otlp.max_pending_bytes
    return pending / REQUEST_BYTES / capacity


def _median(values: Iterable[float]) -> float:
    return statistics.median([*values] or [0.0])
