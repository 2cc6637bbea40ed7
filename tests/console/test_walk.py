"""The walk of the reference: bug icon, Console, timestamps; at each its logs and its node; in every environment."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.console.conftest import Visits
from tests.console.running_service import RunningService
from tests.console.scenarios import farewell
from tests.console.steps import row, say, tab_to, told, until_decided
from tests.console.story import Story

LOOKS = [("light", 1280), ("dark", 1280), ("light", 800), ("dark", 800)]
PREVIEWS = [*(("sandbox", *look) for look in LOOKS), ("staging", "light", 1280), ("staging", "dark", 800)]


@pytest.fixture(scope="module")
def previewed(service: RunningService) -> dict[str, Story]:
    """Return a conversation that goes on, by environment."""
    stories = {environment: told(f"walk-{environment}", environment) for environment in ("sandbox", "staging")}
    for story in stories.values():
        service.hear(story)
    return stories


@pytest.fixture(scope="module")
def released(service: RunningService) -> Story:
    """Return a conversation of an environment with a delay, which has passed."""
    story = farewell(told("walk-released", "canary"))
    service.hear(story)
    until_decided(service, {story.conversation: "released"})
    return story


@pytest.mark.browser
@pytest.mark.parametrize(("environment", "scheme", "width"), PREVIEWS)
def test_preview_walk(
    visits: Visits, service: RunningService, previewed: dict[str, Story], environment: str, scheme: str, width: int
) -> None:
    """From the bug icon to a timestamp, from there to its logs and its node; what is said now is there at once."""
    story = previewed[environment]
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

    say(service, story, f"hello from {scheme} at {width}")
    expect(page.get_by_role("region", name="Transcript")).to_contain_text(f"hello from {scheme} at {width}")
    expect(row(page, f"hello from {scheme} at {width}")).to_be_visible()


@pytest.mark.browser
def test_refresh_reloads(visits: Visits, service: RunningService, new_id: Callable[[str], str]) -> None:
    """Refresh loads again and keeps what is chosen and the reader's place."""
    story = told(new_id("refresh"))
    service.hear(story)
    page = visits.open(f"/conversation.html?id={story.conversation}")
    row(page, "Understood").click()
    expect(page.get_by_role("article", name="info: bot.nlu")).to_be_visible()
    page.get_by_role("grid").evaluate("grid => { grid.scrollTop = 250; }")

    with page.expect_response(re.compile(r"/timeline\?")):
        page.get_by_role("button", name="Refresh").click()

    expect(page.get_by_role("article", name="info: bot.nlu")).to_be_visible()
    expect(page.locator(".row.chosen")).to_contain_text("Understood")
    expect(page.get_by_role("grid")).to_have_js_property("scrollTop", 250)


@pytest.mark.browser
@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_production_walk(visits: Visits, released: Story, scheme: str, width: int) -> None:
    """A released conversation is found in the list and shows transcript, timestamps, logs and node."""
    page = visits.open("/?environment=canary", scheme=scheme, width=width)
    listed = page.get_by_role("row").filter(has_text=released.conversation)
    expect(listed.locator(".chip.released")).to_be_visible()
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
def test_transcript_goes_along(visits: Visits, released: Story) -> None:
    """The transcript begins where the list does, and shows what had been said by the timestamp that is chosen."""
    page = visits.open(f"/conversation.html?id={released.conversation}", width=800)
    transcript = page.get_by_role("region", name="Transcript")
    expect(transcript.get_by_text("where is my order?")).to_be_in_viewport()
    expect(page.locator(".row.item").first).to_contain_text("Conversation started")

    row(page, "→ 503").click()

    expect(transcript.get_by_text("it is 482193, sorry")).to_be_in_viewport()
    expect(transcript.get_by_text("where is my order?")).not_to_be_in_viewport()


def reads_by_keyboard(page: Page) -> None:
    """Find a timestamp, read its logs, go to its node, and from the node back to when it ran: without a mouse."""
    page.keyboard.press("/")
    page.keyboard.type("order is not None")
    expect(page.locator(".row.item")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator(".row.item:focus")).to_contain_text("order is not None")
    expect(page.locator(".row.item:focus .actions")).to_have_css("opacity", "1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("article", name="info: bot.condition")).to_be_visible()
    page.keyboard.press("n")
    expect(page.locator(".flow .node.focus")).to_have_attribute("data-node", "order_found")
    run = page.locator(".runs button")
    tab_to(page, run)
    page.keyboard.press("Enter")
    expect(page.locator(".row.chosen")).to_contain_text("Entered Found?")

    page.keyboard.press("/")
    page.keyboard.press("Escape")
    page.keyboard.press("Home")
    expect(page.locator(".row.item:focus")).to_contain_text("Conversation started")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".row.item:focus")).to_contain_text("Flow definition")


@pytest.mark.browser
@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_preview_by_keyboard(
    visits: Visits, service: RunningService, previewed: dict[str, Story], scheme: str, width: int
) -> None:
    """The bug icon, the console and its walk, holding still and going on: by keyboard alone."""
    story = previewed["sandbox"]
    page = visits.open(f"/preview.html?id={story.conversation}", scheme=scheme, width=width)
    expect(page.get_by_text("where is my order?")).to_be_visible()
    tab_to(page, page.get_by_role("button", name="Console"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("following")).to_be_visible()
    tab_to(page, page.get_by_role("button", name="Refresh"))

    reads_by_keyboard(page)

    page.keyboard.press("p")
    say(service, story, f"typed in {scheme} at {width}")
    expect(page.get_by_role("button", name="Resume (1 new)")).to_be_visible()
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.keyboard.press("End")
    expect(page.locator(".row.item:focus")).to_contain_text(f"typed in {scheme} at {width}")


@pytest.mark.browser
@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_production_by_keyboard(visits: Visits, released: Story, scheme: str, width: int) -> None:
    """From the list of conversations to a node and back: by keyboard alone."""
    page = visits.open("/?environment=canary", scheme=scheme, width=width)
    link = page.get_by_role("link", name=released.conversation)
    expect(link).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type(released.conversation)
    expect(page.locator("tbody tr")).to_have_count(1)
    tab_to(page, link)
    page.keyboard.press("Enter")
    expect(page.locator(".row.item").first).to_be_visible()

    reads_by_keyboard(page)


@pytest.mark.browser
def test_focus_goes_through_the_page_as_it_reads(visits: Visits, previewed: dict[str, Story]) -> None:
    """Tab goes from the skip link through header, toolbar, transcript and timestamps to the details, one stop each."""
    page = visits.open(f"/conversation.html?id={previewed['sandbox'].conversation}&view=logs")
    expect(page.locator(".row.item").first).to_be_visible()

    names = tab_to(page, page.get_by_role("tab", name="Logs"))

    stops = [name for name in names if not re.match(r"(User|Bot) \d\d:", name)]  # what was said: a button each
    assert stops[0] == "Skip to the content"
    assert stops[1:7] == ["Bot logs", "Conversations", "Compare", "Grants", "What if", "Switch between light and dark"]
    assert stops[7:13] == ["Refresh", "Pause", "Search steps and logs", "Problems only", "Copy link", "Export"]
    assert [stops[13], stops[-1]] == ["Transcript", "Logs"]
    assert len(stops) == 16
