"""Two collectors, one store, one endpoint: real processes over ClickHouse's HTTP protocol (stood in for)."""

import json
import urllib.request
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import grpc
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from botlogs_collector.store.client import Database
from tests.support.clickhouse_http import clickhouse_server
from tests.support.hold import add_spans
from tests.support.otlp_receiver import TAKE, OtlpReceiver, Reply, items_in, otlp_receiver
from tests.support.processes import until
from tests.support.service import Service, post
from tests.support.store import unique

_DOWN = Reply(code=grpc.StatusCode.UNAVAILABLE)
_LEASE = "forward/shared"


def _service(folder: Path, dsn: str, receiver: OtlpReceiver) -> Service:
    exporter = {
        "name": "shared", "endpoint": receiver.endpoint, "signals": ["traces"],
        "max_request_bytes": 1024, "concurrency": 1,
    }  # fmt: skip
    return Service(
        folder,
        {
            "BOTLOGS_STORAGE__DSN": dsn,
            "BOTLOGS_RELEASE__WATERMARK_LAG": "1s",
            "BOTLOGS_EXPORTERS__OTLP": json.dumps([exporter]),
        },
    )


def _send(service: Service, spans: int) -> list[str]:
    """Let a live conversation of so many spans arrive; return their ids."""
    request = ExportTraceServiceRequest()
    ids = add_spans(request, unique(), 1_790_000_000_000_000_000, spans, environment="sandbox")
    assert post(f"{service.http}/v1/traces", request.SerializeToString())[0] == 200
    return ids


def _arrived(receiver: OtlpReceiver) -> Counter[str]:
    return Counter(span.span_id.hex() for span in receiver.items)


def _forwards(service: Service) -> bool:
    with urllib.request.urlopen(f"{service.api}/metrics", timeout=30) as answer:
        lines = answer.read().decode().splitlines()
    return any(line.startswith("botlogs_forwarded_items_total{") and float(line.split()[-1]) > 0 for line in lines)


def _all_are_there(receiver: OtlpReceiver, ids: Iterable[str]) -> None:
    wanted = set(ids)
    receiver.wait(lambda r: wanted <= r.ids)


@pytest.mark.timeout(240)
def test_a_killed_forwarder_is_followed_by_the_other(tmp_path: Path) -> None:
    """Nothing is missing; what comes twice was of the page under way at the kill; a stop leaves nothing twice."""
    with otlp_receiver() as receiver, clickhouse_server(tmp_path / "store") as dsn:
        with _service(tmp_path / "1", dsn, receiver) as one, _service(tmp_path / "2", dsn, receiver) as two:
            store = Database(dsn)
            before = [span for service in (one, two) for span in _send(service, 3)]
            _all_are_there(receiver, before)
            holder, other = (
                (one, two) if until(lambda: _forwards(one) or _forwards(two)) and _forwards(one) else (two, one)
            )
            assert not _forwards(other)

            # The endpoint takes some of a page of many requests, then goes away; so does the one who forwards.
            enough = len(receiver.taken) + 3
            receiver.behave = lambda _request: TAKE if len(receiver.taken) < enough else _DOWN
            page = [span for service in (one, two) for span in _send(service, 20)]
            receiver.wait(lambda r: r.asked > enough + 1)
            holder.program.stop(9)
            half = [span.span_id.hex() for request in receiver.taken[enough - 3 :] for span in items_in(request)]
            receiver.behave = lambda _request: TAKE
            _let_the_lease_run_out(store)
            _all_are_there(receiver, page)
            after = _send(other, 5)
            _all_are_there(receiver, after)

            holder.restart()
            assert other.program.stop() == 0
            last = _send(holder, 5)
            _all_are_there(receiver, last)
            store.close()

    arrived = _arrived(receiver)
    assert 0 < len(half) < len(page)
    assert {span for span, times in arrived.items() if times > 1} <= set(half)
    assert arrived.keys() == {*before, *page, *after, *last}


def _let_the_lease_run_out(store: Database) -> None:
    """Write what a minute without a sign of life means; nobody has to wait for it."""
    (row,) = store.query("lease_holder", lease=_LEASE)
    store.run("lease_renew", holder=row["Holder"], lease=_LEASE, lease_s=0)
