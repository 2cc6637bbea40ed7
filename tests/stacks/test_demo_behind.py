"""The demo's conversations in a real OpenTelemetry Collector behind Bot logs: whole if readable, else absent."""

from pathlib import Path

import pytest

from tests.stacks.otelcol import exported, otelcol_behind
from tests.support.demo_bots import by_trace, demo_config, let_them_talk
from tests.support.processes import until
from tests.support.service import Service

pytestmark = pytest.mark.toolchain


@pytest.mark.parametrize("protocol", ["grpc", "http"])
def test_the_demo_behind_a_collector(go_programs: Path, tmp_path: Path, protocol: str) -> None:
    """Every span and log record of sandbox, staging and released production, field for field; one tree each."""
    with otelcol_behind(go_programs, tmp_path, protocol) as (endpoint, file):
        exporter = {"name": "otelcol", "endpoint": endpoint, "protocol": protocol}
        config = demo_config(tmp_path / "botlogs.yaml", exporter)
        with Service(tmp_path / "data", {"BOTLOGS_CONFIG": str(config)}) as service:
            story = let_them_talk(service)
            until(lambda: not story.not_whole(by_trace(exported(file))))
    arrived = by_trace(exported(file))

    assert {found["state"] for _, found in story.told} >= {"live", "held", "released", "dropped"}
    assert (story.not_whole(arrived), story.leaked(arrived), story.odd_trees(arrived)) == ([], [], [])
