"""The console in a real browser: how soon it can be used, what it transfers, and how it bears what is large.

Interactive means: the timestamps are there and the page answers a key. Times are of Chromium without a graphics card.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

from playwright.sync_api import Browser, Page, sync_playwright

from tests.bench.report import Row, compared
from tests.console.conftest import CHROMIUM, FLAGS
from tests.console.running_service import RunningService
from tests.console.story import SECOND, Story
from tests.support.processes import Program, fetch, free_ports, until

_WIDTH, _HEIGHT = 1280, 800
_ITEMS_A_STEP = 3  # enter, a line, leave
_STEPS_A_REQUEST = 2_000
_TRANSFERRED = "performance.getEntries().reduce((sum, e) => sum + (e.transferSize || 0), 0)"
_IDLE = "new Promise(done => requestIdleCallback(() => done(performance.now())))"
# Scrolls through all rows in 200 steps, a step a frame, and returns how long each frame took.
_SCROLL = """grid => new Promise(done => {
    const times = [], end = grid.scrollHeight - grid.clientHeight;
    let step = 0, before = performance.now();
    const frame = (now) => {
        times.push(now - before);
        before = now;
        grid.scrollTop = end * (++step / 200);
        if (step < 200) requestAnimationFrame(frame); else done(times.slice(1));
    };
    requestAnimationFrame(frame);
})"""
_LAY_OUT = """async () => {
    const m = await import('/flow-layout.js');
    const ids = [...Array(150).keys()];
    const graph = {
        nodes: ids.map(at => ({ id: `${at}`, width: 176, height: 46 })),
        edges: ids.flatMap(at => [1, 2].map(step => ({ from: `${at}`, to: `${(at * 7 + step) % 150}` }))),
    };
    const begun = performance.now();
    await m.placeFlow(graph);
    return performance.now() - begun;
}"""


def run(quick: bool) -> list[Row]:
    """Return what a person waits for."""
    rounds, items = (2, 3_000) if quick else (9, 50_000)
    with tempfile.TemporaryDirectory(prefix="botlogs-bench-") as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        rows = _demo(browser, Path(folder) / "demo", rounds)
        service = RunningService(Path(folder))
        service.start()
        try:
            rows += _large(browser, service, items, rounds)
        finally:
            service.stop()
            browser.close()
    return rows


def _demo(browser: Browser, folder: Path, rounds: int) -> list[Row]:
    """Open the demo's list and one of its conversations, each in a fresh browser context."""
    grpc, http, api, api_grpc = free_ports(4)
    demo = Program(
        "demo", "--no-open", "--data", str(folder), "--chat-port", "0", "--http-port", str(api),
        "--grpc-port", str(api_grpc), "--otlp-http-port", str(http), "--otlp-grpc-port", str(grpc),
    )  # fmt: skip
    try:
        home = f"http://127.0.0.1:{api}"
        name = until(lambda: _live_conversation(home), 120)
        pages = {
            "the list": ("/", "tbody tr"),
            "a conversation": (f"/conversation.html?id={name}", ".row.item"),
        }
        rows: list[Row] = []
        for what, (path, wait_for) in pages.items():
            seen = [_open(browser, home + path, wait_for) for _ in range(rounds)]
            ready_ms, transferred = (statistics.median(column) for column in zip(*seen, strict=True))
            shown: list[Row] = [
                {"name": f"console, {what} of the demo, until interactive", "value": round(ready_ms), "unit": "ms",
                 "runs": rounds, **compared(ready_ms, at_most=1000)},
                {"name": f"console, {what} of the demo, transferred", "value": round(transferred / 1000), "unit": "KB",
                 "runs": rounds, **compared(transferred / 1000, at_most=300)},
            ]  # fmt: skip
            rows += shown
        return rows
    finally:
        demo.stop()


def _live_conversation(home: str) -> str | None:
    try:
        status, body = fetch(f"{home}/api/v1/conversations?state=live&limit=1")
    except OSError:
        return None
    items = body["items"] if status == 200 else []
    return str(items[0]["id"]) if items and items[0]["turns"] else None


def _open(browser: Browser, url: str, wait_for: str) -> tuple[float, float]:
    """Return ms from the navigation until *wait_for* is there and the page idle, and the bytes transferred."""
    page = _page(browser)
    page.goto(url, wait_until="commit")
    page.wait_for_selector(wait_for)
    ready_ms = cast("float", page.evaluate(_IDLE))
    transferred = cast("float", page.evaluate(_TRANSFERRED))
    page.context.close()
    return ready_ms, transferred


def _page(browser: Browser) -> Page:
    page = browser.new_context(viewport={"width": _WIDTH, "height": _HEIGHT}).new_page()
    page.set_default_timeout(300_000)
    return page


def _large(browser: Browser, service: RunningService, items: int, rounds: int) -> list[Row]:
    """Open one conversation of *items* timestamps, read it to its end, and lay out a flow of 150 nodes."""
    story = _long_story(service, items // _ITEMS_A_STEP)
    page = _page(browser)
    begun = time.perf_counter()
    page.goto(f"{service.url}/conversation.html?id={story.conversation}", wait_until="commit")
    first_ms = _until(page, begun, lambda: page.wait_for_selector(".row.item"))
    whole_ms = _until(page, begun, lambda: page.wait_for_selector(f'[role="grid"][aria-rowcount="{items}"]'))
    grid = page.locator('[role="grid"]')
    frames = sorted(cast("list[float]", grid.evaluate(_SCROLL)))
    begun = time.perf_counter()
    page.keyboard.press("Home")
    end_ms = _until(page, begun, lambda: page.wait_for_selector(".row.item:focus"))
    layout_ms = statistics.median(cast("float", page.evaluate(_LAY_OUT)) for _ in range(rounds))
    page.context.close()
    name = f"console, a conversation of {items:,} timestamps"
    return [
        {"name": f"{name}, until the first are there", "value": round(first_ms), "unit": "ms",
         **compared(first_ms, at_most=1000)},
        {"name": f"{name}, until all are there", "value": round(whole_ms), "unit": "ms"},
        {"name": f"{name}, scrolling through, median frame", "value": round(frames[len(frames) // 2], 1), "unit": "ms"},
        {"name": f"{name}, scrolling through, p95 frame", "value": round(frames[int(len(frames) * 0.95)], 1),
         "unit": "ms", **compared(frames[int(len(frames) * 0.95)], at_most=50)},
        {"name": f"{name}, from the end to the first by key", "value": round(end_ms), "unit": "ms",
         **compared(end_ms, at_most=100)},
        {"name": "console, laying out a flow of 150 nodes and 300 edges", "value": round(layout_ms), "unit": "ms",
         "runs": rounds, **compared(layout_ms, at_most=1000)},
    ]  # fmt: skip


def _long_story(service: RunningService, steps: int) -> Story:
    """Tell a conversation of node actions without turns or pauses, so that each row is a timestamp."""
    story = Story(conversation="long", now=time.time_ns() - 3_600 * SECOND)
    for at in range(steps):
        story.enter(f"n{at % 140}", "message")
        story.event("bot.log", f"line {at}")
        story.leave()
        if at % _STEPS_A_REQUEST == _STEPS_A_REQUEST - 1 or at == steps - 1:
            service.hear(story)
    return story


def _until(page: Page, begun: float, wait: Callable[[], object]) -> float:
    wait()
    page.evaluate(_IDLE)
    return (time.perf_counter() - begun) * 1000
