"""axe-core finds nothing in any view, light or dark, wide or narrow."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.console.conftest import Visits
from tests.console.running_service import RunningService
from tests.console.scenarios import farewell
from tests.console.steps import row, told


def violations(page: Page) -> list[str]:
    """Return what axe-core objects to, with the elements."""
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {each['help']} {[node['target'] for node in each['nodes']][:4]}" for each in found]


@pytest.mark.browser
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 800)])
@pytest.mark.parametrize("view", ["logs", "node", "variables", "receipt"])
def test_conversation(
    visits: Visits, service: RunningService, new_id: Callable[[str], str], view: str, scheme: str, width: int
) -> None:
    """A conversation with each of its details open."""
    story = told(new_id("axe"))
    service.hear(story)
    at = story.times["bot.condition"]

    page = visits.open(f"/conversation.html?id={story.conversation}&at={at}&view={view}", scheme=scheme, width=width)

    expect(page.get_by_role("tabpanel").locator(".log, .flow .node.focus, .variables, .facts").first).to_be_visible()
    row(page, "Anything else").hover()
    assert violations(page) == []


@pytest.mark.browser
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 800)])
def test_other_pages(
    visits: Visits, service: RunningService, new_id: Callable[[str], str], scheme: str, width: int
) -> None:
    """List, receipt, preview, flow, comparison, grants and what-if."""
    live, held = told(new_id("axe")), farewell(told(new_id("axe-held"), "production"))
    service.hear(live)
    service.hear(held)
    pages = {
        "/?environment=sandbox": live.conversation,
        f"/conversation.html?id={held.conversation}": "Held until its release",
        f"/preview.html?id={live.conversation}&console=1": "Choose a timestamp",
        "/flow.html?id=order_status": "Order status",
        f"/compare.html?a={live.conversation}&b={live.conversation}": "Both took the same path",
        "/?bot=nobody-at-all": "No conversation fits",
        "/grants.html": "Keep everything of",
        "/what-if.html": "Nothing is changed by asking",
    }

    for path, text in pages.items():
        page = visits.open(path, scheme=scheme, width=width)
        expect(page.get_by_text(text).first).to_be_visible()
        assert violations(page) == [], path
