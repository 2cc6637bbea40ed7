"""Remake the screenshots of dashboards/README.md: the real service, told the same stories each time, in Chromium.

    python dashboards/screenshots.py [NAME …]

It needs the development environment (`make dev`) and Chromium.
"""

import io
import sys
import tempfile
import time
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
from tests.console.steps import row, told  # noqa: E402

FOLDER = ROOT / "dashboards" / "screenshots"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One picture: a page, how it is looked at, and what is done before."""

    name: str
    path: str
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
    until = time.monotonic() + 60
    while [service.get(f"/conversations/{each}")["state"] for each in ("prod-5", "prod-7")] != ["dropped", "released"]:
        if time.monotonic() > until:
            sys.exit("the release engine did not decide within a minute")
        time.sleep(0.2)


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
    picture.convert("RGB").quantize(255).save(FOLDER / f"{shot.name}.png", optimize=True)  # a fifth of the bytes
    context.close()


def main() -> None:
    """Remake them all."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="botlogs-screenshots-") as folder, sync_playwright() as playwright:
        service = RunningService(Path(folder))
        service.start()
        try:
            tell(service)
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            wanted = sys.argv[1:]
            for shot in (each for each in SHOTS if not wanted or each.name in wanted):
                take(browser, service.url, shot)
            browser.close()
        finally:
            service.stop()


if __name__ == "__main__":
    main()
