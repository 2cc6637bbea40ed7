"""A recording for each test, and a plugin that has forgotten the test before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from otel_botlogs import guard, testing


@pytest.fixture
def recording() -> Iterator[testing.Recording]:
    """Record everything in memory, as sandbox."""
    guard.reset()
    with testing.record(bot_id="support", environment="sandbox") as recording:
        yield recording
    guard.reset()
