"""Steps that many tests take: tell a whole conversation, find a timestamp."""

import contextlib
import re
import time

from playwright.sync_api import Error, Locator, Page, Route, expect

from tests.console.scenarios import order_status
from tests.console.story import SECOND, Story

_ROUNDS = 20  # through a list that still grows
_SCROLL = "(grid, to) => { grid.scrollTop = to; grid.dispatchEvent(new Event('scroll')); return grid.scrollHeight; }"


def told(conversation: str, environment: str | None = "sandbox", *, fails: bool = True, bot: str = "support") -> Story:
    """Return a whole conversation that began some hours ago."""
    began = time.time_ns() - 16_000 * SECOND
    return order_status(Story(conversation=conversation, now=began, environment=environment, bot=bot), fails=fails)


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
        page.route(re.compile(pattern), self._hold)

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
        self._page.evaluate(
            "() => fetch('/healthz', { cache: 'no-store' }).then(() => new Promise(requestAnimationFrame))"
        )
