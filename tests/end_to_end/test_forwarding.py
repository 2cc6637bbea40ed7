"""Random OTLP through the real service into official receiving servers; and a service that is killed on the way."""

import json
from collections.abc import Generator
from pathlib import Path

import grpc
import pytest

from tests.support.otlp_receiver import TAKE, OtlpReceiver, Reply, otlp_receiver
from tests.support.processes import run
from tests.support.round_trip import differences, random_requests, send
from tests.support.service import Service

_DOWN = Reply(code=grpc.StatusCode.UNAVAILABLE)


@pytest.fixture
def receivers() -> Generator[tuple[OtlpReceiver, OtlpReceiver]]:
    """A gRPC and an HTTP server."""
    with otlp_receiver("grpc") as remote, otlp_receiver("http") as web:
        yield remote, web


@pytest.fixture
def service(tmp_path: Path, receivers: tuple[OtlpReceiver, OtlpReceiver]) -> Generator[Service]:
    """A service of which every environment is live, and which forwards to both."""
    remote, web = receivers
    endpoints = [
        {"name": "remote", "endpoint": remote.endpoint, "compression": "gzip"},
        {"name": "web", "endpoint": f"http://{web.endpoint}", "protocol": "http", "compression": "zstd"},
    ]
    environ = {
        "BOTLOGS_ENVIRONMENTS__PRODUCTION__RELEASE_DELAY": "0s",
        "BOTLOGS_EXPORTERS__OTLP": json.dumps(endpoints),
    }
    with Service(tmp_path / "data", environ) as running:
        yield running


def test_what_leaves_equals_what_came_in(service: Service, receivers: tuple[OtlpReceiver, OtlpReceiver]) -> None:
    """Hundreds of random spans and log records, every field and type, over gRPC and HTTP."""
    requests = random_requests(300, seed=7, of=100)

    send(service, requests)

    for receiver in receivers:
        receiver.wait(lambda r: len(r.items) >= 600)
        assert differences(requests, receiver) == []
    assert service.program.stop() == 0


def test_a_killed_service_goes_on_where_its_cursor_is(
    service: Service, receivers: tuple[OtlpReceiver, OtlpReceiver]
) -> None:
    """What was acknowledged and not yet forwarded arrives after the restart, nothing is missing anywhere."""
    remote, web = receivers
    before, after = random_requests(100, seed=1), random_requests(50, seed=2)
    remote.behave = lambda _request: _DOWN if remote.items else TAKE
    send(service, before)
    web.wait(lambda r: len(r.items) >= 200)
    remote.wait(lambda r: r.asked > 2)
    doctor = run("doctor", "--url", service.api, "--otlp-http", service.http, "--otlp-grpc", service.grpc, "--json")

    service.program.stop(9)
    remote.behave = lambda _request: TAKE
    service.restart()
    send(service, after)

    for receiver in receivers:
        receiver.wait(lambda r: len({item.SerializeToString() for item in r.items}) >= 300)
        # The doctor sent a span, too.
        assert [found for found in differences([*before, *after], receiver) if "botlogs-doctor" not in found] == []
    checks = {check["name"]: check for check in json.loads(doctor.stdout)["items"]}
    assert checks["forwarding to web"]["good"]
    assert not checks["forwarding to remote"]["good"]
    assert "unreachable" in checks["forwarding to remote"]["found"]
