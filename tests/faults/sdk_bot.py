"""A bot on OpenTelemetry's own SDK and exporters, which notes what its exporter was told was accepted."""

import threading
from collections.abc import Sequence

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import INVALID_SPAN_CONTEXT


class NotingExporter(SpanExporter):
    """Exports as *exporter* does, retries included; *accepted* are the spans that it said were taken."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self.accepted: set[str] = set()

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Note what was taken."""
        result = self._exporter.export(spans)
        if result is SpanExportResult.SUCCESS:
            self.accepted |= {f"{(span.get_span_context() or INVALID_SPAN_CONTEXT).span_id:016x}" for span in spans}
        return result

    def shutdown(self) -> None:
        """Stop."""
        self._exporter.shutdown()


class Bot(threading.Thread):
    """Makes one span after another of the conversation *name*; each export returns when it is done."""

    def __init__(self, name: str, exporter: SpanExporter) -> None:
        super().__init__(name=name)
        self._exporter = NotingExporter(exporter)
        self.provider = TracerProvider(
            resource=Resource({"deployment.environment.name": "sandbox", "service.name": name})
        )
        self.provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.made: list[str] = []
        self.making = ""  # the trace of the span that waits for its answer
        self.stopping = threading.Event()

    @property
    def accepted(self) -> set[str]:
        """The spans that it was told are durable."""
        return self._exporter.accepted

    def run(self) -> None:
        """Work until it is stopped."""
        tracer = self.provider.get_tracer("bot")
        while not self.stopping.is_set():
            with tracer.start_as_current_span("node", attributes={"gen_ai.conversation.id": self.name}) as span:
                self.making = f"{span.get_span_context().trace_id:032x}"
            self.making = ""
            self.made.append(f"{span.get_span_context().span_id:016x}")
        self.provider.shutdown()
