"""A real browser, the real service, and a page that must not misbehave."""

import contextlib
import os
import shutil
import uuid
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect, sync_playwright

from tests.console.running_service import RunningService

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
_PATIENCE_MS = 30_000


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """Return the service, running; shared, so that tests tell their conversations apart by id."""
    running = RunningService(tmp_path_factory.mktemp("service"))
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return Chromium. Of a module and not of the session: while Playwright runs, no other test may run a loop."""
    if not os.access(CHROMIUM, os.X_OK):
        missing = "there is no Chromium: install the package chromium"
        if os.environ.get("BOTLOGS_TESTS_REQUIRE_BROWSER") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        expect.set_options(timeout=_PATIENCE_MS)
        yield started
        started.close()


@dataclass  # no slots: Playwright keeps its own handle on the bound listeners
class Visits:
    """Opens pages of the console and remembers what they did wrong."""

    browser: Browser
    home: str
    problems: list[str] = field(default_factory=list[str])
    tolerated: tuple[str, ...] = ()
    contexts: list[BrowserContext] = field(default_factory=list[BrowserContext])

    def open(self, path: str, *, width: int = 1280, scheme: str = "light", height: int = 800) -> Page:
        """Open *path* of the console, or a whole address."""
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            permissions=["clipboard-read", "clipboard-write"],
            timezone_id="UTC",
        )
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(_PATIENCE_MS)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.problems.append(f"uncaught: {error}"))
        page.on("request", self._requested)
        page.goto(path if "://" in path else self.home + path)
        return page

    def tolerate(self, *texts: str) -> None:
        """Allow console errors that hold one of *texts*: a test that asks for a refusal gets one."""
        self.tolerated = texts

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(f"console: {message.text}")

    def _requested(self, request: Request) -> None:
        if not request.url.startswith((f"{self.home}/", "data:", "blob:")):
            self.problems.append(f"request to another host: {request.url}")


@contextlib.contextmanager
def watched(browser: Browser, home: str) -> Generator[Visits]:
    """Open pages of the console at *home*; afterwards none may have logged an error or asked another host."""
    visits = Visits(browser, home)
    yield visits
    for context in visits.contexts:
        context.close()
    wrong = [problem for problem in visits.problems if not any(text in problem for text in visits.tolerated)]
    assert wrong == []


@pytest.fixture
def visits(browser: Browser, service: RunningService) -> Iterator[Visits]:
    """Open pages of the shared service."""
    with watched(browser, service.url) as visits:
        yield visits


@pytest.fixture(autouse=True)
def every_page_is_watched(request: pytest.FixtureRequest) -> None:
    """Every test with a browser opens its pages by `watched`, so that none escapes the guard."""
    if request.node.get_closest_marker("browser") is not None:  # pyright: ignore[reportUnknownMemberType]
        assert {"visits", "guarded", "newcomer"} & set(request.fixturenames)


@pytest.fixture
def new_id() -> Callable[[str], str]:
    """Make conversation ids that no other test uses."""
    return lambda name: f"{name}-{uuid.uuid4().hex[:8]}"
