"""Steps that many tests take: tell a whole conversation, find a timestamp."""

import contextlib
import re
import time

from playwright.sync_api import Error, Locator, Page, Route, expect

from tests.console.running_service import RunningService
from tests.console.scenarios import order_status
from tests.console.story import SECOND, Story
from tests.support.processes import until

_TABS = 60
_FOCUSED = """() => {
    let element = document.activeElement;
    while (element.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    return element.getAttribute("aria-label") || element.innerText?.trim().split("\\n")[0]
        || element.closest("label")?.innerText.trim() || element.localName;
}"""
_ROUNDS = 20  # through a list that still grows
_SCROLL = "(grid, to) => { grid.scrollTop = to; grid.dispatchEvent(new Event('scroll')); return grid.scrollHeight; }"


def told(conversation: str, environment: str | None = "sandbox", *, fails: bool = True, bot: str = "support") -> Story:
    """Return a whole conversation that began some hours ago."""
    began = time.time_ns() - 16_000 * SECOND
    return order_status(Story(conversation=conversation, now=began, environment=environment, bot=bot), fails=fails)


def until_decided(service: RunningService, states: dict[str, str]) -> None:
    """Wait until each conversation, by its id, has the state that is due to it."""
    until(lambda: {name: service.get(f"/conversations/{name}")["state"] for name in states} == states)


def say(service: RunningService, story: Story, text: str) -> None:
    """Let the user say something now."""
    story.now = time.time_ns()
    story.user_says(text)
    service.hear(story)


def tab_to(page: Page, wanted: Locator) -> list[str]:
    """Press Tab until *wanted* has the focus; return what had it on the way, as a screen reader names it."""
    names: list[str] = []
    for _ in range(_TABS):
        page.keyboard.press("Tab")
        names.append(str(page.evaluate(_FOCUSED)))
        if wanted.count() == 1 and wanted.evaluate("e => e.matches(':focus')"):
            return names
    raise AssertionError(names)


def row(page: Page, text: str) -> Locator:
    """Scroll to the timestamp whose row says *text*, from the top on, and return it: only rows in sight exist."""
    grid = page.get_by_role("grid", name="Timestamps")
    expect(grid.locator(".row.item").first).to_be_visible()
    found = grid.get_by_role("row").filter(has_text=text).first
    for _ in range(_ROUNDS):
        to, height = 0, 1
        while to < height:
            script = _SCROLL
            height = int(grid.evaluate(script, to))
            if found.is_visible():
                return found
            to += 300
    return found  # the caller's expectation says what is missing


class HeldBack:
    """Requests of a page that are not answered until they are let go: a service that is slow."""

    def __init__(self, page: Page, pattern: str, *, most: int = 1_000) -> None:
        """Hold back the next requests whose address has the regular expression *pattern* in it, *most* of them."""
        self._page = page
        self._most = most
        self._held: list[Route] = []
        self._pattern = re.compile(pattern)
        page.route(self._pattern, self._hold)

    def _hold(self, route: Route) -> None:
        if len(self._held) < self._most:
            self._held.append(route)
        else:
            route.continue_()

    def let_go(self) -> None:
        """Let them be answered, and all later ones; returns when a later one has been."""
        assert self._held
        self._most = 0
        for route in self._held:
            with contextlib.suppress(Error):  # the page no longer waits for it
                route.continue_()
        self._page.unroute(self._pattern, self._hold)  # they need not come through here any more
        self._page.evaluate(
            "() => fetch('/healthz', { cache: 'no-store' }).then(() => new Promise(requestAnimationFrame))"
        )
