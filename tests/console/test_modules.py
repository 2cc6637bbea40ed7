"""The pure modules, run where they run: in the browser."""

from typing import cast

import pytest
from playwright.sync_api import Page

from tests.console.conftest import Visits

MINUTE = 60_000_000_000


@pytest.fixture
def page(visits: Visits) -> Page:
    """Return a page that may import the modules."""
    return visits.open("/compare.html")


def run(page: Page, module: str, expression: str, argument: object = None) -> object:
    """Return *expression* of the module `m` and the argument `a`."""
    script = f"async (a) => {{ const m = await import('/{module}'); return {expression}; }}"
    return page.evaluate(script, argument)


def item(time: int, kind: str = "bot.log", **more: object) -> dict[str, object]:
    """Return a timeline item."""
    return {"time_unix_nano": str(time), "kind": kind, "title": kind, "item_id": f"{kind}{time}", **more}


@pytest.mark.browser
def test_items_are_ordered_and_told_once(page: Page) -> None:
    """Items that come late or twice are shown once, in the order of their time."""
    items = [item(30), item(10), item(20), item(10), item(9_000_000_000_000_000_001), item(9_000_000_000_000_000_000)]
    script = "(() => { const t = new m.Timeline(); const added = t.add(a); return [added, t.items.map(i => i.time_unix_nano)]; })()"  # noqa: E501

    added, times = cast("list[list[str]]", run(page, "timeline.js", script, items))

    assert added == 5
    assert times == ["10", "20", "30", "9000000000000000000", "9000000000000000001"]


@pytest.mark.browser
def test_thinking_is_not_latency(page: Page) -> None:
    """A turn lasts from the user's message to the bot's last answer; the wait before it is the user's."""
    items = [
        item(0, "bot.message.user", turn_index=1), item(MINUTE, "bot.message.bot", turn_index=1),
        item(9 * MINUTE, "bot.message.user", turn_index=2), item(11 * MINUTE, "bot.message.bot", turn_index=2),
    ]  # fmt: skip
    script = "[...m.turnsOf(a.map(i => ({...i, t: BigInt(i.time_unix_nano)}))).values()].map(t => [String(t.latencyNs), String(t.thinkingNs)])"  # noqa: E501

    turns = run(page, "turns.js", script, items)

    assert turns == [[str(MINUTE), "null"], [str(2 * MINUTE), str(8 * MINUTE)]]


@pytest.mark.browser
@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ("m.duration(15120e9)", "4 h 12 min"),
        ("m.duration(420e6)", "420 ms"),
        ("m.duration(59.97e9)", "1 min"),
        ("m.countdown(899_001)", "15:00"),
        ("m.countdown(-5)", "0:00"),
        ("m.exactTime('1766000000042123456')", "2025-12-17T19:33:20.042123456Z · 1766000000042123456 ns"),
        ("m.severityName(17)", "error"),
        ("m.severityName('WARNING')", "warn"),
        ("m.visible('a\\u202eb\\u0000')", "a⟨RLO⟩b␀"),
    ],
)
def test_format(page: Page, expression: str, shown: str) -> None:
    """Times, waits and texts read as people write them."""
    assert run(page, "format.js", expression) == shown


@pytest.mark.browser
def test_event_stream_in_pieces(page: Page) -> None:
    """Events are read whatever pieces they arrive in, with comments and carriage returns."""
    text = ': hello\r\n\r\nid: 7\r\ndata: {"a":\r\ndata: 1}\r\n\r\nid: 8\ndata: x\n\n'
    script = "(() => { const p = new m.EventParser(); return [...a].flatMap(c => p.push(c)).filter(e => e.data); })()"

    events = run(page, "stream.js", script, text)

    assert events == [
        {"id": "7", "type": "message", "data": '{"a":\n1}'},
        {"id": "8", "type": "message", "data": "x"},
    ]


@pytest.mark.browser
def test_paths_are_aligned(page: Page) -> None:
    """Paths are aligned by what they have in common."""
    left, right = ([{"node_id": each} for each in path] for path in ("abcd", "acxd"))
    script = "m.alignPaths(a[0], a[1]).map(r => [r.left?.node_id ?? '-', r.right?.node_id ?? '-'].join(''))"

    assert run(page, "path.js", script, [left, right]) == ["aa", "b-", "cc", "-x", "dd"]
