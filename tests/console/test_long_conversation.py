"""A conversation of 50,000 steps opens where its reader wants to be; the rest comes meanwhile and moves nothing."""

import base64
import json
import re
import time

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.console.conftest import Visits
from tests.console.running_service import RunningService
from tests.console.steps import HeldBack
from tests.console.story import SECOND, Story
from tests.support.processes import until

_UNAVAILABLE = json.dumps({"type": "unavailable", "status": 503, "detail": "The store is busy."})
_NODES, _SENT_AT_ONCE = 16_700, 4_000


@pytest.fixture(scope="module")
def story(service: RunningService) -> Story:
    """Return a conversation that goes on: 167 turns, 16,700 node actions, three steps each."""
    story = Story(conversation=f"huge-{time.time_ns()}", now=time.time_ns() - 3_600 * SECOND)
    for at in range(_NODES):
        if at % 100 == 0:
            story.user_says(f"message {at}")
        story.enter(f"n{at % 140}", "message")
        if at == _NODES - 1_700:
            story.times["middle"] = story.event("bot.log", "in the middle")
        story.event("bot.log", f"line {at}")
        story.leave()
        if at % _SENT_AT_ONCE == 0:
            service.hear(story)
    service.hear(story)
    heard_ns = time.time_ns()
    until(lambda: _stream_begins_ns(service, story) > heard_ns)
    return story


def _stream_begins_ns(service: RunningService, story: Story) -> int:
    """Return from when on a stream tells what came: what came within seconds before a page was read comes again."""
    stream_id = str(service.get(f"/conversations/{story.conversation}/timeline?limit=1")["stream_id"])
    return int(json.loads(base64.urlsafe_b64decode(stream_id + "=="))[1])


def list_of(page: Page) -> Locator:
    """Return the list of timestamps."""
    return page.get_by_role("grid", name="Timestamps")


def reaches(grid: Locator, share: float) -> None:
    """Scroll to *share* of the list: the rows that belong there are drawn, and few others."""
    rows = int(grid.get_attribute("aria-rowcount") or 0)
    grid.evaluate("(grid, share) => { grid.scrollTop = share * grid.scrollHeight; }", share)
    wanted = grid.locator(f'.row[aria-rowindex="{int(rows * share) + 3}"]')
    expect(wanted).to_be_visible()
    expect(wanted).to_be_in_viewport()
    assert grid.locator(".row").count() < 120
    assert int(grid.evaluate("grid => grid.querySelectorAll('*').length")) < 2_000


def top_of(row: Locator) -> float:
    """Return where a row is within the list; a line about the connection above it may come and go."""
    return float(
        row.evaluate(
            "row => Math.round(row.getBoundingClientRect().y - row.closest('[role=grid]').getBoundingClientRect().y)"
        )
    )


@pytest.mark.browser
@pytest.mark.timeout(300)  # all of it is loaded, also where the machine has other work
def test_live_one_opens_at_its_end_and_follows_at_once(visits: Visits, service: RunningService, story: Story) -> None:
    """The end is there and followed before the rest has come; then any place is reached, in few rows."""
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

    expect(list_of(page)).to_have_attribute("aria-rowcount", re.compile(r"50\d{3}"), timeout=90_000)
    expect(page.get_by_text("steps so far")).to_have_count(0)
    expect(page.locator(".row.item:focus")).to_contain_text("message 0")
    for share in (0.25, 0.5, 0.9):
        reaches(list_of(page), share)
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

    expect(list_of(page)).to_have_attribute("aria-rowcount", re.compile(r"[89]\d{3}|\d{5}"), timeout=60_000)
    assert top_of(chosen) == before


@pytest.mark.browser
def test_a_page_that_cannot_be_had_now_is_asked_for_again(
    visits: Visits, service: RunningService, story: Story
) -> None:
    """A service that fails for a moment is said and leaves no hole: the rest goes on where it stopped."""
    visits.tolerate("status of 503")
    page = visits.open("/compare.html")
    answers = [_UNAVAILABLE, None, _UNAVAILABLE, _UNAVAILABLE]
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        refusal = answers[len(asked) - 1] if len(asked) <= len(answers) else None
        if refusal is None:
            route.continue_()
        else:
            route.fulfill(status=503, content_type="application/problem+json", body=refusal)

    page.route(re.compile(r"/timeline\?(after|before)=.*limit=1000"), answer)
    page.goto(f"{service.url}/conversation.html?id={story.conversation}&at={story.times['middle']}")
    expect(page.get_by_text("The store is busy. Trying again in")).to_be_visible()

    expect(list_of(page)).to_have_attribute("aria-rowcount", re.compile(r"[89]\d{3}|\d{5}"), timeout=60_000)

    assert asked[0] == asked[1]
    assert asked[1] != asked[2] == asked[3] == asked[4] != asked[5]
    expect(page.get_by_text("Trying again")).to_be_hidden()


@pytest.mark.browser
def test_long_ones_are_compared_in_stretches(visits: Visits, story: Story) -> None:
    """Side by side the first steps are compared; what has not been read is said and not called a difference."""
    page = visits.open(f"/compare.html?a={story.conversation}&b={story.conversation}")
    expect(page.get_by_text("Both took the same path so far.")).to_be_visible()
    expect(page.get_by_role("note")).to_contain_text("the first 5,000 steps are compared, up to")
    expect(page.get_by_role("note")).to_contain_text("of 16,700 nodes")
    expect(page.locator(".rest")).to_contain_text("500 of 1,")
    expect(page.locator("tr.differs")).to_have_count(0)

    page.get_by_role("button", name="Read 5,000 more steps").click()

    expect(page.get_by_role("note")).to_contain_text("the first 10,000 steps are compared")
    expect(page.locator("tbody tr")).to_have_count(500)
