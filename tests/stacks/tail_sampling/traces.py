"""The traces on which our decisions and the processor's are compared.

`python -m tests.stacks.tail_sampling.traces tests/data/tail_sampling` makes them: random ones, and such as lie
on the bounds of the configurations. Then `go run . ../../data/tail_sampling` in this folder asks the processor.
"""

import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from botlogs_collector.otlp.json_codec import message_to_json
from tests.support.random_records import RandomRecords
from tests.support.records import START, Span, traces_request

_MS = 1_000_000


def _on_the_bounds() -> list[list[Span]]:
    one = Span(status=1)
    lasting = [[replace(one, duration=ms * _MS)] for ms in (499, 500, 501, 999, 1000, 1001, 1500, 1501, 2000, 2001)]
    apart = [[one, replace(one, start=START + ms * _MS - one.duration)] for ms in (1000, 1001, 2000)]
    counts = [[one] * count for count in (2, 3, 4, 5)]
    values = [[replace(one, attributes={"a": value})] for value in (0, 1, 5, 6, -1, -3, True, False, "x", "xy")]
    owned = [[replace(one, resource={"a": value, "b": value})] for value in (3, "x", True, False)]
    return [*lasting, *apart, *counts, *values, *owned]


def main(folder: str) -> None:
    """Write traces.jsonl."""
    made = RandomRecords(7)
    random = [spans for spans in (made.spans() for _ in range(90)) if spans]
    lines = [json.dumps(_as_json(number, spans)) for number, spans in enumerate([*_on_the_bounds(), *random])]
    (Path(folder) / "traces.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _as_json(number: int, spans: Sequence[Span]) -> object:
    """Return a trace in OTLP/JSON; every span has an id of its own."""
    trace_id = hashlib.md5(f"trace {number}".encode(), usedforsecurity=False).hexdigest()
    apart = [replace(span, span_id=f"{index + 1:016x}") for index, span in enumerate(spans)]
    request = ExportTraceServiceRequest.FromString(traces_request(trace_id, apart))
    return message_to_json(request)


if __name__ == "__main__":
    main(sys.argv[1])
