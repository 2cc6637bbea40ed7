"""An entry of a file as OTLP requests, whatever wrote it."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, cast

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from botlogs_collector.errors import InvalidRequest
from botlogs_collector.otlp.jaeger import trace_of_jaeger
from botlogs_collector.otlp.json_codec import parse_json
from botlogs_collector.ports import Signal

Request = ExportTraceServiceRequest | ExportLogsServiceRequest
Kind = Literal["traces", "logs", "metrics", "profiles", "jaeger", "jaeger trace"]

_KINDS: Final[Mapping[str, Kind]] = {
    "resourceSpans": "traces", "resource_spans": "traces",
    "resourceLogs": "logs", "resource_logs": "logs",
    "resourceMetrics": "metrics", "resource_metrics": "metrics",
    "resourceProfiles": "profiles", "resource_profiles": "profiles",
    "data": "jaeger", "traceID": "jaeger trace", "spans": "jaeger trace",
}  # fmt: skip
_FIRST_KEY: Final = re.compile(rb'\s*\{\s*"(\w+)"\s*:')
_PLACE: Final = re.compile(r": line \d+ column \d+ \(char (\d+)\)")
_ENVIRONMENTS: Final = frozenset({"deployment.environment.name", "deployment.environment"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What an entry holds; no `requests` in metrics and profiles, which are not handled."""

    kind: Kind
    requests: list[tuple[Signal, Request]]


def parse_entry(data: bytes, environment: str | None) -> Parsed:
    """Return the requests in *data*; resources without an environment get *environment*.

    Raises:
        InvalidRequest: it is not JSON, or none of the documents known here.
    """
    kind = _kind(data)
    requests: list[tuple[Signal, Request]] = []
    if kind in ("traces", "logs"):
        try:
            requests.append((kind, parse_json(kind, data)))
        except InvalidRequest as error:
            raise InvalidRequest(_in_an_entry(error)) from None
    elif kind == "jaeger":
        requests.extend(("traces", trace_of_jaeger(trace)) for trace in _jaeger_data(_json(data)))
    elif kind == "jaeger trace":
        requests.append(("traces", trace_of_jaeger(_json(data))))
    if environment:
        for _, request in requests:
            _set_environment(request, environment)
    return Parsed(kind=kind, requests=requests)


def _kind(data: bytes) -> Kind:
    """Read it off the first key; a document that begins with another one is parsed for it."""
    if (first := _FIRST_KEY.match(data)) and (kind := _KINDS.get(first[1].decode())):
        return kind
    document = _json(data)
    if isinstance(document, dict):
        keys = cast("dict[str, Any]", document)
        for key in keys:
            if key in _KINDS:
                return _KINDS[key]
    raise InvalidRequest(
        'no telemetry: a line holds an object with "resourceSpans" or "resourceLogs" (OTLP) or "data" (Jaeger)'
    )


def _json(data: bytes) -> object:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(_in_an_entry(f"not JSON: {error}")) from None


def _in_an_entry(error: object) -> str:
    """The parser counts lines of its own; beside the file's they would mislead."""
    return _PLACE.sub(r" at character \1", str(error))


def _jaeger_data(document: object) -> list[object]:
    traces = cast("dict[str, object]", document).get("data")
    if not isinstance(traces, list):
        raise InvalidRequest('not a document of Jaeger: its "data" must be a list of traces')
    return cast("list[object]", traces)


def _set_environment(request: Request, environment: str) -> None:
    for resource in _resources(request):
        if not any(attribute.key in _ENVIRONMENTS for attribute in resource.attributes):
            resource.attributes.add(key="deployment.environment.name").value.string_value = environment


def _resources(request: Request) -> Iterator[Any]:
    groups = request.resource_spans if isinstance(request, ExportTraceServiceRequest) else request.resource_logs
    return (group.resource for group in groups)
