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
        item(12 * MINUTE, "bot.message.user", turn_index=3),
    ]  # fmt: skip
    script = "[...m.turnsOf(a.map(i => ({...i, t: BigInt(i.time_unix_nano)}))).values()].map(t => [String(t.latencyNs), String(t.thinkingNs)])"  # noqa: E501

    turns = run(page, "turns.js", script, items)

    assert turns == [[str(MINUTE), "null"], [str(2 * MINUTE), str(8 * MINUTE)], ["null", str(MINUTE)]]


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


@pytest.mark.browser
def test_pages_from_before_come_before(page: Page) -> None:
    """A page from before stands before what is there, at the same instant too; what comes live stands behind it."""
    pages = [[item(5, "c"), item(9, "d")], [item(1, "a"), item(5, "b")], [item(9, "e"), item(3, "late")]]
    script = """(() => {
        const t = new m.Timeline();
        a.forEach((items, at) => t.add(items, { before: at === 1 }));
        return t.items.map(i => i.kind).join(" ");
    })()"""

    assert run(page, "timeline.js", script, pages) == "a late b c d e"


@pytest.mark.browser
def test_turn_is_headed_once(page: Page) -> None:
    """What belongs to no turn (a flow's definition) does not part one in two."""
    items = [item(1, turn_index=1), item(2, turn_index=None), item(3, turn_index=1), item(4, turn_index=2)]
    script = """m.rowsOf(a.map(i => ({...i, t: BigInt(i.time_unix_nano)})), { text: "" }, new Map())
        .map(row => row.kind === "turn" ? row.turn.index : "-").join(" ")"""

    assert run(page, "timeline.js", script, items) == "1 - - - 2 -"


@pytest.mark.browser
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_node_is_told_once_whatever_came_first(page: Page, order: tuple[int, int]) -> None:
    """A node's span and its enter event are one step, in whatever order they arrive."""
    both = [item(5, "span", span_id="a"), item(5, "bot.node.enter", span_id="a")]
    script = "(() => { const t = new m.Timeline(); a.forEach(i => t.add([i])); return t.items.map(i => i.kind); })()"

    assert run(page, "timeline.js", script, [both[at] for at in order]) == ["bot.node.enter"]


@pytest.mark.browser
@pytest.mark.parametrize(
    ("steps", "minutes", "state"),
    [
        ([("bot.message.user", {}), ("bot.node.enter", {"running": True, "node_name": "Think"})], 1, "running"),
        ([("bot.message.user", {}), ("bot.node.enter", {"running": True, "node_name": "Think"})], 9, "lost"),
        ([("bot.message.user", {}), ("bot.message.bot", {})], 90, "waiting"),
        ([("bot.node.enter", {"running": True}), ("bot.message.bot", {}), ("bot.node.wait", {})], 90, "waiting"),
        ([("bot.node.enter", {"running": True}), ("bot.message.bot", {})], 1, "running"),
        ([("bot.node.wait", {}), ("bot.node.enter", {"running": True})], 1, "running"),
        ([("bot.message.bot", {}), ("bot.message.user", {})], 1, "quiet"),
        ([("bot.message.bot", {}), ("bot.conversation.end", {})], 1, "ended"),
    ],
)
def test_state_is_said_only_as_far_as_known(
    page: Page, steps: list[tuple[str, dict[str, object]]], minutes: int, state: str
) -> None:
    """Running, lost, waiting, quiet or ended: from what was told last, and how long ago."""
    items = [item(at, kind, **more) for at, (kind, more) in enumerate(steps, 1)]
    script = (
        "m.honestState({ state: 'live' }, a[0].map(i => ({...i, t: BigInt(i.time_unix_nano)})), BigInt(a[1])).state"
    )

    assert run(page, "honest-state.js", script, [items, str(minutes * MINUTE)]) == state


@pytest.mark.browser
def test_big_flow_is_cut_to_what_matters(page: Page) -> None:
    """Of 5,000 nodes those that ran and their neighbours are drawn; edges keep both ends."""
    answer = {
        "flow_id": "f",
        "nodes": [{"id": str(at)} for at in range(5_000)],
        "edges": [{"from": str(at), "to": str(at + 1)} for at in range(5_001)],
    }
    script = """(() => {
        const part = m.neighbourhood(m.readFlow(a), "2500", ["7"]);
        const ids = new Set(part.nodes.map(n => n.id));
        return [ids.size, ids.has("2500") && ids.has("7"), part.edges.every(e => ids.has(e.from) && ids.has(e.to)), part.notes.length];
    })()"""  # noqa: E501

    assert run(page, "flow-model.js", script, answer) == [160, True, True, 2]


@pytest.mark.browser
def test_flow_of_150_nodes_is_laid_out(page: Page) -> None:
    """The layout in the worker places every node and every edge of a flow with cycles."""
    graph = {
        "nodes": [{"id": str(at), "width": 176, "height": 46} for at in range(150)],
        "edges": [{"from": str(at), "to": str((at * 7 + 3) % 150)} for at in range(150)],
    }

    placed = run(page, "flow-layout.js", "(await m.placeFlow(a)).lines.size", graph)

    assert placed == 150


@pytest.mark.browser
def test_fifty_thousand_rows_keep_few_in_the_page(page: Page) -> None:
    """The list of 50,000 timestamps draws those in sight, at the top, in the middle and at the end."""
    script = """(() => {
        const items = [...Array(50_000)].map((_, at) => ({ kind: "bot.log", title: "line " + at, key: "k" + at, t: BigInt(at), time_unix_nano: "" + at }));
        const list = new m.TimelineList({});
        list.following = false;
        list.element.style.cssText = "height: 600px; overflow: auto; flex: none; display: block";
        document.body.append(list.element);
        list.show(items.map(item => ({ kind: "item", item })));
        return [0, 25_000, 49_999].map(at => {
            list.select(items[at]);
            const rows = [...list.element.querySelectorAll(".row")];
            return rows.length < 120 && rows.some(row => row.textContent.includes("line " + at));
        });
    })()"""  # noqa: E501

    assert run(page, "timeline-list.js", script) == [True, True, True]
