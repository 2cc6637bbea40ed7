"""Forwarding to real receivers: everything once it is visible, at least once, whatever an endpoint does meanwhile."""

from collections.abc import Callable, Sequence

import grpc
import pytest

from botlogs_collector.clock import ManualClock
from botlogs_collector.model.forwarding import Cursor
from botlogs_collector.ports import Lease
from botlogs_collector.store.client import Database
from botlogs_collector.store.lease import StoreLease
from tests.support.forwarding import Stretch, exporter
from tests.support.otlp_items import Request
from tests.support.otlp_receiver import TAKE, Protocol, Reply, items_in, otlp_receiver
from tests.support.processes import free_ports, until

DOWN = Reply(code=grpc.StatusCode.UNAVAILABLE, status=503)
INVALID = Reply(code=grpc.StatusCode.INVALID_ARGUMENT, status=400, message="no such thing")


@pytest.fixture
def stretch(database: Database) -> Stretch:
    """Some time of the test's own."""
    return Stretch(database)


def has(request: Request, ids: Sequence[str]) -> bool:
    """Return whether *request* has a span with one of *ids*."""
    return any(item.span_id.hex() in ids for item in items_in(request))


@pytest.mark.parametrize("protocol", ["grpc", "http"])
def test_what_is_visible_goes_out_once_and_more_when_it_comes(stretch: Stretch, protocol: Protocol) -> None:
    """A window after the other, each span in one request."""
    first = stretch.spans(30)
    with otlp_receiver(protocol) as receiver:
        target = exporter(receiver.endpoint, protocol=protocol)
        stretch.end_ns = stretch.start_ns + 10
        with stretch.forwarding(target):
            receiver.wait(lambda r: r.ids == set(first))
            stretch.next_ns = stretch.end_ns
            later = stretch.spans(20)
            stretch.end_ns += 10
            receiver.wait(lambda r: r.ids == {*first, *later})

    assert len(receiver.items) == 50
    assert stretch.metric("forwarded_items_total", target.name) == 50


def test_errors_and_throttling_lose_nothing(stretch: Stretch) -> None:
    """An endpoint that fails in every retryable way gets all of it in the end."""
    ids = stretch.spans(5)
    with otlp_receiver() as receiver:
        codes = [
            grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.ABORTED,
            grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.INTERNAL,
        ]  # fmt: skip
        receiver.behave = lambda _request: Reply(code=codes.pop(0)) if codes else TAKE
        target = exporter(receiver.endpoint)
        with stretch.forwarding(target):
            receiver.wait(lambda r: r.ids == set(ids))

    failures = {
        reason: stretch.metric("forward_failures_total", target.name, reason=reason)
        for reason in ("unreachable", "throttled", "denied", "failing")
    }
    assert failures == {"unreachable": 2, "throttled": 1, "denied": 1, "failing": 1}


def test_an_endpoint_that_was_away_gets_what_it_missed(stretch: Stretch) -> None:
    """Nobody listens for a while; with the first answer everything is there, and it was not told to anybody else."""
    (port,) = free_ports(1)
    ids = stretch.spans(40)
    target = exporter(f"127.0.0.1:{port}")

    with stretch.forwarding(target):
        _wait_for_failures(stretch, target.name)
        with otlp_receiver(port=port) as receiver:
            receiver.wait(lambda r: r.ids == set(ids))


def _wait_for_failures(stretch: Stretch, name: str) -> None:
    until(lambda: stretch.metric("forward_failures_total", name, reason="unreachable") >= 2 or None)


def test_a_poison_span_is_skipped_alone_and_holds_up_no_other_endpoint(stretch: Stretch) -> None:
    """The one that is always refused is found by halving, counted, and everything else arrives everywhere."""
    ids = stretch.spans(50)
    poison = ids[23]
    with otlp_receiver() as picky, otlp_receiver("http") as easy:
        picky.behave = lambda request: INVALID if has(request, [poison]) else TAKE
        first, second = exporter(picky.endpoint), exporter(easy.endpoint, protocol="http")
        with stretch.forwarding(first, second):
            picky.wait(lambda r: r.ids == set(ids) - {poison})
            easy.wait(lambda r: r.ids == set(ids))

    assert stretch.metric("forward_skipped_items_total", first.name, reason="refused") == 1
    assert len(picky.items) == 49


def test_an_endpoint_that_refuses_everything_for_ever_holds_up_no_other(stretch: Stretch) -> None:
    """Its refusals are counted, and after some single ones the rest of a request is not asked about one by one."""
    ids = stretch.spans(200)
    with otlp_receiver() as closed, otlp_receiver() as easy:
        closed.behave = lambda _request: INVALID
        first, second = exporter(closed.endpoint), exporter(easy.endpoint)
        with stretch.forwarding(first, second):
            easy.wait(lambda r: r.ids == set(ids))

    assert stretch.metric("forward_skipped_items_total", first.name, reason="refused") == 200
    assert closed.asked < 120


def test_a_partial_success_is_counted_and_not_sent_again(stretch: Stretch) -> None:
    """What an endpoint rejected of a request it took is not resent for ever."""
    stretch.spans(10)
    with otlp_receiver("http") as receiver:
        receiver.behave = lambda _request: Reply(rejected=3, message="too old")
        target = exporter(receiver.endpoint, protocol="http")
        with stretch.forwarding(target):
            receiver.wait(lambda r: r.asked == 1)

    assert receiver.asked == 1
    assert stretch.metric("forward_skipped_items_total", target.name, reason="rejected") == 3
    assert stretch.metric("forwarded_items_total", target.name) == 7


def test_an_endpoint_that_disappears_in_mid_stream_gets_the_rest_when_it_is_back(stretch: Stretch) -> None:
    """The cursor is behind what was taken: nothing is missing, and what was taken before does not come again whole."""
    ids = stretch.spans(60)
    (port,) = free_ports(1)
    target = exporter(f"127.0.0.1:{port}", max_request_bytes=2048, concurrency=1)
    with stretch.forwarding(target):
        with otlp_receiver(port=port) as before:
            before.behave = lambda _request: DOWN if len(before.taken) >= 2 else TAKE
            before.wait(lambda r: len(r.taken) >= 2 and r.asked > 3)
        with otlp_receiver(port=port) as after:
            after.wait(lambda r: {*before.ids, *r.ids} == set(ids))

    assert not before.ids & after.ids


def test_a_slow_endpoint_gets_smaller_requests_until_it_keeps_up(stretch: Stretch) -> None:
    """A request that is not answered in time is halved."""
    ids = stretch.spans(16)
    with otlp_receiver() as receiver:
        receiver.behave = lambda request: Reply(hang=True) if len(items_in(request)) > 4 else TAKE
        target = exporter(receiver.endpoint, timeout=500_000_000)
        with stretch.forwarding(target):
            receiver.wait(lambda r: r.ids == set(ids))

    assert stretch.metric("forward_failures_total", target.name, reason="slow") >= 2


def test_requests_larger_than_an_endpoint_takes_are_halved(stretch: Stretch) -> None:
    """413, or gRPC's own limit of the message's size, is no reason to lose anything."""
    ids = stretch.spans(20)
    too_large = Reply(status=413)
    with otlp_receiver("http") as receiver:
        receiver.behave = lambda request: too_large if len(items_in(request)) > 3 else TAKE
        with stretch.forwarding(exporter(receiver.endpoint, protocol="http")):
            receiver.wait(lambda r: r.ids == set(ids))

    assert len(receiver.items) == 20


def test_a_request_that_breaks_the_endpoint_is_found_by_asking_for_nothing(stretch: Stretch) -> None:
    """500 for one span only: the endpoint takes an empty request, so the span is what is wrong and is skipped."""
    ids = stretch.spans(8)
    broken = Reply(status=500)
    with otlp_receiver("http") as receiver:
        receiver.behave = lambda request: broken if has(request, ids[:1]) else TAKE
        target = exporter(receiver.endpoint, protocol="http")
        with stretch.forwarding(target):
            receiver.wait(lambda r: r.ids == set(ids[1:]))
            until(lambda: stretch.metric("forward_skipped_items_total", target.name, reason="failing") == 1)


def test_an_endpoint_that_fails_at_everything_loses_nothing(stretch: Stretch) -> None:
    """500 for an empty request too: it is the endpoint, and everything waits for it."""
    ids = stretch.spans(4)
    with otlp_receiver("http") as receiver:
        receiver.behave = lambda _request: Reply(status=500) if receiver.asked < 12 else TAKE
        target = exporter(receiver.endpoint, protocol="http")
        with stretch.forwarding(target):
            receiver.wait(lambda r: r.ids == set(ids))

    assert stretch.metric("forward_skipped_items_total", target.name, reason="failing") == 0


def test_a_cursor_older_than_the_data_is_said_and_counted(database: Database) -> None:
    """The time whose data is gone is in the metrics, once, and what there is arrives."""
    stretch = Stretch(database)
    hour_ns = 3600 * 10**9
    stretch.retention_ns = hour_ns
    stretch.clock = ManualClock(stretch.start_ns + 3 * hour_ns)
    stretch.end_ns = stretch.start_ns + 3 * hour_ns
    with otlp_receiver() as receiver:
        target = exporter(receiver.endpoint)
        with stretch.forwarding(target):
            pass

    assert stretch.metric("forward_expired_seconds_total", target.name) == pytest.approx(7200, abs=1)


def test_of_two_forwarders_on_one_store_one_forwards_and_the_other_takes_over(stretch: Stretch) -> None:
    """The lease of the endpoint keeps them apart; given up, the other goes on where the cursor is."""
    ids = stretch.spans(30)

    def lease_of(holder: str) -> Callable[[str], Lease]:
        def lease(name: str) -> Lease:
            return StoreLease(stretch.database, f"{holder}-{name}", f"forward/{name}")

        return lease

    with otlp_receiver() as receiver:
        target = exporter(receiver.endpoint)
        with stretch.forwarding(target, lease=lease_of("one")):
            receiver.wait(lambda r: r.ids == set(ids))
            second = Stretch(stretch.database, start_ns=stretch.start_ns, end_ns=stretch.end_ns)
            with second.forwarding(target, lease=lease_of("two"), from_start=False):
                pass
        assert len(receiver.items) == 30

        start = Cursor(from_unix_nano=stretch.start_ns, upto_unix_nano=stretch.start_ns)
        stretch.outbox.save(target.name, "traces", start)
        third = Stretch(stretch.database, start_ns=stretch.start_ns, end_ns=stretch.end_ns)
        with third.forwarding(target, lease=lease_of("three"), from_start=False):
            receiver.wait(lambda r: len(r.items) == 60)


def test_stopping_does_not_wait_for_an_endpoint_that_is_away(stretch: Stretch) -> None:
    """What it did not get is in the store; the cursor stays."""
    stretch.spans(3)
    (port,) = free_ports(1)
    target = exporter(f"127.0.0.1:{port}")
    with stretch.forwarding(target):
        _wait_for_failures(stretch, target.name)

    assert stretch.outbox.cursor(target.name, "traces") == Cursor(
        from_unix_nano=stretch.start_ns, upto_unix_nano=stretch.start_ns
    )


def test_headers_and_compression_arrive(stretch: Stretch) -> None:
    """Headers of the configuration are on every request; gzip and zstd are what they say."""
    ids = stretch.spans(3)
    with otlp_receiver("http") as receiver, otlp_receiver() as remote:
        web = {"protocol": "http", "headers": {"Authorization": "Bearer x"}}
        targets = [exporter(receiver.endpoint, compression=kind, **web) for kind in ("none", "gzip", "zstd")]
        targets.append(exporter(remote.endpoint, compression="gzip", headers={"X-Tenant": "7"}))
        with stretch.forwarding(*targets):
            receiver.wait(lambda r: len(r.taken) == 3)
            remote.wait(lambda r: r.ids == set(ids))

    kinds = sorted(headers.get("content-encoding", "none") for headers in receiver.headers)
    assert kinds == ["gzip", "none", "zstd"]
    assert {headers["authorization"] for headers in receiver.headers} == {"Bearer x"}
    assert remote.headers[0]["x-tenant"] == "7"
