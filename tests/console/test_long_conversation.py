"""A conversation of 20,000 steps opens where its reader wants to be; the rest comes meanwhile and moves nothing."""

import re
import time

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.console.conftest import Visits
from tests.console.running_service import RunningService
from tests.console.steps import HeldBack
from tests.console.story import SECOND, Story

_NODES = 6_800


@pytest.fixture(scope="module")
def story(service: RunningService) -> Story:
    """Return a conversation that goes on: 68 turns, 6,800 node actions."""
    story = Story(conversation=f"huge-{time.time_ns()}", now=time.time_ns() - 3_600 * SECOND)
    for at in range(_NODES):
        if at % 100 == 0:
            story.user_says(f"message {at}")
        story.enter(f"n{at % 140}", "message")
        if at == _NODES // 2:
            story.times["middle"] = story.event("bot.log", "in the middle")
        story.event("bot.log", f"line {at}")
        story.leave()
    service.hear(story)
    return story


def everything_is_there(page: Page) -> Locator:
    """Wait until all is loaded; return the list."""
    grid = page.get_by_role("grid", name="Timestamps")
    expect(grid).to_have_attribute("aria-rowcount", re.compile(r"20\d{3}"), timeout=90_000)
    expect(page.get_by_text("steps so far")).to_have_count(0)
    return grid


def top_of(row: Locator) -> float:
    """Return where a row is within the list; a line about the connection above it may come and go."""
    box, around = row.bounding_box(), row.page.get_by_role("grid", name="Timestamps").bounding_box()
    assert box is not None
    assert around is not None
    return round(box["y"] - around["y"])


@pytest.mark.browser
def test_live_one_opens_at_its_end_and_follows_at_once(visits: Visits, service: RunningService, story: Story) -> None:
    """The end is there and followed before the rest has come; then Home reaches the very first step, in few rows."""
    page = visits.open("/compare.html")
    rest = r"/timeline\?before=(?!end)"
    held = HeldBack(page, rest)
    page.goto(f"{service.url}/conversation.html?id={story.conversation}")
    last = f"Left n{(_NODES - 1) % 140}"
    expect(page.locator(".row.item").last).to_contain_text(last)
    expect(page.get_by_text("following")).to_be_visible()
    expect(page.get_by_text("steps so far")).to_be_visible()

    story.now = time.time_ns()
    story.user_says("said while it loads")
    service.hear(story)
    expect(page.locator(".row.item").last).to_contain_text("said while it loads")
    page.keyboard.press("Home")
    page.keyboard.press("Home")
    held.let_go()

    everything_is_there(page)
    expect(page.locator(".row.item:focus")).to_contain_text("message 0")
    assert page.locator(".row").count() < 120
    page.keyboard.press("End")
    expect(page.locator(".row.item:focus")).to_contain_text("said while it loads")


@pytest.mark.browser
def test_permalink_into_the_middle_opens_there(visits: Visits, service: RunningService, story: Story) -> None:
    """A link to a timestamp shows it and its logs at once; what comes before and after does not move it."""
    page = visits.open("/compare.html")
    rest = r"/timeline\?(after|before=(?!end).*limit=1000)"
    held = HeldBack(page, rest)
    page.goto(f"{service.url}/conversation.html?id={story.conversation}&at={story.times['middle']}")
    chosen = page.locator(".row.chosen")
    expect(chosen).to_contain_text("in the middle")
    expect(page.get_by_role("article")).to_contain_text("in the middle")
    expect(page.get_by_text("steps so far")).to_be_visible()
    before = top_of(chosen)

    held.let_go()

    everything_is_there(page)
    assert top_of(chosen) == before
