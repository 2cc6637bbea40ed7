"""Following a conversation while it goes on: at once, held still on request, across a restart of the service."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.console.conftest import Visits
from tests.console.running_service import RunningService
from tests.console.steps import say, told
from tests.console.story import Story


def said(page: Page) -> list[str]:
    """Return the messages of the transcript."""
    return page.locator(".transcript .said").all_inner_texts()


@pytest.mark.browser
def test_new_step_appears(visits: Visits, service: RunningService, new_id: Callable[[str], str]) -> None:
    """What the bot does now is on the screen without a reload, and the list follows to its end."""
    story = told(new_id("live"))
    service.hear(story)
    page = visits.open(f"/conversation.html?id={story.conversation}")
    expect(page.get_by_text("following")).to_be_visible()

    say(service, story, "and one more thing")

    expect(page.locator(".row.item").filter(has_text="and one more thing")).to_be_visible()
    expect(page.get_by_role("region", name="Transcript")).to_contain_text("and one more thing")


@pytest.mark.browser
def test_pause_holds_still(visits: Visits, service: RunningService, new_id: Callable[[str], str]) -> None:
    """Paused, nothing moves but the count of what waits; resumed, it is all there."""
    story = told(new_id("pause"))
    service.hear(story)
    page = visits.open(f"/conversation.html?id={story.conversation}")
    expect(page.get_by_text("following")).to_be_visible()
    page.get_by_role("button", name="Pause").click()

    say(service, story, "while you hold still")

    expect(page.get_by_role("button", name="Resume (1 new)")).to_be_visible()
    assert "while you hold still" not in said(page)
    page.get_by_role("button", name="Resume (1 new)").click()
    expect(page.get_by_role("region", name="Transcript")).to_contain_text("while you hold still")


@pytest.mark.browser
def test_service_goes_away_and_comes_back(
    visits: Visits, service: RunningService, new_id: Callable[[str], str]
) -> None:
    """The page says that the service is away, comes back by itself, and shows every step once."""
    visits.tolerate("Failed to load resource", "ERR_")
    story = told(new_id("away"))
    service.hear(story)
    page = visits.open(f"/conversation.html?id={story.conversation}")
    expect(page.get_by_text("following")).to_be_visible()
    before = said(page)

    service.stop()
    expect(page.get_by_text("Trying again")).to_be_visible()
    service.start()
    say(service, story, "are you back?")
    say(service, story, "good")

    expect(page.get_by_text("following")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("region", name="Transcript")).to_contain_text("good", timeout=30_000)
    assert said(page) == [*before, "are you back?", "good"]


@pytest.mark.browser
def test_running_node_is_told_until_it_is_left(
    visits: Visits, service: RunningService, new_id: Callable[[str], str]
) -> None:
    """A node at work shows as running; when it waits for the user, so does the conversation."""
    story = Story(conversation=new_id("running"), now=time.time_ns())
    story.user_says("hello")
    story.enter("think", "llm", "Think")
    service.hear(story)
    page = visits.open(f"/conversation.html?id={story.conversation}")
    expect(page.locator(".doing")).to_have_text("running: Think")

    story.now = time.time_ns()
    story.bot_says("What do you want?")
    story.event("bot.node.wait")
    story.leave("waiting")
    service.hear(story)

    expect(page.locator(".doing")).to_contain_text("waiting for the user since")
