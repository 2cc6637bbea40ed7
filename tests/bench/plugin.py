"""What the plugin costs a bot, side by side with the same done by hand, as ratios."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any

from opentelemetry._logs import SeverityNumber
from opentelemetry.sdk._logs import LoggerProvider, ReadableLogRecord
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor, LogRecordExporter, LogRecordExportResult
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

import otel_botlogs
from otel_botlogs import active, config, semconv
from otel_botlogs.setup import build_pipeline
from tests.bench.report import compared
from tests.runtimes.venvs import HERE, Venv

Row = dict[str, Any]


class _NoSpans(SpanExporter):
    """Takes spans and forgets them, so that only the bot's side is measured."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return SpanExportResult.SUCCESS


class _NoLogs(LogRecordExporter):
    """Takes log records and forgets them."""

    def export(self, batch: Sequence[ReadableLogRecord]) -> LogRecordExportResult:
        return LogRecordExportResult.SUCCESS

    def shutdown(self) -> None:
        pass

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        return True


def run(quick: bool) -> list[dict[str, Any]]:
    """Return the plugin's figures; *quick* takes about 10 seconds, otherwise about 50."""
    rounds, repeats = (1000, 3) if quick else (5000, 9)
    return [
        *_node_action(rounds, repeats),
        _unconfigured(rounds * 20, repeats),
        _memory(30_000 if quick else 1_000_000),
        *_langgraph_turn(),
    ]


def _node_action(rounds: int, repeats: int) -> list[Row]:
    """Measure a node action with one log event against the same telemetry by hand, interleaved."""
    spans, logs = _providers()
    tracer, logger = spans.get_tracer("by hand"), logs.get_logger("by hand")
    settings = config.load({"bot_id": "bench", "environment": "sandbox"}, environ={})
    before = active.install(build_pipeline(settings, tracer_provider=spans, logger_provider=logs))
    try:
        with otel_botlogs.conversation("bench", channel="web") as conv, conv.turn() as turn:
            with turn.node("ask", type="prompt", flow="f", flow_version="1") as node:
                attributes = dict(node.attributes)

            def plugin() -> None:
                with turn.node("ask", type="prompt", flow="f", flow_version="1") as node:
                    node.log("asked for the order id", attempt=1)

            def emit(event_name: str, body: str | None, extra: dict[str, Any]) -> None:
                logger.emit(
                    timestamp=time.time_ns(),
                    severity_number=SeverityNumber.INFO,
                    severity_text="INFO",
                    body=body,
                    attributes={**attributes, **extra},
                    event_name=event_name,
                )

            def by_hand_same() -> None:
                with tracer.start_as_current_span("ask", attributes=attributes) as span:
                    emit(semconv.EVENT_NODE_ENTER, None, {})
                    emit(semconv.EVENT_LOG, "asked for the order id", {"attempt": 1})
                    emit(semconv.EVENT_NODE_EXIT, None, {semconv.BOT_NODE_OUTCOME: "completed"})
                    span.set_attribute(semconv.BOT_NODE_OUTCOME, "completed")

            def by_hand_one() -> None:
                with tracer.start_as_current_span("ask", attributes=attributes):
                    emit(semconv.EVENT_LOG, "asked for the order id", {"attempt": 1})

            ours_us, same_us, one_us = _interleaved([plugin, by_hand_same, by_hand_one], rounds, repeats)
    finally:
        active.install(before)
        spans.shutdown()
        logs.shutdown()
    same = "the same span and its three log records (enter, line, exit) by hand with the SDK"
    one = "a span and the one log record by hand with the SDK, without enter and exit"
    return [
        _row("node action with one log event", ours_us, "µs", ours_us / same_us, same, 1.5),
        _row("node action with one log event, over the bare pair", ours_us, "µs", ours_us / one_us, one, 1.5),
    ]


def _unconfigured(rounds: int, repeats: int) -> Row:
    """Measure a node action while nothing is configured against an empty context manager."""

    class Empty:
        def __enter__(self) -> None:
            pass

        def __exit__(self, *_: object) -> None:
            pass

    empty = Empty()
    before = active.install(None)
    try:
        turn = otel_botlogs.conversation("c").turn()

        def plugin() -> None:
            with turn.node("ask", type="prompt"):
                pass

        def yardstick() -> None:
            with empty:
                pass

        def nothing() -> None:
            pass

        ours_us, empty_us, call_us = _interleaved([plugin, yardstick, nothing], rounds, repeats)
    finally:
        active.install(before)
    ratio = (ours_us - call_us) / max(empty_us - call_us, 1e-6)
    return _row(
        "node action, nothing configured", (ours_us - call_us) * 1000, "ns", ratio, "an empty context manager", 5.0
    )


def _langgraph_turn() -> list[Row]:
    """Measure a turn of ten trivial LangGraph nodes in LangGraph's own environment, made if it is not there.

    The contrib instrumentation writes one span for the turn and nothing for its nodes; ours writes eleven spans and
    two dozen events.
    """
    venv = Venv(folder="langgraph", version="latest")
    venv.make()
    command = [str(venv.bin / "python"), str(HERE / "langgraph" / "overhead.py"), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    found: dict[str, float] = json.loads(done.stdout)
    yardsticks = {
        "contrib": "LangGraph under opentelemetry-instrumentation-genai-langchain (one span a turn)",
        "by hand": "the same spans and log records by hand with the SDK in LangGraph's nodes",
        "bare": "LangGraph without telemetry",
    }
    return [
        _row(
            f"LangGraph turn of 10 trivial nodes, over {name}", found["otel_botlogs"] * 1000, "µs", found[f"x {name}"],
            yardstick, None if name == "bare" else 1.03,
        )
        for name, yardstick in yardsticks.items()
        if f"x {name}" in found
    ]  # fmt: skip


def _memory(conversations: int) -> Row:
    """Measure what conversations that never end leave behind, in a process of its own."""
    code = f"from tests.bench.plugin import left_behind_mb; print(left_behind_mb({conversations}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=900)
    name = f"memory left by {conversations:,} conversations never ended"
    return {"name": name, "value": float(done.stdout), "unit": "MB", **compared(float(done.stdout), at_most=20)}


def left_behind_mb(conversations: int) -> float:
    """Return by how much this process grew, in MB, over so many conversations with a turn and a node each."""
    spans, logs = _providers()
    settings = config.load({"bot_id": "bench", "environment": "sandbox"}, environ={})
    active.install(build_pipeline(settings, tracer_provider=spans, logger_provider=logs))
    for number in range(200):  # what loads lazily, and the first batches
        _talk(f"warm-{number}")
    spans.force_flush()
    logs.force_flush()
    gc.collect()
    before = _resident_bytes()
    for number in range(conversations):
        _talk(f"conversation-{number:08d}")
    spans.force_flush()
    logs.force_flush()
    gc.collect()
    return (_resident_bytes() - before) / 1e6


def _talk(name: str) -> None:
    with otel_botlogs.conversation(name) as conv, conv.turn() as turn, turn.node("n"):
        pass


def _resident_bytes() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - a Linux figure
        return int(file.read().split()[1]) * 4096


def _providers() -> tuple[TracerProvider, LoggerProvider]:
    resource = Resource({semconv.DEPLOYMENT_ENVIRONMENT_NAME: "sandbox", semconv.SERVICE_NAME: "bench"})
    spans, logs = TracerProvider(resource=resource), LoggerProvider(resource=resource)
    spans.add_span_processor(BatchSpanProcessor(_NoSpans(), max_queue_size=50_000, schedule_delay_millis=100))
    logs.add_log_record_processor(BatchLogRecordProcessor(_NoLogs(), max_queue_size=50_000, schedule_delay_millis=100))
    return spans, logs


def _interleaved(functions: Sequence[Callable[[], None]], rounds: int, repeats: int) -> list[float]:
    """Return the best mean time of each function in µs; taking turns, so that a busy machine is busy for all."""
    best = [float("inf")] * len(functions)
    for function in functions:
        _time(function, rounds // 10 + 1)
    with _no_gc():
        for _ in range(repeats):
            for position, function in enumerate(functions):
                best[position] = min(best[position], _time(function, rounds))
                gc.collect()
    return best


def _time(function: Callable[[], None], rounds: int) -> float:
    started = time.perf_counter_ns()
    for _ in range(rounds):
        function()
    return (time.perf_counter_ns() - started) / rounds / 1000


@contextmanager
def _no_gc() -> Generator[None]:
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _row(name: str, value: float, unit: str, ratio: float, yardstick: str, target: float | None) -> Row:
    met = compared(ratio, at_most=target)
    return {"name": name, "value": value, "unit": unit, "ratio": ratio, "yardstick": yardstick, **met}


if __name__ == "__main__":
    for row in run("--quick" in sys.argv):
        print(row)
