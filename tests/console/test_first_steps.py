"""What somebody sees before the first bot has sent anything, and that the lines shown there work."""

import re
import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.console.axe import violations
from tests.console.conftest import Visits, watched
from tests.console.running_service import RunningService


@pytest.fixture
def empty_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """Return a service that has received nothing."""
    running = RunningService(tmp_path_factory.mktemp("empty"))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def newcomer(browser: Browser, empty_service: RunningService) -> Iterator[Visits]:
    """Open pages of that service."""
    with watched(browser, empty_service.url) as visits:
        yield visits


@pytest.mark.browser
def test_first_steps_work_as_shown(newcomer: Visits, empty_service: RunningService) -> None:
    """The curl line makes a conversation, and the page shows it by itself; axe-core objects to nothing."""
    page = newcomer.open("/")
    expect(page.get_by_role("heading", name="No conversation has arrived yet")).to_be_visible()
    for shown in ("otel_botlogs.configure", "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:"):
        expect(page.get_by_text(shown).first).to_be_visible()
    assert violations(page) == []

    command = page.get_by_label("Just curl", exact=True).inner_text()
    here = re.sub(r":4318", f":{empty_service.ports['otlp_http']}", command)
    subprocess.run(["bash", "-c", here], check=True, capture_output=True, timeout=30)

    expect(page.get_by_role("link", name="conv-1")).to_be_visible()
