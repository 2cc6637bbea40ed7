"""Lists that are longer than what is drawn at once say so, and give the rest; nothing is cut in silence."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.console.conftest import Visits
from tests.console.running_service import RunningService
from tests.console.steps import row
from tests.console.story import SECOND, Story

_RUNS, _CHANGES, _CONDITIONS, _AT_ONCE, _MESSAGES = 230, 60, 7, 130, 430


def long_story(conversation: str) -> Story:
    """Tell of a node that runs often, sets much, logs much at one instant, in a talk of many words."""
    story = Story(conversation=conversation, now=time.time_ns() - 600 * SECOND)
    for at in range(_MESSAGES):
        story.user_says(f"word {at}")
    for at in range(_RUNS):
        story.enter("loop", "action", "Loop")
        if at == _RUNS - 1:
            _last_run(story)
        story.leave()
    return story


def _last_run(story: Story) -> None:
    for at in range(_CHANGES):
        story.sets(f"counter.{at}", at)
    for at in range(_CONDITIONS):
        story.event("bot.condition", attributes={"bot.condition.expression": f"x > {at}", "bot.condition.taken": "yes"})
    instant = story.now
    for at in range(_AT_ONCE):
        story.now = instant
        story.event("bot.log", f"line {at}")


@pytest.fixture
def page(visits: Visits, service: RunningService, new_id: Callable[[str], str]) -> Page:
    """Return the page of such a conversation."""
    story = long_story(new_id("long"))
    service.hear(story)
    page = visits.open(f"/conversation.html?id={story.conversation}")
    expect(page.get_by_text("steps so far")).to_have_count(0)
    return page


def grows(panel: Locator, drawn: str, *, first: int, whole: int, said: str) -> None:
    """Expect *first* of *whole* elements *drawn*, saying so, and all of them once asked."""
    expect(panel.locator(drawn)).to_have_count(first)
    rest = panel.locator(".rest").filter(has_text=said)
    expect(rest).to_contain_text(f"{first} of {whole} {said}")
    rest.get_by_role("button", name=f"Show {min(first, whole - first)} more").click()
    expect(panel.locator(drawn)).to_have_count(whole)


@pytest.mark.browser
def test_nothing_is_cut_in_silence(page: Page) -> None:
    """Runs, changes, conditions, logs of one instant and messages: "200 of 230", and all of them on request."""
    said = page.get_by_role("region", name="Transcript").locator(".said")
    expect(said).to_have_count(400)
    page.get_by_role("button", name="Show earlier messages (400 of 430 are shown)").click()
    expect(said).to_have_count(_MESSAGES)

    panel = page.get_by_role("tabpanel")
    row(page, "line 0").click()
    expect(panel.get_by_text("the first 100 log events")).to_be_visible()
    expect(panel.get_by_role("article")).to_have_count(100)
    panel.get_by_role("button", name="Show more log events of this timestamp").click()
    expect(panel.get_by_role("article")).to_have_count(_AT_ONCE)

    page.get_by_role("tab", name="Node").click()
    expect(panel.get_by_role("heading", name=f"Ran {_RUNS} times")).to_be_visible()
    grows(panel, ".runs li", first=200, whole=_RUNS, said="runs")
    grows(panel, ".changes li", first=50, whole=_CHANGES, said="changes")
    grows(panel, ".reason", first=5, whole=_CONDITIONS, said="conditions")
