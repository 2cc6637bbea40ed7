"""The other views: filters, variables, permalinks, export, comparison, flows; and input that means harm."""

import base64
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format
from opentelemetry.proto.logs.v1.logs_pb2 import LogsData
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData
from playwright.sync_api import FloatRect, Page, expect

from tests.console.conftest import Visits
from tests.console.running_service import RunningService
from tests.console.scenarios import FLOW, farewell
from tests.console.steps import row, told
from tests.console.story import MS, SECOND, Story


@pytest.mark.browser
def test_filters_are_kept_in_the_address(visits: Visits, service: RunningService, new_id: Callable[[str], str]) -> None:
    """A filtered list is what its address says, to be sent to somebody."""
    one, other = told(new_id("one"), bot="kettle"), told(new_id("other"), bot="teapot")
    service.hear(one)
    service.hear(other)
    page = visits.open("/")
    expect(page.get_by_role("link", name=other.conversation)).to_be_visible()

    page.get_by_label("Bot", exact=True).fill("kettle")
    expect(page.get_by_role("link", name=other.conversation)).to_have_count(0)
    page.reload()

    expect(page).to_have_url(re.compile(r"\?bot=kettle$"))
    expect(page.get_by_label("Bot", exact=True)).to_have_value("kettle")
    expect(page.get_by_role("link", name=one.conversation)).to_be_visible()
    expect(page.get_by_role("link", name=other.conversation)).to_have_count(0)


@pytest.mark.browser
def test_filter_without_match(visits: Visits, service: RunningService) -> None:
    """No match is said, and is not taken for an empty service."""
    page = visits.open("/?bot=nobody-is-called-this")

    expect(page.get_by_text("No conversation fits these filters.")).to_be_visible()


@pytest.mark.browser
def test_turns_and_idle_gaps(visits: Visits, service: RunningService, new_id: Callable[[str], str]) -> None:
    """A long pause is one line, and a turn's latency leaves out the user's thinking."""
    story = told(new_id("turns"))
    service.hear(story)
    page = visits.open(f"/conversation.html?id={story.conversation}")

    turn = row(page, "Turn 3")
    expect(turn).to_contain_text("the user took 4 h 12 min")
    expect(turn).to_contain_text("answered in 1.01 s")
    expect(row(page, "4 h 12 min later")).to_be_visible()
    expect(page.locator(".row.gap")).to_have_count(1)


@pytest.mark.browser
def test_variables_at_an_instant(visits: Visits, service: RunningService, new_id: Callable[[str], str]) -> None:
    """The variables are as they were at the timestamp: not as they became."""
    story = told(new_id("variables"))
    service.hear(story)
    page = visits.open(f"/conversation.html?id={story.conversation}")

    row(page, "Set order_id").click()
    page.get_by_role("tab", name="Variables").click()

    table = page.get_by_role("tabpanel").get_by_role("table")
    expect(table).to_contain_text("order_id")
    expect(table).to_contain_text("order_status")
    expect(table).not_to_contain_text("order.state")


@pytest.mark.browser
def test_permalink_to_a_timestamp(visits: Visits, service: RunningService, new_id: Callable[[str], str]) -> None:
    """The address names the timestamp; opened elsewhere it shows the same."""
    story = told(new_id("link"))
    service.hear(story)
    page = visits.open(f"/conversation.html?id={story.conversation}")
    row(page, "order is not None").click()
    expect(page).to_have_url(re.compile(r"at=\d{19}"))

    again = visits.open(page.url)

    expect(again.locator(".row.chosen")).to_contain_text("order is not None")
    expect(again.locator(".log.chosen")).to_contain_text("bot.condition")


def top(box: FloatRect | None) -> float:
    """Return where something that is to be seen begins."""
    assert box is not None
    return box["y"]


@pytest.mark.browser
def test_what_is_copied(visits: Visits, service: RunningService, new_id: Callable[[str], str]) -> None:
    """Copied are a value whole, a branch and a log event as JSON, and a link that leads to the very same log line."""
    story = told(new_id("copy"))
    moment = story.event("bot.log", "the first of two")
    story.now = moment
    story.event("bot.log", "the second of two", attributes={"basket": '{"items": ["B-17", "C-02"]}'})
    service.hear(story)
    page = visits.open(f"/conversation.html?id={story.conversation}")
    row(page, "the second of two").click()
    log = page.get_by_role("article").filter(has_text="the second of two")

    def copied(name: str) -> str:
        button = log.get_by_role("button", name=name, exact=True)
        button.click()
        expect(button).to_have_attribute("title", "Copied")
        return str(page.evaluate("navigator.clipboard.readText()"))

    assert json.loads(copied("Copy basket")) == {"items": ["B-17", "C-02"]}
    log.locator("summary", has_text="items").click()
    assert copied("Copy 0") == "B-17"
    assert json.loads(copied("Copy the whole log event as JSON"))["body"] == "the second of two"

    before = page.get_by_role("grid").bounding_box()
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_text("Link copied.")).to_be_visible()
    assert top(page.get_by_role("grid").bounding_box()) == top(before)
    link = str(page.evaluate("navigator.clipboard.readText()"))
    assert link == page.url == log.get_by_role("link", name="Link to this log line").get_attribute("href")
    again = visits.open(link)
    expect(again.locator(".log")).to_have_count(2)
    expect(again.locator(".log.chosen")).to_have_count(1)
    expect(again.locator(".log.chosen")).to_contain_text("the second of two")


@pytest.mark.browser
def test_what_a_node_changed(visits: Visits, service: RunningService, new_id: Callable[[str], str]) -> None:
    """A node tells what it set, from what to what, and not what others set; variables are those of each instant."""
    story = Story(conversation=new_id("changes"), now=time.time_ns() - 60 * SECOND)
    for node, values in (("first", {"city": "Berlin"}), ("second", {"city": "Prague", "seats": 2})):
        story.enter(node, "action", node)
        for name, value in values.items():
            story.sets(name, value)
        story.leave()
    service.hear(story)
    page = visits.open(f"/conversation.html?id={story.conversation}")
    panel = page.get_by_role("tabpanel")
    rows = panel.get_by_role("table").get_by_role("row")

    row(page, "Entered second").click()
    page.get_by_role("tab", name="Node").click()
    expect(panel.locator(".changes li")).to_have_text([re.compile("city.*Berlin → Prague"), re.compile("seats.*2")])
    page.get_by_role("tab", name="Variables").click()
    expect(rows).to_have_text([re.compile("Name"), re.compile("city.*Berlin.*first")])
    row(page, "Set seats").click()
    page.get_by_role("tab", name="Variables").click()
    expect(rows).to_have_text([re.compile("Name"), re.compile("city.*Prague.*second"), re.compile("seats.*2.*second")])


@pytest.mark.browser
def test_permalink_that_matches_nothing(visits: Visits, service: RunningService, new_id: Callable[[str], str]) -> None:
    """A timestamp where nothing is goes to the nearest, and says so."""
    story = told(new_id("near"))
    service.hear(story)
    at = story.times["bot.nlu"] + MS

    page = visits.open(f"/conversation.html?id={story.conversation}&at={at}&view=logs")

    expect(page.get_by_text("this is the nearest one")).to_be_visible()
    expect(page.locator(".row.chosen")).to_contain_text("Understood")


def whole_json(text: str, story: Story) -> None:
    """Expect every step and every log event with all that it says."""
    file = json.loads(text)
    assert file["conversation"]["conversation_id"] == story.conversation
    assert len(file["timeline"]) == len(file["logs"]) == 45
    assert {"key", "t", "search"}.isdisjoint(file["timeline"][0])
    sets = [log["attributes"] for log in file["logs"] if log["event_name"] == "bot.variable.set"]
    assert [each["bot.variable.new"] for each in sets] == ["order_status", "482193", "shipped", "2026-11-25"]


def whole_otlp(text: str, _story: Story) -> None:
    """Expect OTLP/JSON as OpenTelemetry's own messages read it, with all spans and log records."""
    parts = json.loads(text)
    assert [len(spans_of(parts)), len(records_of(parts))] == [10, 45]
    json_format.ParseDict(
        {"resourceSpans": [{"scopeSpans": [{"spans": [with_base64(each) for each in spans_of(parts)]}]}]}, TracesData()
    )
    json_format.ParseDict(
        {"resourceLogs": [{"scopeLogs": [{"logRecords": [with_base64(each) for each in records_of(parts)]}]}]},
        LogsData(),
    )


def spans_of(parts: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the spans of OTLP/JSON."""
    return [span for each in parts["resourceSpans"] for scope in each["scopeSpans"] for span in scope["spans"]]


def records_of(parts: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the log records of OTLP/JSON."""
    return [record for each in parts["resourceLogs"] for scope in each["scopeLogs"] for record in scope["logRecords"]]


def with_base64(fields: dict[str, Any]) -> dict[str, Any]:
    """Return *fields* with ids as Protobuf's JSON has them: OTLP's has them in hex."""
    ids = {name: fields[name] for name in ("traceId", "spanId", "parentSpanId") if fields.get(name)}
    return {**fields, **{name: base64.b64encode(bytes.fromhex(value)).decode() for name, value in ids.items()}}


def whole_ticket(text: str, story: Story) -> None:
    """Expect the facts, a link, and a line a step with what failed in bold."""
    lines = text.splitlines()
    assert lines[0] == f"# Conversation `{story.conversation}`"
    assert "* 3 turns, 10 node actions, 45 log events, 1 error" in lines
    assert f"conversation.html?id={story.conversation}" in text
    steps = [line for line in lines if re.match(r"\| \d\d:\d\d:\d\d\.\d{3} \|", line)]
    assert len(steps) == 45
    assert sum("**error**" in line for line in steps) == 1


@pytest.mark.browser
@pytest.mark.parametrize(
    ("label", "suffix"), [("JSON", ".json"), ("OTLP/JSON", ".otlp.json"), ("Markdown for a ticket", ".md")]
)
def test_export(
    visits: Visits, service: RunningService, new_id: Callable[[str], str], tmp_path: Path, label: str, suffix: str
) -> None:
    """A conversation can be taken away as a file."""
    story = told(new_id("export"))
    service.hear(story)
    page = visits.open(f"/conversation.html?id={story.conversation}")
    expect(page.get_by_role("grid", name="Timestamps")).to_be_visible()
    expect(row(page, "Anything else")).to_be_visible()

    page.locator("summary", has_text="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name=label, exact=True).click()
    saved = tmp_path / download.value.suggested_filename
    download.value.save_as(saved)

    text = saved.read_text(encoding="utf-8")
    assert saved.name == story.conversation + suffix
    {".json": whole_json, ".otlp.json": whole_otlp, ".md": whole_ticket}[suffix](text, story)


@pytest.mark.browser
def test_compare_side_by_side(visits: Visits, service: RunningService, new_id: Callable[[str], str]) -> None:
    """Two conversations are aligned by the nodes they came through."""
    left, right = told(new_id("left")), farewell(told(new_id("right")))
    service.hear(left)
    service.hear(right)

    page = visits.open(f"/compare.html?a={left.conversation}&b={right.conversation}")

    expect(page.get_by_text("10 nodes in common; they part at step 11.")).to_be_visible()
    expect(page.locator("tr.parting")).to_contain_text("Goodbye")


def heat_of(page: Page) -> dict[str, str]:
    """Return the heat of the nodes that have any, by their ids."""
    script = """nodes => nodes
        .map(node => [node.dataset.node, node.querySelector("rect").style.getPropertyValue("--heat")])
        .filter(([, heat]) => heat !== "0")"""
    return dict(page.locator(".flow .node").evaluate_all(script))


@pytest.mark.browser
def test_flow_with_heat(visits: Visits, service: RunningService, new_id: Callable[[str], str]) -> None:
    """The flow page draws every node and counts visits and errors."""
    flow = new_id("orders")
    story = Story(conversation=new_id("heat"), now=time.time_ns() - SECOND, flow=flow)
    story.declares({**FLOW, "id": flow})
    for node, outcome in (("greet", "completed"), ("fetch_order", "error")):
        story.enter(node, "action")
        story.leave(outcome)
    service.hear(story)

    page = visits.open(f"/flow.html?id={flow}&heat=errors")

    expect(page.get_by_role("heading", name="Flow Order status")).to_be_visible()
    expect(page.locator(".flow .node")).to_have_count(len(FLOW["nodes"]))  # type: ignore[arg-type]
    first = page.get_by_role("region", name="Nodes").get_by_role("row").nth(1)
    expect(first).to_contain_text("Fetch the order")
    assert heat_of(page) == {"fetch_order": "1"}
    page.get_by_label("Heat").select_option("visits")
    expect(first).to_contain_text("Greet")
    assert heat_of(page) == {"greet": "1", "fetch_order": "1"}
    page.get_by_label("Heat").select_option("drop_off")
    expect(first).to_contain_text("Fetch the order")
    assert heat_of(page) == {"fetch_order": "1"}


@pytest.mark.browser
def test_hostile_text_is_text(visits: Visits, service: RunningService, new_id: Callable[[str], str]) -> None:
    """Markup does not run, control and direction characters are shown, a megabyte is cut until asked for."""
    story = Story(conversation=new_id("evil"), now=time.time_ns() - SECOND)
    story.user_says("<img src=x onerror=\"document.title='owned'\"> \u202egnp.exe \x07")
    story.event("bot.log", "x" * 1_000_000)
    story.event("bot.log", "<script>document.title='owned'</script>")
    service.hear(story)

    page = visits.open(f"/conversation.html?id={story.conversation}")

    expect(page.get_by_role("region", name="Transcript")).to_contain_text("<img src=x")
    row(page, "onerror").click()
    expect(page.get_by_role("article")).to_contain_text("⟨RLO⟩gnp.exe ␇")
    row(page, "xxxx").click()
    page.get_by_role("button", name=re.compile("Show all")).click()
    assert page.locator(".log .body .text").evaluate("e => e.textContent.length") == 1_000_000
    row(page, "<script>").click()
    expect(page.get_by_role("article")).to_contain_text("<script>")
    assert page.title() != "owned"
    assert page.locator("bot-logs-console").evaluate("e => e.shadowRoot.querySelectorAll('img, script').length") == 0


@pytest.mark.browser
@pytest.mark.parametrize("nodes", [150, 5_000])
def test_big_flow_with_cycles_and_dangling_edges(
    visits: Visits, service: RunningService, new_id: Callable[[str], str], nodes: int
) -> None:
    """A flow of any size and shape is shown around what ran; what is left out is said."""
    story = Story(conversation=new_id("flow"), now=time.time_ns() - SECOND, flow=new_id("huge"))
    edges = [{"from": f"n{at}", "to": f"n{(at * 7 + step) % nodes}"} for at in range(nodes) for step in (1, 2)]
    definition: dict[str, object] = {
        "id": story.flow, "name": "Huge",
        "nodes": [{"id": f"n{at}", "name": f"Node {at}", "type": "message"} for at in range(nodes)],
        "edges": [*edges, {"from": "n1", "to": "nowhere"}],
    }  # fmt: skip
    story.declares(definition)
    story.user_says("go")
    for at in (0, 1, 8):
        story.enter(f"n{at}", "message", f"Node {at}")
        story.leave()
    service.hear(story)

    page = visits.open(f"/conversation.html?id={story.conversation}")
    row(page, "Entered Node 1").hover()
    row(page, "Entered Node 1").get_by_role("button", name="Go to node").click()

    expect(page.locator(".flow .node.focus")).to_have_attribute("data-node", "n1")
    expect(page.locator(".flow-frame .notes")).to_contain_text("nowhere")
    if nodes == 5_000:
        expect(page.locator(".flow-frame .notes")).to_contain_text("5,000 nodes")


@pytest.mark.browser
@pytest.mark.parametrize("page_name", ["index", "conversation", "preview", "flow", "compare", "grants", "what-if"])
def test_modules_are_preloaded(visits: Visits, page_name: str) -> None:
    """A page names all the modules that it starts with, so that they come at once and not one after the other."""
    visits.tolerate("404")
    page = visits.open(f"/{page_name}.html?id=nobody")
    page.wait_for_selector("main *")
    page.wait_for_load_state("load")

    loaded = (
        "performance.getEntriesByType('resource').map(e => new URL(e.name).pathname).filter(p => p.endsWith('.js'))"
    )
    named = (
        "[...document.querySelectorAll('link[rel=modulepreload], script')].map(e => new URL(e.href || e.src).pathname)"
    )

    assert sorted(set(page.evaluate(loaded))) == sorted(page.evaluate(named))


@pytest.mark.browser
def test_page_is_light(visits: Visits, service: RunningService, new_id: Callable[[str], str]) -> None:
    """The conversation page with a node open transfers less than 300 KB."""
    story = told(new_id("light"))
    service.hear(story)
    page = visits.open(f"/conversation.html?id={story.conversation}&at={story.times['bot.condition']}&view=node")
    expect(page.locator(".flow .node.focus")).to_be_visible()

    transferred = page.evaluate("performance.getEntries().reduce((sum, e) => sum + (e.transferSize || 0), 0)")

    assert 50_000 < transferred < 300_000
