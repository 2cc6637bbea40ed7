"""TLS towards endpoints: a certificate that is vouched for is accepted, any other is not, and nothing is lost by it."""

from dataclasses import replace
from pathlib import Path

import pytest

from botlogs_collector.config.exporters import ExporterTls
from botlogs_collector.errors import StartError
from botlogs_collector.store.client import Database
from tests.support.forwarding import Stretch, exporter
from tests.support.otlp_receiver import Certificate, Protocol, make_certificate, otlp_receiver
from tests.support.processes import until


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate for collector.test."""
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.mark.parametrize("protocol", ["grpc", "http"])
def test_an_endpoint_behind_tls_is_trusted_by_its_authority(
    database: Database, certificate: Certificate, protocol: Protocol
) -> None:
    """The CA file and the name in the certificate are those of the configuration."""
    stretch = Stretch(database)
    ids = stretch.spans(3)
    tls = ExporterTls(ca_file=str(certificate.chain), server_name="collector.test")
    with otlp_receiver(protocol, certificate=certificate) as receiver:
        with stretch.forwarding(exporter(receiver.endpoint, protocol=protocol, tls=tls)):
            receiver.wait(lambda r: r.ids == set(ids))


@pytest.mark.parametrize("protocol", ["grpc", "http"])
def test_an_endpoint_that_nobody_vouches_for_gets_nothing(
    database: Database, certificate: Certificate, protocol: Protocol
) -> None:
    """It counts as unreachable, and what it did not get waits."""
    stretch = Stretch(database)
    stretch.spans(3)
    with otlp_receiver(protocol, certificate=certificate) as receiver:
        target = exporter(receiver.endpoint, protocol=protocol, tls=ExporterTls(server_name="collector.test"))
        with stretch.forwarding(target):
            until(lambda: stretch.metric("forward_failures_total", target.name, reason="unreachable") or None)

    assert receiver.asked == 0


@pytest.mark.parametrize("protocol", ["grpc", "http"])
def test_an_endpoint_that_asks_who_comes_is_shown_the_clients_certificate(
    database: Database, certificate: Certificate, tmp_path: Path, protocol: Protocol
) -> None:
    """`cert_file` and `key_file` are the client's own; without them it gets nothing, and nothing is lost."""
    stretch, client = Stretch(database), make_certificate(tmp_path)
    ids = stretch.spans(3)
    server = ExporterTls(ca_file=str(certificate.chain), server_name="collector.test")
    known = replace(server, cert_file=str(client.chain), key_file=str(client.key))
    with otlp_receiver(protocol, certificate=certificate, clients=client) as receiver:
        stranger, friend = (exporter(receiver.endpoint, protocol=protocol, tls=tls) for tls in (server, known))
        with stretch.forwarding(stranger, friend):
            receiver.wait(lambda r: r.ids == set(ids))
            until(lambda: stretch.metric("forward_failures_total", stranger.name, reason="unreachable") or None)

    assert len(receiver.items) == 3
    assert stretch.metric("forwarded_items_total", stranger.name) == 0


def test_a_certificate_that_is_not_there_is_said_at_start(database: Database, tmp_path: Path) -> None:
    """The message names the endpoint and the file's trouble."""
    target = exporter("localhost:1", tls=ExporterTls(ca_file=str(tmp_path / "none.pem")))

    with pytest.raises(StartError, match=rf"tls files of '{target.name}' cannot be used: .*No such file"):
        with Stretch(database).forwarding(target):
            pass
