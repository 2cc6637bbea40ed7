"""What recording costs a LangGraph turn of ten trivial nodes.

Three yardsticks, taking turns with it in one process: the graph without telemetry; the same spans and log records
written by hand with the SDK inside the nodes; and OpenTelemetry's own LangChain instrumentation, which writes one span
a turn, no node and no event. CPU time of all threads is compared, because wall time on a shared machine says little.

Runs in the environment that `make test-runtimes` makes: `.venv/runtimes/langgraph-latest/bin/python
tests/runtimes/langgraph/overhead.py [--json]`.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, TypedDict

from langgraph.graph import START, StateGraph
from opentelemetry._logs import SeverityNumber
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import (
    BatchLogRecordProcessor,
    InMemoryLogRecordExporter,
    SimpleLogRecordProcessor,
)
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import otel_botlogs
from otel_botlogs.instrumentors.langgraph import LangGraphInstrumentor

NODES = 10
ROUNDS, REPEATS = 10, 120
THREAD = {"configurable": {"thread_id": "t"}}
Record = tuple[str, Any, dict[str, Any]]


class State(TypedDict, total=False):
    count: int


class _NoSpans(SpanExporter):
    def export(self, spans: Any) -> SpanExportResult:
        return SpanExportResult.SUCCESS


class _NoLogs(InMemoryLogRecordExporter):
    def export(self, batch: Any) -> Any:
        return super().export([])


def providers() -> tuple[TracerProvider, LoggerProvider]:
    spans, logs = TracerProvider(), LoggerProvider()
    spans.add_span_processor(BatchSpanProcessor(_NoSpans()))
    logs.add_log_record_processor(BatchLogRecordProcessor(_NoLogs()))
    return spans, logs


def graph(node: Callable[[State], State]) -> Any:
    built = StateGraph(State)
    for number in range(NODES):
        built.add_node(f"node{number}", node)
        built.add_edge(f"node{number - 1}" if number else START, f"node{number}")
    return built.compile(name="bench")


def trivial(state: State) -> State:
    return {"count": 1}


def contrib_instrumentor() -> Any:
    """Return OpenTelemetry's own LangChain instrumentor, None where it is not installed."""
    try:
        from opentelemetry.instrumentation.genai.langchain import LangChainInstrumentor
    except ImportError:
        return None
    return LangChainInstrumentor()


def what_it_writes(turn: Callable[[], object]) -> tuple[dict[str, dict[str, Any]], dict[str, list[Record]]]:
    """Return the attributes of a turn's spans, and the log records of each, by the spans' names."""
    spans, logs = TracerProvider(), LoggerProvider()
    seen, lines = InMemorySpanExporter(), InMemoryLogRecordExporter()
    spans.add_span_processor(SimpleSpanProcessor(seen))
    logs.add_log_record_processor(SimpleLogRecordProcessor(lines))
    otel_botlogs.configure(bot_id="bench", environment="sandbox", tracer_provider=spans, logger_provider=logs)
    for _ in range(2):  # the first turn also announces the conversation and its flow
        seen.clear()
        lines.clear()
        turn()
    names = {span.context.span_id: span.name for span in seen.get_finished_spans()}
    records: dict[str, list[Record]] = {name: [] for name in names.values()}
    for line in lines.get_finished_logs():
        record = line.log_record
        records[names[record.span_id]].append((record.event_name, record.body, dict(record.attributes)))
    return {span.name: dict(span.attributes) for span in seen.get_finished_spans()}, records


class ByHand:
    """Writes what a turn leaves, with nothing but the SDK."""

    def __init__(self, spans: TracerProvider, logs: LoggerProvider, written: Any) -> None:
        self._tracer, self._logger = spans.get_tracer("by hand"), logs.get_logger("by hand")
        self._attributes, records = written
        # As a bot's author would: what is on all of them once, what is an event's own where it is written.
        self._own: dict[str, list[Record]] = {
            name: [(event, body, {k: v for k, v in own.items() if k not in self._attributes[name]})
                   for event, body, own in of_span]
            for name, of_span in records.items()
        }  # fmt: skip
        self._nodes = [f"node{number}" for number in range(NODES)]
        self._at = 0
        self._graph = graph(self._node)

    def turn(self) -> None:
        self._at = 0
        with self._tracer.start_as_current_span("turn", attributes=self._attributes["turn"]):
            before, after = self._own["turn"][:-1], self._own["turn"][-1]
            for record in before:
                self._emit(self._attributes["turn"], record)
            self._graph.invoke({"count": 0}, THREAD)
            self._emit(self._attributes["turn"], after)

    def _node(self, state: State) -> State:
        name = self._nodes[self._at]
        self._at += 1
        base = self._attributes[name]
        with self._tracer.start_as_current_span(name, attributes=base):
            result: State = {"count": 1}
            for record in self._own[name]:
                self._emit(base, record)
        return result

    def _emit(self, base: Mapping[str, Any], record: Record) -> None:
        event_name, body, own = record
        self._logger.emit(
            timestamp=time.time_ns(),
            severity_number=SeverityNumber.INFO,
            severity_text="INFO",
            body=body,
            attributes={**base, **own},
            event_name=event_name,
        )


def spent(turn: Callable[[], object]) -> float:
    """Return milliseconds of CPU time for one turn, once it runs as it runs all day."""
    for _ in range(5):
        turn()
    started = time.process_time()
    for _ in range(ROUNDS):
        turn()
    return (time.process_time() - started) * 1000 / ROUNDS


def main() -> dict[str, float]:
    """Return milliseconds of CPU a turn in the quietest round of each, and the ratios of those."""
    bare = graph(trivial)
    instrumentor, contrib = LangGraphInstrumentor(), contrib_instrumentor()
    instrumentor.instrument()
    written = what_it_writes(lambda: bare.invoke({"count": 0}, THREAD))
    instrumentor.uninstrument()
    spans, logs = providers()
    by_hand = ByHand(spans, logs, written)
    otel_botlogs.configure(bot_id="bench", environment="sandbox", tracer_provider=spans, logger_provider=logs)
    times: dict[str, list[float]] = {"bare": [], "by hand": [], "otel_botlogs": [], "contrib": []}
    for _ in range(REPEATS):
        times["bare"].append(spent(lambda: bare.invoke({"count": 0}, THREAD)))
        times["by hand"].append(spent(by_hand.turn))
        instrumentor.instrument()
        times["otel_botlogs"].append(spent(lambda: bare.invoke({"count": 0}, THREAD)))
        instrumentor.uninstrument()
        if contrib is not None:
            contrib.instrument(tracer_provider=spans, logger_provider=logs, skip_dep_check=True)
            times["contrib"].append(spent(lambda: bare.invoke({"count": 0}, THREAD)))
            contrib.uninstrument()
    figures = {name: min(values) for name, values in times.items() if values}
    for yardstick in {"bare", "by hand", "contrib"} & figures.keys():
        figures[f"x {yardstick}"] = figures["otel_botlogs"] / figures[yardstick]
    figures["spans"], figures["log records"] = len(written[0]), sum(map(len, written[1].values()))
    return figures


if __name__ == "__main__":
    found = main()
    if "--json" in sys.argv:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name:14} {value:7.2f}")
