"""The target of the coverage-led search: `python -m tests.fuzz.json_reader traces|logs [libFuzzer's options]`."""

import sys
from importlib import import_module
from typing import Any, cast

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from botlogs_collector.errors import InvalidRequest
from botlogs_collector.ports import Signal

atheris: Any = import_module("atheris")  # no types, and not installed everywhere
_CORPUS = (
    (
        b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b71692033'
        b'31","name":"n","startTimeUnixNano":"1","kind":1,"attributes":[{"key":"k","value":{"intValue":"7"}}]}]}]}]}'
    ),
    (
        b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":1,"severityNumber":9,"body":{"kvlistValue":{"values":'
        b'[{"key":"a","value":{"arrayValue":{"values":[{"boolValue":true},{"bytesValue":"AA=="}]}}}]}}}]}]}]}'
    ),
)


def main() -> None:
    """Run until libFuzzer's options say enough; whatever is raised but InvalidRequest is a find."""
    signal = cast("Signal", sys.argv.pop(1))
    with atheris.instrument_imports(include=["botlogs_collector.otlp"]):
        json_to_protobuf = import_module("botlogs_collector.otlp.json_codec").json_to_protobuf
    request = ExportTraceServiceRequest if signal == "traces" else ExportLogsServiceRequest

    def read(data: bytes) -> None:
        try:
            body = json_to_protobuf(signal, data)
        except InvalidRequest:
            return
        try:
            request.FromString(body)
        except DecodeError as error:
            if "MaxDepth" not in str(error):  # refused where requests are checked
                raise

    def mutate(data: bytes, max_size: int, seed: int) -> bytes:
        begin = _CORPUS[seed // 8 % len(_CORPUS)] if seed % 8 == 0 or not data else data  # anew now and then
        return atheris.Mutate(begin, max_size)

    atheris.Setup(sys.argv, read, custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
