"""The component in somebody else's page: one script tag, another origin, its own world."""

import functools
import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.console.conftest import Visits
from tests.console.running_service import RunningService
from tests.console.steps import row, told

_PAGE = """<!doctype html><html lang="en"><title>A bot builder</title>
<script>window.before = Object.keys(window);</script>
<script type="module" src="{url}/bot-logs-console.js"></script>
<style>* {{ color: red; }} .row {{ display: none; }}
bot-logs-console {{ --bot-logs-accent: rgb(1, 2, 3); height: 600px; }}</style>
<bot-logs-console conversation="{id}" theme="light"></bot-logs-console>"""


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the overridden parameter
        """Say nothing."""


@pytest.fixture
def builder(service: RunningService, tmp_path: Path) -> Iterator[Path]:
    """Serve a folder on another origin, which the service allows."""
    handler = functools.partial(_Quiet, directory=str(tmp_path))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", service.ports["other"]), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield tmp_path
    server.shutdown()
    server.server_close()
    thread.join(10)


@pytest.mark.browser
def test_embedded_from_another_origin(
    visits: Visits, service: RunningService, new_id: Callable[[str], str], builder: Path
) -> None:
    """It works with CORS, follows the page's colours, ignores its styles, and leaves no global behind."""
    story = told(new_id("embed"))
    service.hear(story)
    (builder / "index.html").write_text(_PAGE.format(url=service.url, id=story.conversation), encoding="utf-8")
    other = f"http://127.0.0.1:{service.ports['other']}"
    (builder / "favicon.ico").write_bytes(b"")
    visits.tolerate(f"another host: {other}/")

    page = visits.open(f"{other}/index.html")

    found = row(page, "order is not None")
    found.hover()
    found.get_by_role("button", name="Go to node").click()
    expect(page.locator(".flow .node.focus")).to_have_attribute("data-node", "order_found")
    expect(page.locator(".row.chosen")).to_have_css("box-shadow", "rgb(1, 2, 3) 3px 0px 0px 0px inset")
    assert page.evaluate("Object.keys(window).filter(name => !['before', ...window.before].includes(name))") == []
    assert page.evaluate(
        "[document.adoptedStyleSheets.length, localStorage.length, document.body.children.length]"
    ) == [
        0,
        0,
        1,
    ]


@pytest.mark.browser
def test_theme_of_the_page_around(
    visits: Visits, service: RunningService, new_id: Callable[[str], str], builder: Path
) -> None:
    """`theme` overrules the system's colour scheme, custom properties overrule the theme's colours and fonts."""
    story = told(new_id("theme"))
    service.hear(story)
    themed = """<style>#own { --bot-logs-background: rgb(9, 8, 7); --bot-logs-font: serif; }</style>""" + "".join(
        f'<bot-logs-console conversation="{story.conversation}" id="{name}" {theme}></bot-logs-console>'
        for name, theme in (("light", 'theme="light"'), ("dark", 'theme="dark"'), ("system", ""), ("own", ""))
    )
    script = f'<script type="module" src="{service.url}/bot-logs-console.js"></script>'
    (builder / "index.html").write_text(f'<!doctype html><html lang="en"><title>A</title>{script}{themed}')
    (builder / "favicon.ico").write_bytes(b"")
    other = f"http://127.0.0.1:{service.ports['other']}"
    visits.tolerate(f"another host: {other}/")

    page = visits.open(f"{other}/index.html", scheme="dark")

    light, dark = "rgb(255, 255, 255)", "rgb(20, 22, 27)"
    for name, colour in (("light", light), ("dark", dark), ("system", dark), ("own", "rgb(9, 8, 7)")):
        expect(page.locator(f"#{name}")).to_have_css("background-color", colour)
        expect(page.locator(f"#{name}").locator(".row.item").first).to_be_visible()
    expect(page.locator("#own")).to_have_css("font-family", "serif")
    expect(page.locator("#light")).not_to_have_css("font-family", "serif")


@pytest.mark.browser
def test_preview_takes_the_platforms_own_chat(
    visits: Visits, service: RunningService, new_id: Callable[[str], str], builder: Path
) -> None:
    """A chat in the slot stays as it is; the bug icon opens the console beside it."""
    story = told(new_id("slot"))
    service.hear(story)
    chat = '<p slot="chat">The chat of the platform</p>'
    page_of_builder = f"""<!doctype html><html lang="en"><title>A bot builder</title>
        <script type="module" src="{service.url}/bot-logs-preview.js"></script>
        <bot-logs-preview conversation="{story.conversation}">{chat}</bot-logs-preview>"""
    (builder / "index.html").write_text(page_of_builder, encoding="utf-8")
    (builder / "favicon.ico").write_bytes(b"")
    other = f"http://127.0.0.1:{service.ports['other']}"
    visits.tolerate(f"another host: {other}/")

    page = visits.open(f"{other}/index.html")
    expect(page.get_by_text("The chat of the platform")).to_be_visible()
    page.get_by_role("button", name="Console").click()

    expect(page.get_by_role("grid", name="Timestamps")).to_be_visible()
    expect(page.get_by_text("The chat of the platform")).to_be_visible()
    expect(page.get_by_role("region", name="Transcript")).to_have_count(0)
