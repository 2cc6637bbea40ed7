"""Every filter of the conversation list: each finds the one conversation it is for, and is kept in the address."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.console.conftest import Visits
from tests.console.running_service import RunningService
from tests.console.steps import until_decided
from tests.console.story import SECOND, Story

_HOUR_NS = 3_600 * SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two conversations that differ in everything but the start of their ids."""

    family: str
    wanted: Story
    other: Story


@pytest.fixture(scope="module")
def pair(service: RunningService) -> Pair:
    """Return them, told: the wanted one just now, failing, with a fallback; the other three days ago."""
    now, family = time.time_ns(), f"filter{time.time_ns():x}"
    wanted = Story(
        conversation=f"{family}-wanted", now=now - 10 * SECOND, environment="canary", bot=f"{family}-kettle",
        channel=f"{family}-whatsapp", user=f"{family}-ada", flow=f"{family}-orders",
    )  # fmt: skip
    wanted.user_says("where is my order?")
    wanted.enter(f"{family}-fetch", "api")
    wanted.event("bot.fallback")
    wanted.event("bot.log", f"the {family}needle in the haystack", "ERROR")
    wanted.leave("error")
    wanted.event("bot.conversation.end", attributes={"bot.conversation.end.reason": "signal"})
    other = Story(conversation=f"{family}-other", now=now - 72 * _HOUR_NS)
    other.user_says("hello")
    other.enter("greet", "message")
    other.leave()
    service.hear(other)
    service.hear(wanted)
    until_decided(service, {wanted.conversation: "released"})
    return Pair(family=family, wanted=wanted, other=other)


@pytest.fixture
def page(visits: Visits, pair: Pair) -> Iterator[Page]:
    """Return the list, in which both are, found by what their ids have in common."""
    page = visits.open(f"/?q={pair.family}")
    expect(listed(page, pair.wanted)).to_be_visible()
    expect(listed(page, pair.other)).to_be_visible()
    yield page
    expect(listed(page, pair.wanted)).to_be_visible()
    expect(listed(page, pair.other)).to_have_count(0)
    page.reload()
    expect(listed(page, pair.wanted)).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(1)


_COLUMNS = [
    "Started", "Conversation", "User", "Bot", "Environment", "Channel", "Turns", "Errors", "State",
]  # fmt: skip


@pytest.mark.browser
def test_columns(visits: Visits, pair: Pair) -> None:
    """A conversation is listed with when it started, who spoke with which bot where, how much, and its state."""
    page = visits.open(f"/?q={pair.wanted.conversation}")
    expect(page.get_by_role("columnheader")).to_have_text(_COLUMNS)

    shown = ["", re.compile(r"\d\d:\d\d:\d\d"), pair.wanted.conversation, pair.wanted.user, pair.wanted.bot]
    expect(page.locator("tbody tr td")).to_have_text(
        [*shown, "canary", pair.wanted.channel, "1", re.compile("[1-9]"), "released"]
    )


def listed(page: Page, story: Story) -> Locator:
    """Return the row of a conversation."""
    return page.get_by_role("link", name=story.conversation)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("label", "value"),
    [
        ("Environment", "canary"),
        ("Bot", "{family}-kettle"),
        ("Channel", "{family}-whatsapp"),
        ("User", "{family}-ada"),
        ("Flow", "{family}-orders"),
        ("Node", "{family}-fetch"),
        ("Tag", "bot.fallback"),
        ("Search", "{family}needle"),
        ("Search", "{family}-ada"),
        ("Search", "{family}-wanted"),
    ],
    ids=["environment", "bot", "channel", "user", "flow", "node", "tag", "text", "user_id", "conversation_id"],
)
def test_what_is_typed(page: Page, pair: Pair, label: str, value: str) -> None:
    """What is typed into a filter leaves the one conversation that has it, also when the page is loaded again."""
    page.get_by_label(label, exact=True).fill(value.format(family=pair.family))


@pytest.mark.browser
@pytest.mark.parametrize(
    ("label", "option", "in_the_address"),
    [("State", "released", "state=released"), ("Time", "last 24 hours", "since=24h")],
    ids=["state", "time"],
)
def test_what_is_chosen(page: Page, label: str, option: str, in_the_address: str) -> None:
    """What is chosen leaves the one conversation that has it, also when the page is loaded again."""
    page.get_by_role("combobox", name=label).select_option(label=option)

    expect(page).to_have_url(re.compile(in_the_address))


@pytest.mark.browser
def test_with_errors(page: Page) -> None:
    """Only what failed is left."""
    page.get_by_label("With errors").check()

    expect(page).to_have_url(re.compile("has_error=true"))


@pytest.mark.browser
def test_between_two_instants(page: Page, pair: Pair) -> None:
    """A span of time is taken from a calendar, in the reader's time zone."""
    page.get_by_role("combobox", name="Time").select_option(label="between …")
    began = pair.wanted.now // SECOND
    for label, at in (("From", began - 60), ("To", began + 60)):
        page.get_by_label(label, exact=True).fill(datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S"))
    page.get_by_label("To", exact=True).blur()

    expect(page).to_have_url(re.compile("since=custom&from=.*&to="))


@pytest.mark.browser
def test_all_together_and_cleared(page: Page, pair: Pair, visits: Visits) -> None:
    """Filters add up, and one button takes them all away."""
    page.get_by_label("Environment", exact=True).fill("canary")
    page.get_by_label("Channel", exact=True).fill(pair.wanted.channel)
    page.get_by_role("combobox", name="State").select_option(label="released")
    page.get_by_label("With errors").check()
    expect(listed(page, pair.other)).to_have_count(0)

    again = visits.open(page.url)
    expect(again.locator("tbody tr")).to_have_count(1)
    again.get_by_role("button", name="Clear").click()

    expect(again).to_have_url(re.compile(r"/(index\.html)?$"))
    expect(again.get_by_label("Channel", exact=True)).to_have_value("")
