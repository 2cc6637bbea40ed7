"""What recording costs a LangGraph turn of ten trivial nodes, beside plain SDK spans around the same nodes.

Runs in the environment that `make test-runtimes` makes: `.venv/runtimes/langgraph-latest/bin/python
tests/runtimes/langgraph/overhead.py`. It prints CPU time, because wall time on a shared machine says little.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any, TypedDict

from langgraph.graph import START, StateGraph
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor, InMemoryLogRecordExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

import otel_botlogs

NODES = 10
ROUNDS, REPEATS = 60, 15


class State(TypedDict, total=False):
    count: int


class _NoSpans(SpanExporter):
    def export(self, spans: Any) -> SpanExportResult:
        return SpanExportResult.SUCCESS


class _NoLogs(InMemoryLogRecordExporter):
    def export(self, batch: Any) -> Any:
        self._logs = []
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


def spent(turn: Callable[[], object]) -> float:
    """Return milliseconds of CPU time for one turn."""
    started = time.process_time()
    for _ in range(ROUNDS):
        turn()
    return (time.process_time() - started) * 1000 / ROUNDS


def contrib_instrumentor() -> Any:
    """Return OpenTelemetry's own LangChain instrumentor, None where it is not installed."""
    try:
        from opentelemetry.instrumentation.genai.langchain import LangChainInstrumentor
    except ImportError:
        return None
    return LangChainInstrumentor()


def main() -> None:
    spans, logs = providers()
    tracer = spans.get_tracer("by hand")

    def spanned(state: State) -> State:
        with tracer.start_as_current_span("node", attributes={"node": "node"}):
            return {"count": 1}

    bare, by_hand = graph(trivial), graph(spanned)

    def turn_by_hand() -> None:
        with tracer.start_as_current_span("turn"):
            by_hand.invoke({"count": 0})

    otel_botlogs.configure(bot_id="bench", environment="sandbox", tracer_provider=spans, logger_provider=logs)
    from otel_botlogs.instrumentors.langgraph import LangGraphInstrumentor

    instrumentor = LangGraphInstrumentor()
    contrib = contrib_instrumentor()
    times: dict[str, list[float]] = {name: [] for name in ("bare", "plain SDK spans", "otel_botlogs", "contrib")}
    for _ in range(REPEATS):  # interleaved, so that the machine's moods hit all alike
        times["bare"].append(spent(lambda: bare.invoke({"count": 0})))
        times["plain SDK spans"].append(spent(turn_by_hand))
        instrumentor.instrument()
        times["otel_botlogs"].append(spent(lambda: bare.invoke({"count": 0}, {"configurable": {"thread_id": "t"}})))
        instrumentor.uninstrument()
        if contrib is not None:
            contrib.instrument(tracer_provider=spans, logger_provider=logs, skip_dep_check=True)
            times["contrib"].append(spent(lambda: bare.invoke({"count": 0}, {"configurable": {"thread_id": "t"}})))
            contrib.uninstrument()
    middle = {name: statistics.median(values) for name, values in times.items() if values}
    for name, value in middle.items():
        print(
            f"{name:16} {value:7.2f} ms a turn of {NODES} nodes, {value / middle['plain SDK spans']:.2f} x plain spans"
        )


if __name__ == "__main__":
    main()
