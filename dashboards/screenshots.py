"""Remake the screenshots of README.md and dashboards/README.md: the real service and the demo, in Chromium.

    python dashboards/screenshots.py [NAME …]

It needs the development environment (`make dev`) and Chromium.
"""

import io
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from PIL import Image  # noqa: E402 - after the path is set
from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

from tests.console.conftest import CHROMIUM, FLAGS  # noqa: E402
from tests.console.running_service import RunningService  # noqa: E402
from tests.console.scenarios import farewell  # noqa: E402
from tests.console.steps import row, told, until_decided  # noqa: E402
from tests.support.processes import Program, fetch, free_ports, until  # noqa: E402

FOLDER = ROOT / "dashboards" / "screenshots"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One picture: a page, how it is looked at, and what is done before."""

    name: str
    path: str = "/"
    wait_for: str
    scheme: str = "light"
    width: int = 1280
    height: int = 760
    act: Callable[[Page], None] = lambda _page: None


def open_node(page: Page) -> None:
    """Go to the node of a condition."""
    found = row(page, "order is not None")
    found.hover()
    found.get_by_role("button", name="Go to node").click()
    page.wait_for_selector(".flow .node.focus")


def open_logs(page: Page) -> None:
    """Look at the logs of a call that failed."""
    found = row(page, "503")
    found.hover()
    found.get_by_role("button", name="View logs").click()
    page.wait_for_selector(".log.error")


def open_variables(page: Page) -> None:
    """Look at the variables after the order was found."""
    row(page, "Set order.eta").click()
    page.get_by_role("tab", name="Variables").click()
    page.wait_for_selector(".variables")


def make_grants(page: Page) -> None:
    """Order that everything of a bot and of a user is kept."""
    form = page.get_by_role("form", name="New grant")
    for scope, value, reason in (("Bot", "support", "launch week"), ("User", "u-7f3a", "complaint 4711")):
        form.get_by_label(scope).fill(value)
        form.get_by_label("Reason").fill(reason)
        form.get_by_role("button", name="Grant").click()
        page.get_by_role("row").filter(has_text=reason).wait_for()


def try_policies(page: Page) -> None:
    """Ask what other policies would have kept."""
    page.get_by_label("Policies (YAML)").fill(
        "policies:\n"
        "  - {name: errors, type: status_code, status_code: {status_codes: [ERROR]}}\n"
        "  - {name: half, type: probabilistic, probabilistic: {sampling_percentage: 50}}\n"
    )
    page.get_by_role("button", name="What if?").click()
    page.wait_for_selector(".effect table")


def break_the_bot(page: Page) -> None:
    """Talk to the demo's bot until it breaks, and look at what it had got before; the stack would name this machine."""
    for said, answered in (("where is my order?", "What is your order id?"), ("B-9123, the bot breaks", "Goodbye.")):
        page.get_by_role("button", name=said).click()
        page.get_by_text(answered).first.wait_for()
    bug = page.get_by_role("button", name="Console")
    if bug.get_attribute("aria-expanded") != "true":
        bug.click()
    row(page, "API shop GET").click()
    page.wait_for_selector(".log .branch")
    page.locator(".counts", has_text="errors").wait_for()


EMPTY = Shot(name="first-steps", wait_for=".start pre")
LOGIN = Shot(name="login", wait_for="form.token", height=420)
DEMO = Shot(name="demo", wait_for="button", act=break_the_bot, height=800)
SHOTS = [
    Shot(name="list", path="/", wait_for="tbody tr"),
    Shot(name="list-dark-800", path="/", wait_for="tbody tr", scheme="dark", width=800),
    Shot(name="preview", path="/preview.html?id=conv-42&console=1", wait_for=".row.item", act=open_logs),
    Shot(name="logs", path="/conversation.html?id=prod-7", wait_for=".row.item", act=open_logs),
    Shot(name="node", path="/conversation.html?id=prod-7", wait_for=".row.item", act=open_node, height=900),
    Shot(name="node-dark-800", path="/conversation.html?id=prod-7", wait_for=".row.item", act=open_node, scheme="dark",
         width=800, height=900),
    Shot(name="variables", path="/conversation.html?id=prod-7", wait_for=".row.item", act=open_variables,
         scheme="dark"),
    Shot(name="ongoing", path="/conversation.html?id=prod-9", wait_for=".closed.ongoing", height=420),
    Shot(name="held", path="/conversation.html?id=guest-81", wait_for=".ticking"),
    Shot(name="dropped", path="/conversation.html?id=prod-5", wait_for=".closed.dropped"),
    Shot(name="grants", path="/grants.html", wait_for="form", act=make_grants, height=520),
    Shot(name="what-if", path="/what-if.html", wait_for="form", act=try_policies),
    Shot(name="flow", path="/flow.html?id=order_status", wait_for=".flow .node"),
    Shot(name="compare", path="/compare.html?a=conv-42&b=conv-41", wait_for=".aligned tr", height=640),
]  # fmt: skip


def tell(service: RunningService) -> None:
    """Tell the stories, and wait until what is due has been decided."""
    service.hear(told("conv-42"))
    service.hear(farewell(told("conv-41", "staging", fails=False)))
    service.hear(farewell(told("prod-7", "canary")))
    service.hear(farewell(told("prod-5", "canary", bot="noise")))
    service.hear(farewell(told("prod-8", "production")))
    service.hear(told("prod-9", "production", fails=False))
    service.hear(farewell(told("guest-81", None)))
    until_decided(service, {"prod-5": "dropped", "prod-7": "released"})


def take(browser: Browser, home: str, shot: Shot) -> None:
    """Take one picture."""
    scheme = "dark" if shot.scheme == "dark" else "light"
    context = browser.new_context(
        viewport={"width": shot.width, "height": shot.height},
        color_scheme=scheme,
        timezone_id="UTC",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(home + shot.path)
    page.wait_for_selector(shot.wait_for)
    shot.act(page)
    page.wait_for_load_state("load")
    page.wait_for_timeout(500)
    picture = Image.open(io.BytesIO(page.screenshot()))
    picture.convert("RGB").quantize(255, method=Image.Quantize.MAXCOVERAGE).save(
        FOLDER / f"{shot.name}.png", optimize=True
    )  # a fifth of the bytes
    context.close()


def of_the_service(browser: Browser, folder: Path, wanted: list[Shot]) -> None:
    """Take those of the service: empty first, then told the same stories each time."""
    service = RunningService(folder)
    service.start()
    try:
        if EMPTY in wanted:
            take(browser, service.url, EMPTY)
        tell(service)
        for shot in (each for each in SHOTS if each in wanted):
            take(browser, service.url, shot)
    finally:
        service.stop()


def of_the_login(browser: Browser, folder: Path) -> None:
    """Take that of a service with tokens on."""
    service = RunningService(folder, more_config=f'auth: {{tokens_file: "{folder / "tokens.yaml"}"}}\n')
    service.start()
    try:
        take(browser, service.url, LOGIN)
    finally:
        service.stop()


def of_the_demo(browser: Browser, folder: Path) -> None:
    """Take that of the demo: its chat and the console beside it."""
    ports = dict(zip(("chat", "http", "grpc", "otlp-http", "otlp-grpc"), free_ports(5), strict=True))
    given = [part for name, port in ports.items() for part in (f"--{name}-port", str(port))]
    demo = Program("demo", "--no-open", "--pace", "0", "--data", str(folder), *given)
    try:
        until(lambda: is_ready(f"http://127.0.0.1:{ports['http']}/api/v1/conversations"), 120)
        take(browser, f"http://127.0.0.1:{ports['chat']}", DEMO)
    finally:
        demo.stop()


def is_ready(url: str) -> bool:
    """Whether the service at *url* answers."""
    try:
        return fetch(url)[0] == 200
    except OSError:
        return False


def main() -> None:
    """Remake them all, or those that are named."""
    FOLDER.mkdir(exist_ok=True)
    wanted = [shot for shot in (EMPTY, LOGIN, DEMO, *SHOTS) if shot.name in sys.argv[1:] or not sys.argv[1:]]
    with tempfile.TemporaryDirectory(prefix="botlogs-screenshots-") as name, sync_playwright() as playwright:
        folders = {each: Path(name) / each for each in ("service", "login", "demo")}
        for folder in folders.values():
            folder.mkdir()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        if EMPTY in wanted or set(SHOTS) & set(wanted):
            of_the_service(browser, folders["service"], wanted)
        if LOGIN in wanted:
            of_the_login(browser, folders["login"])
        if DEMO in wanted:
            of_the_demo(browser, folders["demo"])
        browser.close()


if __name__ == "__main__":
    main()
