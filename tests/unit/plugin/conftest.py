"""A recording for each test, and a plugin that has forgotten the test before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from otel_botlogs import guard, testing


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:  # pyright: ignore[reportUnusedFunction]
    """Forget what the test before counted and told."""
    guard.reset()
    yield
    guard.reset()


@pytest.fixture
def recording() -> Iterator[testing.Recording]:
    """Record everything in memory, as sandbox."""
    with testing.record(bot_id="support", environment="sandbox") as recording:
        yield recording
