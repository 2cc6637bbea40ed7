"""A slow answer to an old question never replaces that to a new one."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.console.conftest import Visits
from tests.console.running_service import RunningService
from tests.console.steps import HeldBack, told
from tests.console.story import SECOND, Story

_OVERTAKEN = """async () => {
    const { Newest } = await import('/pages/newest.js');
    const newest = new Newest(), said = [];
    const { promise, resolve } = Promise.withResolvers();
    const slow = newest.ask((signal) => { said.push(() => signal.aborted); return promise; });
    const failing = newest.ask((signal) => new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
    }));
    const last = await newest.ask(async () => 'newest');
    resolve('old');
    return [await slow ?? null, said[0](), await failing ?? null, last, newest.isAsking];
}"""


@pytest.mark.browser
def test_only_the_newest_question_counts(visits: Visits) -> None:
    """What was overtaken ends with nothing, neither an answer nor an error, and is aborted."""
    page = visits.open("/compare.html")

    assert page.evaluate(_OVERTAKEN) == [None, True, None, "newest", False]


@pytest.mark.browser
def test_list_shows_what_was_asked_last(visits: Visits, service: RunningService, new_id: Callable[[str], str]) -> None:
    """A filter changed while the service is slow: the list is that of the filter that stands there."""
    one, other = told(new_id("one"), bot=new_id("slow")), told(new_id("other"), bot=new_id("quick"))
    service.hear(one)
    service.hear(other)
    page = visits.open("/?environment=sandbox")
    table = page.get_by_role("region", name="Conversations")
    expect(table.get_by_role("link", name=one.conversation)).to_be_visible()
    held = HeldBack(page, rf"/conversations\?.*bot={one.bot}", most=1)

    with page.expect_request(lambda request: f"bot={one.bot}" in request.url):
        page.get_by_label("Bot", exact=True).fill(one.bot)
    page.get_by_label("Bot", exact=True).fill(other.bot)
    expect(table.get_by_role("link")).to_have_text([other.conversation])
    held.let_go()

    expect(table.get_by_role("link")).to_have_text([other.conversation])


@pytest.mark.browser
def test_more_of_a_list_within_a_time(visits: Visits, service: RunningService, new_id: Callable[[str], str]) -> None:
    """The second page goes on from the first though "the last hour" has moved on meanwhile."""
    bot = new_id("many")
    story = Story(conversation="", now=time.time_ns() - 60 * SECOND, bot=bot)
    for _ in range(52):
        story.conversation = new_id("one")
        story.user_says("hello")
    service.hear(story)
    page = visits.open(f"/?bot={bot}&since=24h")
    table = page.get_by_role("region", name="Conversations")
    expect(table.get_by_role("link")).to_have_count(50)

    page.get_by_role("button", name="Show more").click()

    expect(table.get_by_role("link")).to_have_count(52)
    expect(page.get_by_role("button", name="Show more")).to_be_hidden()


@pytest.mark.browser
def test_flow_shows_the_time_asked_last(visits: Visits, service: RunningService, new_id: Callable[[str], str]) -> None:
    """A time chosen while the service is slow: the counts are those of the time that stands there."""
    service.hear(told(new_id("flow")))
    page = visits.open("/flow.html?id=order_status")
    nodes = page.get_by_role("region", name="Nodes")
    expect(nodes.get_by_role("row").nth(1)).to_be_visible()
    shown = nodes.inner_text()
    held = HeldBack(page, r"/flows/", most=1)

    with page.expect_request("**/flows/*"):
        page.get_by_label("Time").select_option("1h")
    with page.expect_response("**/flows/*"):
        page.get_by_label("Time").select_option("")
    held.let_go()

    expect(nodes).to_have_text(shown, use_inner_text=True)
