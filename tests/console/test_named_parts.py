"""What a reader of the walk looks for next: who, what and which version; how often, how hot, where it is authored."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.console.conftest import Visits
from tests.console.running_service import RunningService
from tests.console.scenarios import FLOW
from tests.console.steps import row, told
from tests.console.story import SECOND, Story

_DAY = 86_400 * SECOND


@pytest.mark.browser
def test_found_by_user_by_words_and_by_tag(
    visits: Visits, service: RunningService, new_id: Callable[[str], str]
) -> None:
    """The search takes a user's id and words of the logs; a tag is a kind of event; all of it stays in the address."""
    bot, word = new_id("bot"), new_id("pomelo")
    plain = Story(conversation=new_id("plain"), now=time.time_ns(), bot=bot, user=new_id("user"))
    plain.user_says("hello")
    odd = Story(conversation=new_id("odd"), now=time.time_ns(), bot=bot, user=new_id("user"))
    odd.user_says(f"a {word} please")
    odd.event("bot.fallback", attributes={"bot.fallback.reason": "low confidence"})
    service.hear(plain)
    service.hear(odd)
    page = visits.open(f"/?bot={bot}")
    table = page.get_by_role("region", name="Conversations")
    expect(table.get_by_role("link")).to_have_count(2)

    for name, value, found in (
        ("Search", plain.user, plain.conversation),
        ("Search", word.upper(), odd.conversation),
        ("Search", odd.conversation, odd.conversation),
        ("Tag", "bot.fallback", odd.conversation),
    ):
        page.get_by_label(name, exact=True).fill(value)
        expect(table.get_by_role("link")).to_have_text([found])
        page.reload()
        expect(page.get_by_label(name, exact=True)).to_have_value(value)
        expect(table.get_by_role("link")).to_have_text([found])
        page.get_by_label(name, exact=True).fill("")
        expect(table.get_by_role("link")).to_have_count(2)


@pytest.mark.browser
def test_node_in_the_version_that_ran(visits: Visits, service: RunningService, new_id: Callable[[str], str]) -> None:
    """The flow is that which ran, a banner leads to the newer one; the node leads to the builder and all its runs."""
    flow = new_id("flow")
    story = Story(conversation=new_id("old"), now=time.time_ns() - 60 * SECOND, flow=flow, version="aaaa1111")
    story.declares({**FLOW, "id": flow})
    story.user_says("go")
    for _ in range(3):
        story.enter("ask_again", "prompt", "Ask again")
        story.leave(to="check_order_id", because="not a number")
        story.enter("check_order_id", "condition", "Check the number")
        story.leave(to="ask_again")
    service.hear(story)
    newer = Story(conversation=new_id("new"), now=time.time_ns(), flow=flow, version="bbbb2222")
    newer.declares({**FLOW, "id": flow, "name": "Order status, shorter"})
    service.hear(newer)
    page = visits.open(f"/conversation.html?id={story.conversation}")

    found = row(page, "Entered Ask again")
    found.hover()
    found.get_by_role("button", name="Go to node").click()
    panel = page.get_by_role("tabpanel")
    expect(panel.get_by_role("note")).to_contain_text("version that ran (aaaa1111). A newer one exists: bbbb2222")
    expect(panel.get_by_role("link", name="Open in the builder")).to_have_attribute(
        "href", f"https://builder.example/{flow}#ask_again"
    )
    expect(panel.get_by_role("heading", name="Ran 3 times")).to_be_visible()
    expect(panel.locator(".unused")).to_contain_text("Hand over")
    runs = panel.locator(".runs button")
    runs.nth(2).click()
    expect(runs.nth(2)).to_have_attribute("aria-current", "true")
    expect(page.locator(".row.chosen")).to_contain_text("Entered Ask again")

    panel.get_by_role("note").get_by_role("link").click()
    expect(page.get_by_role("heading", name="Flow Order status, shorter")).to_be_visible()
    expect(page.get_by_label("Version")).to_have_value("bbbb2222")


@pytest.mark.browser
def test_heat_is_of_the_time_chosen(visits: Visits, service: RunningService, new_id: Callable[[str], str]) -> None:
    """Visits, errors and drop-off are those of the time that is chosen, and the address says which."""
    flow = new_id("heat")
    for ago, times in ((3 * _DAY, 4), (0, 1)):
        story = Story(conversation=new_id("heat"), now=time.time_ns() - ago - 60 * SECOND, flow=flow)
        if not ago:
            story.declares({**FLOW, "id": flow})
        for _ in range(times):
            story.enter("fetch_order", "api", "Fetch the order")
            story.leave("error")
        service.hear(story)
    page = visits.open(f"/flow.html?id={flow}&heat=errors")
    fetched = page.get_by_role("region", name="Nodes").get_by_role("row").filter(has_text="Fetch the order")

    expect(fetched.locator("td.number").first).to_have_text("1")
    page.get_by_label("Time").select_option("7d")

    expect(fetched.locator("td.number").first).to_have_text("5")
    expect(page).to_have_url(re.compile("since=7d"))


@pytest.mark.browser
def test_lost_is_said(visits: Visits, service: RunningService, new_id: Callable[[str], str]) -> None:
    """A node that began and was never heard of again is called lost, not running; a finished one is not."""
    story = Story(conversation=new_id("lost"), now=time.time_ns() - 400 * SECOND)
    story.user_says("hello")
    story.enter("think", "llm", "Think")
    service.hear(story)
    whole = told(new_id("whole"))
    service.hear(whole)

    expect(visits.open(f"/conversation.html?id={story.conversation}").locator(".doing")).to_contain_text("lost: Think")
    expect(visits.open(f"/conversation.html?id={whole.conversation}").locator(".doing")).not_to_contain_text("lost")
