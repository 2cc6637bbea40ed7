"""A bot as a program, to be killed: `python -m tests.faults.sdk_sender HOST:PORT CONVERSATION`.

It makes spans with OpenTelemetry's SDK, its batch processor and exporter, and prints the id of each span once the
exporter was told that it is accepted.
"""

import sys
import threading
from collections.abc import Sequence

from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult
from opentelemetry.trace import INVALID_SPAN_CONTEXT


class _SayingExporter(OTLPSpanExporter):
    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = super().export(spans)
        if result is SpanExportResult.SUCCESS:
            said = "".join(f"{(span.get_span_context() or INVALID_SPAN_CONTEXT).span_id:016x}\n" for span in spans)
            sys.stdout.write(said)
            sys.stdout.flush()
        return result


def main() -> None:
    """Make spans until killed."""
    target, conversation = sys.argv[1:]
    provider = TracerProvider(resource=Resource({"deployment.environment.name": "sandbox"}))
    exporter = _SayingExporter(endpoint=target, insecure=True, timeout=60)
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=20, max_export_batch_size=64))
    tracer = provider.get_tracer("bot")
    pause = threading.Event()
    while True:
        with tracer.start_as_current_span("node", attributes={"gen_ai.conversation.id": conversation}):
            pause.wait(0.002)


if __name__ == "__main__":
    main()
