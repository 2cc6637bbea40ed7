"""Policies change in the running program when its file does; a faulty file changes nothing."""

import urllib.request
from pathlib import Path

from tests.support.processes import Program, free_ports, until

_KEEP_ALL = "tail_sampling: {policies: [{name: all, type: always_sample}]}\n"
_FAULTY = "tail_sampling: {policies: [{name: all, type: alwayssample}]}\n"


def test_a_changed_file_is_taken_and_a_faulty_one_is_refused(tmp_path: Path) -> None:
    """The service notices its file: the metrics and the log say `taken`, or `refused` and why."""
    http, grpc, otlp_http, otlp_grpc = free_ports(4)
    ports = (
        f"storage: {{dsn: 'chdb://{tmp_path / 'data'}'}}\napi: {{http: '127.0.0.1:{http}', grpc: '127.0.0.1:{grpc}'}}\n"
        f"receivers: {{otlp: {{grpc: {{endpoint: '127.0.0.1:{otlp_grpc}'}},"
        f" http: {{endpoint: '127.0.0.1:{otlp_http}'}}}}}}\n"
    )
    file = tmp_path / "botlogs.yaml"
    file.write_text(ports)
    program = Program("serve", "-c", str(file))
    program.wait_for_line("ready")

    def reloads(outcome: str) -> bool:
        with urllib.request.urlopen(f"http://127.0.0.1:{http}/metrics", timeout=20) as response:
            return f'botlogs_config_reloads_total{{outcome="{outcome}"}} 1.0' in response.read().decode()

    file.write_text(ports + _FAULTY)
    until(lambda: reloads("refused"))
    file.write_text(ports + _KEEP_ALL)
    until(lambda: reloads("taken"))

    assert program.stop() == 0
    assert any("tail_sampling.policies[0].type" in line and "always_sample" in line for line in program.err)
