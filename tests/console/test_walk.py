"""The walk of the reference: bug icon, Console, timestamps; at each its logs and its node; in every environment."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.console.conftest import Visits
from tests.console.running_service import RunningService
from tests.console.scenarios import farewell
from tests.console.steps import row, told

LOOKS = [("light", 1280), ("dark", 1280), ("light", 800), ("dark", 800)]


@pytest.mark.browser
@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_sandbox_walk(
    visits: Visits, service: RunningService, new_id: Callable[[str], str], scheme: str, width: int
) -> None:
    """From the bug icon to a timestamp, from the timestamp to its logs and to its node."""
    story = told(new_id("walk"))
    service.hear(story)

    page = visits.open(f"/preview.html?id={story.conversation}", scheme=scheme, width=width)
    expect(page.get_by_text("where is my order?")).to_be_visible()
    page.get_by_role("button", name="Console").click()
    expect(page.get_by_role("grid", name="Timestamps")).to_be_visible()

    found = row(page, "order is not None")
    found.hover()
    found.get_by_role("button", name="View logs").click()
    expect(page.get_by_role("article", name="info: bot.condition")).to_contain_text("bot.condition.taken")
    expect(page.get_by_role("article", name="info: bot.condition")).to_contain_text("482193")

    found.get_by_role("button", name="Go to node").click()
    expect(page.locator(".flow .node.focus")).to_have_attribute("data-node", "order_found")
    expect(page.locator(".flow .edge.chosen")).to_have_count(1)
    expect(page.get_by_text("Branches not taken")).to_be_visible()


@pytest.mark.browser
def test_refresh_reloads(visits: Visits, service: RunningService, new_id: Callable[[str], str]) -> None:
    """Refresh loads again and keeps the reader's place."""
    story = told(new_id("refresh"))
    service.hear(story)
    page = visits.open(f"/conversation.html?id={story.conversation}")
    row(page, "Understood").click()
    expect(page.get_by_role("article", name="info: bot.nlu")).to_be_visible()

    with page.expect_response(re.compile(r"/timeline\?")):
        page.get_by_role("button", name="Refresh").click()

    expect(page.get_by_role("article", name="info: bot.nlu")).to_be_visible()
    expect(page.locator(".row.chosen")).to_contain_text("Understood")


@pytest.mark.browser
@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_production_walk(
    visits: Visits, service: RunningService, new_id: Callable[[str], str], scheme: str, width: int
) -> None:
    """A released conversation is found in the list and shows transcript, timestamps, logs and node."""
    story = farewell(told(new_id("prod"), "canary"))
    service.hear(story)

    page = visits.open("/?environment=canary", scheme=scheme, width=width)
    listed = page.get_by_role("row").filter(has_text=story.conversation)
    expect(listed.locator(".chip.released")).to_be_visible(timeout=30_000)
    listed.get_by_role("link").click()

    expect(page.get_by_role("region", name="Transcript")).to_contain_text("Have a good day!")
    failed = row(page, "→ 503")
    failed.hover()
    failed.get_by_role("button", name="View logs").click()
    article = page.get_by_role("article", name="error: bot.api")
    expect(article).to_contain_text("upstream timed out")
    failed.get_by_role("button", name="Go to node").click()
    expect(page.locator(".flow .node.focus")).to_have_attribute("data-node", "fetch_order")
    expect(page.get_by_text("Variables it set")).to_be_visible()


@pytest.mark.browser
def test_keyboard_only(visits: Visits, service: RunningService, new_id: Callable[[str], str]) -> None:
    """Everything of the walk goes by keyboard alone."""
    story = told(new_id("keys"))
    service.hear(story)
    page = visits.open("/?environment=sandbox")
    expect(page.get_by_role("link", name=story.conversation)).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type(story.conversation)
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name=story.conversation).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("grid", name="Timestamps")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Anything else").first).to_be_visible()

    page.keyboard.press("/")
    page.keyboard.type("order is not None")
    expect(page.locator(".row.item")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator(".row.item:focus")).to_contain_text("order is not None")
    page.keyboard.press("Enter")
    expect(page.get_by_role("article", name="info: bot.condition")).to_be_visible()
    page.keyboard.press("n")
    expect(page.locator(".flow .node.focus")).to_have_attribute("data-node", "order_found")

    page.keyboard.press("/")
    page.keyboard.press("Escape")
    page.keyboard.press("Home")
    expect(page.locator(".row.item:focus")).to_contain_text("Conversation started")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".row.item:focus")).to_contain_text("Flow definition")
    page.keyboard.press("p")
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
