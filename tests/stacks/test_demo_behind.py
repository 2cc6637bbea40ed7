"""The demo's conversations in a real OpenTelemetry Collector behind Bot logs: whole if readable, else absent."""

from pathlib import Path

import pytest

from tests.stacks.otelcol import exported, otelcol
from tests.support.demo_bots import by_trace, demo_config, let_them_talk
from tests.support.processes import free_ports, until
from tests.support.service import Service

pytestmark = pytest.mark.toolchain


@pytest.mark.parametrize("protocol", ["grpc", "http"])
def test_the_demo_behind_a_collector(go_programs: Path, tmp_path: Path, protocol: str) -> None:
    """Every span and log record of sandbox, staging and released production, field for field; one tree each."""
    grpc, http, unused = (f"127.0.0.1:{port}" for port in free_ports(3))
    endpoint = grpc if protocol == "grpc" else f"http://{http}"
    config = demo_config(tmp_path / "botlogs.yaml", {"name": "otelcol", "endpoint": endpoint, "protocol": protocol})
    file = tmp_path / "out" / "telemetry.jsonl"
    places = {
        "OTELCOL_GRPC": grpc, "OTELCOL_HTTP": http, "OTELCOL_FILE": str(file),
        "TRACES_GRPC": unused, "LOGS_HTTP": f"http://{unused}",
    }  # fmt: skip

    with (
        otelcol(go_programs, "otelcol-behind-botlogs.yaml", tmp_path, **places),
        Service(tmp_path / "data", {"BOTLOGS_CONFIG": str(config)}) as service,
    ):
        story = let_them_talk(service)
        until(lambda: not story.not_whole(by_trace(exported(file))))
    arrived = by_trace(exported(file))

    assert {found["state"] for _, found in story.told} >= {"live", "held", "released", "dropped"}
    assert (story.not_whole(arrived), story.leaked(arrived), story.odd_trees(arrived)) == ([], [], [])
