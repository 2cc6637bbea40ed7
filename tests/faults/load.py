"""Load that does not wait for answers: requests leave at a rate, whatever becomes of those before them."""

import re
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.rpc import error_details_pb2, status_pb2

from tests.faults.one_span import span_request

SPANS = 1000
_EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
# Every request is this one with another conversation and trace: making it must cost less than taking it.
_NAME = secrets.token_hex(16)
_TRACE = secrets.token_bytes(16)
_ANY_TRACE = re.compile(rb"(?s)\x0a\x10.{16}\x12\x08")
_TEMPLATE = _ANY_TRACE.sub(lambda _: b"\x0a\x10" + _TRACE + b"\x12\x08", span_request(_NAME, SPANS))
REQUEST_BYTES = len(_TEMPLATE)
_MOST_AT_ONCE = 512


@dataclass
class Told:
    """What senders were told, and when: conversations accepted, and the hints of those refused."""

    accepted: dict[str, float] = field(default_factory=dict[str, float])  # by conversation, seconds until the answer
    refused: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])  # seconds, hint in seconds
    failed: list[grpc.RpcError] = field(default_factory=list[grpc.RpcError])  # anything else that was said


def offer(target: str, seconds: float, interval_s: float, told: Told) -> None:
    """Send a request every *interval_s* for *seconds*, then wait for the last answers."""
    room = threading.Semaphore(_MOST_AT_ONCE)
    started = time.monotonic()
    with grpc.insecure_channel(target) as channel:
        export: Any = channel.unary_unary(_EXPORT)
        number = 0
        pause = threading.Event()
        while (elapsed := time.monotonic() - started) < seconds:
            if elapsed < number * interval_s:
                pause.wait(number * interval_s - elapsed)
            number += 1
            room.acquire(timeout=120)
            _send(export, told, room.release)
        for _ in range(_MOST_AT_ONCE):
            room.acquire(timeout=120)


def most(target: str, seconds: float, told: Told, *, senders: int = 16) -> float:
    """Return the requests a second that are taken of *senders* that send as soon as they are answered."""
    ends = time.monotonic() + seconds

    def send() -> None:
        with grpc.insecure_channel(target, options=[("grpc.use_local_subchannel_pool", 1)]) as channel:
            export: Any = channel.unary_unary(_EXPORT)
            while time.monotonic() < ends:
                answered = threading.Event()
                _send(export, told, answered.set)
                answered.wait(120)

    before, started = len(told.accepted), time.monotonic()
    threads = [threading.Thread(target=send) for _ in range(senders)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return (len(told.accepted) - before) / (time.monotonic() - started)


def _send(export: Any, told: Told, then: Callable[[], object]) -> None:
    conversation = secrets.token_hex(16)
    body = _TEMPLATE.replace(_TRACE, bytes.fromhex(conversation)).replace(_NAME.encode(), conversation.encode())
    started = time.monotonic()

    def note(call: Any) -> None:
        took_s = time.monotonic() - started
        if (error := call.exception()) is None:
            told.accepted[conversation] = took_s
        elif error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED:
            told.refused.append((took_s, _hint_s(error)))
        else:
            told.failed.append(error)
        then()

    export.future(body, timeout=60).add_done_callback(note)


def _hint_s(error: Any) -> float:
    details = dict(error.trailing_metadata())["grpc-status-details-bin"]
    hint = error_details_pb2.RetryInfo()
    assert status_pb2.Status.FromString(details).details[0].Unpack(hint)
    return hint.retry_delay.ToMilliseconds() / 1000
