"""axe-core finds nothing in any view, light or dark, wide or narrow (login and first steps: in their own modules)."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.console.axe import violations
from tests.console.conftest import Visits
from tests.console.running_service import RunningService
from tests.console.scenarios import farewell
from tests.console.steps import row, told, until_decided
from tests.console.story import Story


@pytest.fixture(scope="module")
def stories(service: RunningService) -> dict[str, Story]:
    """Return a conversation in each state, by what it is to its reader."""
    stories = {
        "live": told("axe-live"),
        "released": farewell(told("axe-released", "canary")),
        "held": farewell(told("axe-held", "production")),
        "guest": farewell(told("axe-guest", None)),
        "ongoing": told("axe-ongoing", "production"),
        "dropped": farewell(told("axe-dropped", "canary", bot="noise")),
    }
    for story in stories.values():
        service.hear(story)
    until_decided(service, {"axe-released": "released", "axe-dropped": "dropped"})
    return stories


@pytest.mark.browser
@pytest.mark.parametrize("view", ["logs", "node", "variables", "receipt"])
def test_conversation(visits: Visits, stories: dict[str, Story], view: str) -> None:
    """A conversation with each of its details open, and the actions of a timestamp shown."""
    at = stories["live"].times["bot.condition"]

    page = visits.open(f"/conversation.html?id=axe-live&at={at}&view={view}")

    expect(page.get_by_role("tabpanel").locator(".log, .flow .node.focus, .variables, .facts").first).to_be_visible()
    row(page, "Anything else").hover()
    assert violations(page) == []


@pytest.mark.browser
@pytest.mark.usefixtures("stories")
@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/?environment=canary", "axe-released"),
        ("/?bot=nobody-at-all", "No conversation fits"),
        ("/conversation.html?id=axe-released&view=receipt", "Have a good day!"),
        ("/conversation.html?id=axe-held", "Held until its release"),
        ("/conversation.html?id=axe-guest", "It came without an environment"),
        ("/conversation.html?id=axe-ongoing", "still going on"),
        ("/conversation.html?id=axe-dropped", "Sampled out"),
        ("/conversation.html?id=nobody-at-all", "No such conversation"),
        ("/preview.html?id=axe-live", "where is my order?"),
        ("/preview.html?id=axe-live&console=1", "Choose a timestamp"),
        ("/flow.html?id=order_status", "Order status"),
        ("/flow.html?id=order_status&heat=drop_off&node=fetch_order", "Order status"),
        ("/compare.html", "Name two conversations"),
        ("/compare.html?a=axe-live&b=axe-released", "they part at step"),
    ],
)
def test_page(visits: Visits, path: str, text: str) -> None:
    """Lists, receipts of every kind, preview, flow with heat, two side by side."""
    visits.tolerate("404")

    page = visits.open(path)

    expect(page.get_by_text(text).first).to_be_visible()
    assert violations(page) == []


def _granted(page: Page) -> None:
    form = page.get_by_role("form", name="New grant")
    form.get_by_label("Bot").fill("axe")
    form.get_by_label("Reason").fill("to be read out")
    form.get_by_role("button", name="Grant").click()
    expect(page.get_by_role("row").filter(has_text="to be read out").first).to_be_visible()
    page.get_by_role("button", name="Revoke the grant").first.click()  # asks once more


def _not_restored(page: Page) -> None:
    form = page.get_by_role("form", name="Restore")
    form.get_by_label("Conversation").fill("nobody-at-all")
    form.get_by_role("button").click()
    expect(page.get_by_role("status")).to_contain_text("there is no receipt")


def _tried(page: Page) -> None:
    page.get_by_role("button", name="What if?").click()
    expect(page.get_by_role("region", name="Effect").get_by_role("table").first).to_be_visible()


@pytest.mark.browser
@pytest.mark.usefixtures("stories")
@pytest.mark.parametrize(
    ("path", "act"), [("/grants.html", _granted), ("/grants.html", _not_restored), ("/what-if.html", _tried)]
)
def test_page_that_has_done_something(visits: Visits, path: str, act: Callable[[Page], None]) -> None:
    """Grants in force and one about to be revoked, a restore that was refused, the effect of other policies."""
    visits.tolerate("404")
    page = visits.open(path)

    act(page)

    assert violations(page) == []
