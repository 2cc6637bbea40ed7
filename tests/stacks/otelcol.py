"""A running OpenTelemetry Collector with one of the example configurations."""

import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from google.protobuf.message import Message
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from botlogs_collector.otlp.json_codec import parse_json
from tests.support.otlp_items import Request
from tests.support.processes import free_ports, until
from tests.support.service import post

CONFIG = Path(__file__).parents[2] / "collector" / "config"


@dataclass(frozen=True, slots=True, kw_only=True)
class Otelcol:
    """Where it listens."""

    grpc: str
    http: str

    def take(self, *requests: Message) -> None:
        """Send requests as a bot does; each must be taken."""
        for request in requests:
            signal = "traces" if isinstance(request, ExportTraceServiceRequest) else "logs"
            status, _, body = post(f"http://{self.http}/v1/{signal}", request.SerializeToString())
            assert status == 200, body


@contextmanager
def otelcol(programs: Path, config: str, folder: Path, **environ: str) -> Generator[Otelcol]:
    """Run it with collector/config/*config*, its places given as *environ*, until the block ends."""
    grpc, http = (f"127.0.0.1:{port}" for port in free_ports(2))
    places = {"OTELCOL_GRPC": grpc, "OTELCOL_HTTP": http, "OTELCOL_QUEUE": str(folder / "queue"), **environ}
    command = [str(programs / "otelcol"), "--config", str(CONFIG / config)]
    log = folder / "otelcol.log"
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out, env=places) as process:

        def is_ready() -> bool:
            assert process.poll() is None, log.read_text()
            return "Everything is ready" in log.read_text()

        try:
            until(is_ready)
            yield Otelcol(grpc=grpc, http=http)
        finally:
            process.terminate()
            process.wait(20)


@contextmanager
def otelcol_behind(programs: Path, folder: Path, protocol: str) -> Generator[tuple[str, Path]]:
    """Run it as (b) has it; yield where it listens, and the file that it writes."""
    grpc, http, unused = (f"127.0.0.1:{port}" for port in free_ports(3))
    file = folder / "out" / "telemetry.jsonl"
    places = {
        "OTELCOL_GRPC": grpc, "OTELCOL_HTTP": http, "OTELCOL_FILE": str(file),
        "TRACES_GRPC": unused, "LOGS_HTTP": f"http://{unused}",
    }  # fmt: skip
    with otelcol(programs, "otelcol-behind-botlogs.yaml", folder, **places):
        yield grpc if protocol == "grpc" else f"http://{http}", file


def exported(file: Path) -> list[Request]:
    """Return what the file exporter has written so far, whole lines alone."""
    written, _, _being_written = (file.read_bytes() if file.exists() else b"").rpartition(b"\n")
    return [
        parse_json("traces" if line.startswith(b'{"resourceSpans"') else "logs", line) for line in written.splitlines()
    ]
