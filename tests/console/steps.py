"""Steps that many tests take: tell a whole conversation, find a timestamp."""

import time

from playwright.sync_api import Locator, Page, expect

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
