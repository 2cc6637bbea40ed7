"""Steps that many tests take: tell a whole conversation, find a timestamp."""

import time

from playwright.sync_api import Locator, Page, expect

from tests.console.scenarios import order_status
from tests.console.story import SECOND, Story


def told(conversation: str, environment: str | None = "sandbox", *, fails: bool = True, bot: str = "support") -> Story:
    """Return a whole conversation that began some hours ago."""
    began = time.time_ns() - 16_000 * SECOND
    return order_status(Story(conversation=conversation, now=began, environment=environment, bot=bot), fails=fails)


def row(page: Page, text: str) -> Locator:
    """Scroll to the timestamp whose row says *text*, from the top on, and return it: only rows in sight exist."""
    grid = page.get_by_role("grid", name="Timestamps")
    expect(grid.locator(".row.item").first).to_be_visible()
    found = grid.get_by_role("row").filter(has_text=text).first
    grid.evaluate("grid => { grid.scrollTop = 0; }")
    while not found.is_visible():
        before = grid.evaluate("grid => grid.scrollTop")
        grid.evaluate("grid => { grid.scrollTop += 300; grid.dispatchEvent(new Event('scroll')); }")
        if grid.evaluate("grid => grid.scrollTop") == before:
            break  # at the end: the caller's expectation says what is missing
    return found
