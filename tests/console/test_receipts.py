"""What may not be read yet: a receipt, a countdown, never a word of content."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.console.conftest import Visits
from tests.console.running_service import RunningService
from tests.console.scenarios import farewell
from tests.console.steps import told
from tests.console.story import Story

_CONTENT = ("where is my order", "482193", "Fetch the order", "orders service")


def shows_no_content(page: Page) -> bool:
    """Whether the page holds nothing of what was said or done."""
    text = page.locator("body").inner_html() + page.locator("bot-logs-console").evaluate("e => e.shadowRoot.innerHTML")
    return not any(word in text for word in _CONTENT)


@pytest.mark.browser
def test_held_conversation_counts_down(visits: Visits, service: RunningService, new_id: Callable[[str], str]) -> None:
    """Held: when it ended, by which rule, how much is held, when it is readable, counting down; no content."""
    story = farewell(told(new_id("held"), "production"))
    service.hear(story)

    page = visits.open(f"/conversation.html?id={story.conversation}")

    receipt = page.get_by_role("region", name="Receipt")
    sentence = r"ended \d\d:\d\d:\d\d by the bot, 50 lines held, readable at \d\d:\d\d:\d\d"
    expect(receipt).to_contain_text(re.compile(sentence))
    expect(receipt.get_by_role("timer")).to_have_text(re.compile(r"1[34]:\d\d"))
    assert shows_no_content(page)


@pytest.mark.browser
def test_held_conversation_opens_by_itself(
    visits: Visits, service: RunningService, new_id: Callable[[str], str]
) -> None:
    """When its delay has passed, the page that shows the receipt shows the conversation."""
    story = farewell(told(new_id("opens"), "canary"))
    service.hear(story)

    page = visits.open(f"/conversation.html?id={story.conversation}")

    expect(page.get_by_role("region", name="Transcript")).to_contain_text("Have a good day!", timeout=40_000)
    page.get_by_role("tab", name="Receipt").click()
    expect(page.get_by_role("tabpanel")).to_contain_text("keep")


@pytest.mark.browser
def test_ongoing_conversation_says_so(visits: Visits, service: RunningService, new_id: Callable[[str], str]) -> None:
    """Ongoing in production: that it is going on, and nothing of it."""
    story = told(new_id("ongoing"), "production")
    service.hear(story)

    page = visits.open(f"/conversation.html?id={story.conversation}")

    expect(page.get_by_role("heading", name="This conversation is still going on")).to_be_visible()
    assert shows_no_content(page)


@pytest.mark.browser
def test_missing_environment_says_how_to_set_it(
    visits: Visits, service: RunningService, new_id: Callable[[str], str]
) -> None:
    """Held only because it came without an environment: says so, and the line that sets one."""
    story = told(new_id("none"), None)
    service.hear(story)

    page = visits.open(f"/conversation.html?id={story.conversation}")

    expect(page.get_by_text("It came without an environment")).to_be_visible()
    expect(page.get_by_label("How to set the environment")).to_contain_text("deployment.environment.name=sandbox")


@pytest.mark.browser
def test_unknown_conversation(visits: Visits, new_id: Callable[[str], str]) -> None:
    """An id that nobody knows: says that, and what may be the reason."""
    visits.tolerate("404")

    page = visits.open(f"/conversation.html?id={new_id('nobody')}")

    expect(page.get_by_role("heading", name="No such conversation")).to_be_visible()


@pytest.mark.browser
def test_conversation_that_has_yet_to_begin(
    visits: Visits, service: RunningService, new_id: Callable[[str], str]
) -> None:
    """A preview may be open before the first word: it shows the conversation as soon as there is one."""
    visits.tolerate("404")
    story = Story(conversation=new_id("soon"), now=time.time_ns())
    page = visits.open(f"/preview.html?id={story.conversation}&console=1")
    expect(page.get_by_role("heading", name="No such conversation")).to_be_visible()

    story.user_says("here I am")
    service.hear(story)

    expect(page.locator(".row.item").filter(has_text="here I am")).to_be_visible()


@pytest.mark.browser
def test_live_conversation_that_ended(visits: Visits, service: RunningService, new_id: Callable[[str], str]) -> None:
    """An ended conversation of the sandbox says that it ended, and who said so."""
    story = Story(conversation=new_id("ended"), now=time.time_ns())
    story.user_says("bye")
    story.event("bot.conversation.end")
    service.hear(story)

    page = visits.open(f"/conversation.html?id={story.conversation}")

    expect(page.get_by_text(re.compile(r"ended \d\d:\d\d:\d\d by the bot"))).to_be_visible()


@pytest.mark.browser
def test_dropped_conversation_is_restored(
    visits: Visits, service: RunningService, new_id: Callable[[str], str]
) -> None:
    """Sampled out: which policy, every vote, no content; one button brings it back."""
    story = farewell(told(new_id("dropped"), "canary", bot="noise"))
    service.hear(story)
    page = visits.open(f"/conversation.html?id={story.conversation}")

    expect(page.get_by_role("heading", name="Sampled out")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("table", name="Every policy's vote")).to_contain_text("no-noise")
    assert shows_no_content(page)
    page.get_by_role("button", name="Restore this conversation").click()

    expect(page.get_by_role("region", name="Transcript")).to_contain_text("Have a good day!", timeout=60_000)
    expect(page.locator(".chip.restored")).to_be_visible()
