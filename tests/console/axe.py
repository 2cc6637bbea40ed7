"""What axe-core objects to in a page: in light and in dark, wide and narrow."""

from typing import cast

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_RUN = """() => axe.run().then(({ violations }) => violations.map(({ id, help, nodes }) =>
    `${id}: ${help} ${JSON.stringify(nodes.slice(0, 4).map(({ target }) => target))}`))"""
_NEXT_FRAME = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def violations(page: Page) -> list[str]:
    """Return what axe-core objects to in *page* as it stands, in each colour scheme at each width."""
    Axe().run(page, options={"runOnly": ["document-title"]})  # brings axe-core into the page
    found: list[str] = []
    for scheme in ("light", "dark"):
        for width in (1280, 800):
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
            page.set_viewport_size({"width": width, "height": 800})
            page.evaluate(_NEXT_FRAME)
            found += [f"{scheme}, {width}: {each}" for each in cast("list[str]", page.evaluate(_RUN))]
    return found
