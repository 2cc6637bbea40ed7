"""`botlogs doctor`: look at the whole way from a bot to a reader, and say what to do about what is wrong."""

import json
import re
import secrets
import socket
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from threading import Event
from typing import Final
from urllib.parse import urlsplit

import click

from botlogs_collector.cli.check import Check
from botlogs_collector.cli.client import Api, Refused, Unreachable, path_of
from botlogs_collector.cli.connection import connected
from botlogs_collector.cli.forwarding_checks import forwarding_checks
from botlogs_collector.cli.terminal import console, one_line, print_json
from botlogs_collector.clock import Clock, SystemClock

_PORT_TIMEOUT_S: Final = 3.0
_SEEN_WITHIN_S: Final = 10.0
_MAX_SKEW_S: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where the service should be listening."""

    otlp_http: str
    otlp_grpc: str
    api_grpc: str


@click.command()
@click.option("--otlp-http", default="http://127.0.0.1:4318", show_default=True, help="Where bots send OTLP over HTTP.")
@click.option("--otlp-grpc", default="127.0.0.1:4317", show_default=True, help="Where bots send OTLP over gRPC.")
@click.option("--api-grpc", default="127.0.0.1:8081", show_default=True, help="The query API over gRPC.")
@click.option("--environment", default="sandbox", show_default=True, help="Of the test span; a live one shows it.")
@connected
def doctor(*, api: Api, as_json: bool, environment: str, **addresses: str) -> None:
    """Check that the service is there, ready, and shows what is sent to it. Sends one test conversation."""
    checks: list[Check] = []
    out = console()
    for check in examine(api, Addresses(**addresses), environment, SystemClock()):
        checks.append(check)
        if not as_json:
            out.print(_shown(check), soft_wrap=True)
    if as_json:
        print_json({"items": [asdict(check) for check in checks]})
    if not all(check.good for check in checks):
        raise click.exceptions.Exit(1)


def examine(api: Api, addresses: Addresses, environment: str, clock: Clock) -> Iterator[Check]:
    """Yield the checks in the order in which one needs the other; what cannot work without one is left out."""
    reachable = _reachable(api)
    yield reachable
    if reachable.good:
        yield _ready(api)
        yield _versions(api)
        yield _clock_skew(api, clock)
        yield from forwarding_checks(api.plain("/metrics")[1])
    yield _port("OTLP/gRPC", addresses.otlp_grpc, "receivers.otlp.grpc.endpoint")
    yield _port("query API over gRPC", addresses.api_grpc, "api.grpc")
    yield from _round_trip(api, addresses.otlp_http, environment, clock)


def _reachable(api: Api) -> Check:
    try:
        status, _, _ = api.plain("/healthz")
    except Unreachable as error:
        return Check(
            name="service",
            good=False,
            found=str(error).partition(";")[0],
            advice="start it with `botlogs serve`, or say where it is with --url",
        )
    advice = "" if status == 200 else "something else may be listening there; say where the service is with --url"
    return Check(name="service", good=not advice, found=f"{api.url}/healthz answers {status}", advice=advice)


def _ready(api: Api) -> Check:
    status, text, _ = api.plain("/readyz")
    good = status == 200
    return Check(
        name="ready", good=good, found=one_line(text.strip()) or str(status),
        advice="" if good else "wait a moment; if it stays, the service's log says which part does not start",
    )  # fmt: skip


def _versions(api: Api) -> Check:
    _, text, _ = api.plain("/metrics")
    labels = re.search(r"^botlogs_build_info\{(.*)\} 1", text, re.MULTILINE)
    told = dict(re.findall(r'(\w+)="([^"]*)"', labels[1])) if labels else {}
    service, schema, own = told.get("version"), told.get("store_schema"), version("otel-botlogs")
    if service is None:
        return Check(
            name="versions",
            good=False,
            found=f"{api.url}/metrics tells no version",
            advice="is this a botlogs service?",
        )
    advice = "" if service == own else "service and command line should be of one version: pip install -U otel-botlogs"
    return Check(
        name="versions", good=not advice, advice=advice,
        found=f"service {service}, store schema {schema}, this command line {own}",
    )  # fmt: skip


def _clock_skew(api: Api, clock: Clock) -> Check:
    _, _, headers = api.plain("/healthz")
    date = _header(headers, "date")
    if date is None:
        return Check(name="clock", good=True, found="the service does not tell its time; not compared")
    skew_s = clock.now_ns() / 1e9 - parsedate_to_datetime(date).timestamp()
    # The header has whole seconds, so up to one second is no skew.
    skew_s = 0.0 if 0 <= skew_s <= 1 else skew_s
    good = abs(skew_s) <= _MAX_SKEW_S
    return Check(
        name="clock", good=good, found=f"{abs(skew_s):.0f} s between this machine's clock and the service's",
        advice="" if good else "set both clocks (NTP): a log's time is the bot's, an end's is the service's",
    )  # fmt: skip


def _port(name: str, address: str, key: str) -> Check:
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), _PORT_TIMEOUT_S):
            return Check(name=name, good=True, found=f"{address} is open")
    except (OSError, ValueError, OverflowError) as error:
        return Check(
            name=name,
            good=False,
            found=f"{address}: {error}",
            advice=f"compare with {key} in the service's configuration",
        )


def _round_trip(api: Api, otlp_http: str, environment: str, clock: Clock) -> Iterator[Check]:
    """Send one span and wait until it can be read."""
    conversation, sent_s = f"doctor-{secrets.token_hex(4)}", clock.monotonic_s()
    try:
        _send_span(otlp_http, api.sending_headers(), conversation, environment, clock.now_ns())
    except (OSError, ValueError) as error:
        yield Check(
            name="OTLP/HTTP", good=False, found=f"{otlp_http} does not accept a span: {one_line(error)}",
            advice="compare with receivers.otlp.http.endpoint and the bot's OTEL_EXPORTER_OTLP_ENDPOINT",
        )  # fmt: skip
        return
    yield Check(name="OTLP/HTTP", good=True, found=f"{otlp_http} accepted a test span")
    yield _seen(api, conversation, environment, clock, sent_s)


def _send_span(otlp_http: str, headers: Mapping[str, str], conversation: str, environment: str, now_ns: int) -> None:
    span = {
        "traceId": secrets.token_hex(16), "spanId": secrets.token_hex(8), "name": "doctor", "kind": 1,
        "startTimeUnixNano": str(now_ns), "endTimeUnixNano": str(now_ns + 1_000_000),
        "attributes": [_attribute("gen_ai.conversation.id", conversation), _attribute("bot.id", "botlogs-doctor")],
    }  # fmt: skip
    resource = {
        "attributes": [
            _attribute("service.name", "botlogs-doctor"),
            _attribute("deployment.environment.name", environment),
        ]
    }
    body = {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [span]}]}]}
    if urlsplit(otlp_http).scheme not in ("http", "https"):
        raise ValueError("an address begins with http:// or https://")
    request = urllib.request.Request(  # noqa: S310 - checked above
        otlp_http.rstrip("/") + "/v1/traces", json.dumps(body).encode(), {"content-type": "application/json", **headers}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        rejected = json.loads(answer.read() or b"{}").get("partialSuccess", {}).get("errorMessage")
    if rejected:
        raise ValueError(rejected)


def _attribute(key: str, value: str) -> dict[str, object]:
    return {"key": key, "value": {"stringValue": value}}


def _seen(api: Api, conversation: str, environment: str, clock: Clock, sent_s: float) -> Check:
    pause = Event()
    trouble = ""
    while (waited_s := clock.monotonic_s() - sent_s) < _SEEN_WITHIN_S:
        try:
            if api.get(path_of(conversation, "/timeline")).get("items"):
                return Check(
                    name="round trip",
                    good=True,
                    found=f"the test span could be read after {waited_s * 1000:.0f} ms ({conversation})",
                )
        except Refused as error:
            if error.status == 409:
                return Check(
                    name="round trip",
                    good=True,
                    found=f"the test span arrived; {environment} holds it back, as configured",
                )
            if error.status in (401, 403):
                return Check(name="round trip", good=False, found=str(error), advice="give a token that may read")
            trouble = str(error)
        except Unreachable as error:
            trouble = str(error)
        pause.wait(0.1)
    return Check(
        name="round trip", good=False,
        found=f"the test span was not seen within {_SEEN_WITHIN_S:.0f} s. {one_line(trouble)}",
        advice="the service's log says what the store did with it",
    )  # fmt: skip


def _header(headers: Mapping[str, str], name: str) -> str | None:
    return next((value for key, value in headers.items() if key.lower() == name), None)


def _shown(check: Check) -> object:
    from rich.text import Text

    text = Text("good " if check.good else "BAD  ", "green" if check.good else "bold red")
    text.append(f"{check.name}: ", "bold").append(one_line(check.found))
    return text.append(f"\n     → {check.advice}", "yellow") if check.advice else text
