"""The Grafana dashboards: every query of every panel on the real engine, and their JSON as Grafana reads it."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard as PublishedDashboard

from botlogs_dashboards.grafana.generate import FOLDER, dashboards, files, main
from botlogs_dashboards.grafana.model import Dashboard, Panel, PanelType, Query
from tests.support.grafana import expand
from tests.support.sender import SECOND, T0, Talk
from tests.support.store import Store, unique

HOUR_S = 3600
FROM_S, TO_S = T0 // SECOND - HOUR_S, T0 // SECOND + HOUR_S
PROVISIONING = FOLDER.parent / "provisioning"
PUBLIC = {
    "otel_traces", "otel_logs", "conversations", "timeline", "receipts", "flows", "totals", "trace_state",
    "conversation_state",
}  # fmt: skip
DEFINITION = {
    "nodes": [{"id": "ask"}, {"id": "find"}, {"id": "bye"}],
    "edges": [{"from": "ask", "to": "find"}, {"from": "find", "to": "bye"}],
}


@dataclass(frozen=True, slots=True)
class Frame:
    """A query's answer as a panel gets it."""

    types: dict[str, str]
    rows: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Seeded:
    """A bot of this test alone: one conversation goes all the way, one is left at `find`, one was dropped."""

    store: Store
    bot: str
    conversation: str
    trace: str

    def values(self) -> dict[str, str | Sequence[str]]:
        return {
            "environment": ["*"], "bot": [self.bot], "flow": "order", "node": ["*"],
            "conversation": self.conversation, "trace": self.trace,
        }  # fmt: skip

    def of_all_flows(self) -> dict[str, str | Sequence[str]]:
        return {**self.values(), "flow": ["*"]}

    def ask(self, sql: str, values: Mapping[str, str | Sequence[str]] | None = None) -> Frame:
        written = expand(sql, values or self.values(), from_s=FROM_S, to_s=TO_S, interval_s=60)
        result = self.store.database.client().query(written)
        names = cast("Sequence[str]", result.column_names)
        types = {name: str(kind.name) for name, kind in zip(names, result.column_types, strict=True)}
        return Frame(types, [dict(zip(names, row, strict=True)) for row in result.result_rows])


@pytest.fixture(scope="module")
def seeded(store: Store) -> Seeded:
    bot = unique("bot")
    whole = Talk(unique(), bot=bot)
    turn = whole.span("turn", start=0, end=2, bot__turn__index=1)
    whole.log("bot.message.user", "hello", at=0, span=turn.span_id, bot__turn__index=1)
    whole.log("bot.flow.definition", json.dumps(DEFINITION), at=0, bot__flow__id="order", bot__flow__version="v1")
    for step, node in enumerate(("ask", "find", "bye")):
        whole.node(node, start=step, end=step + 0.5)
    whole.log("bot.fallback", "pardon?", at=1, bot__flow__id="order", bot__node__id="find")
    whole.log("bot.handoff", "to a person", at=2, bot__flow__id="order", bot__node__id="bye")
    whole.send(store, received_unix_nano=T0 + 5 * SECOND, times=1)
    left = Talk(unique(), bot=bot)
    left.node("ask", start=10, end=11)
    left.node("find", start=11, end=None)
    left.log("bot.error", "no answer", at=12, severity=17, bot__flow__id="order", bot__node__id="find")
    left.send(store, received_unix_nano=T0 + 15 * SECOND)
    dropped = Talk(unique(), bot=bot, environment="production")
    dropped.span("turn", start=20, end=24, bot__turn__index=1, error="timeout")
    dropped.send(store, received_unix_nano=T0 + 25 * SECOND)
    _receipt(store, bot, dropped.trace, "drop", "dropped", errors=1)
    _receipt(store, bot, whole.trace, "keep", "released", errors=0)
    return Seeded(store, bot, whole.conversation_id, whole.trace)


def _receipt(store: Store, bot: str, trace: str, decision: str, status: str, *, errors: int) -> None:
    seconds = T0 // SECOND
    row: dict[str, object] = {
        "ConversationKey": unique("key"), "Episode": 1, "Status": status, "ConversationId": unique(), "BotId": bot,
        "Environment": "production", "EnvironmentGiven": True, "EndRule": "idle", "Decision": decision,
        "DecidedBy": "errors", "TraceIds": [trace], "Spans": 10, "Errors": errors, "Bytes": 1000, "Complete": True,
    }  # fmt: skip
    times = {"StartedAt": 0, "EndedAt": 30, "AvailableAt": 40, "ReleasedAt": 43, "DecidedAt": 43}
    columns = [*row, *times]
    made = ", ".join(f"toDateTime64({seconds + after}, 9)" for after in times.values())
    given = ", ".join(_literal(value) for value in row.values())
    store.database.command(f"INSERT INTO botlogs.receipts ({', '.join(columns)}) SELECT {given}, {made}")


def _literal(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value)


def _panels() -> list[tuple[Dashboard, Panel]]:
    return [(board, panel) for board in dashboards() for panel in board.panels if isinstance(panel, Panel)]


def _panel(uid: str, title: str) -> Panel:
    return next(panel for board, panel in _panels() if board.uid == uid and panel.title == title)


def _named(panels: list[tuple[Dashboard, Panel]]) -> list[Any]:
    return [pytest.param(panel, id=f"{board.uid}-{panel.title}") for board, panel in panels]


NEEDED: dict[PanelType, Mapping[str, str]] = {
    "timeseries": {"time": r"DateTime"},
    "logs": {"timestamp": r"DateTime64\(9", "body": "String", "level": "String"},
    "traces": {
        "traceID": "String", "spanID": "String", "parentSpanID": "String", "serviceName": ".*String",
        "operationName": ".*String", "startTime": r"DateTime64\(9", "duration": "Float64",
        "tags": r"Array\(Map", "serviceTags": r"Array\(Map", "statusCode": "UInt8",
    },
}  # fmt: skip
NUMBER = re.compile(r"(Nullable\()?(U?Int|Float)")


@pytest.mark.parametrize("panel", _named(_panels()))
def test_panel_gets_the_columns_that_its_type_needs(panel: Panel, seeded: Seeded) -> None:
    """Each query of each panel runs, finds what was sent, and names its columns as the panel's type expects."""
    frames = {query.ref_id: seeded.ask(query.sql) for query in panel.queries}

    for frame in frames.values():
        assert frame.rows
        for name, kind in NEEDED.get(panel.type, {}).items():
            assert re.match(kind, frame.types[name]), f"{name} is {frame.types[name]}"
        if panel.type in ("timeseries", "stat", "piechart"):
            assert any(NUMBER.match(kind) for kind in frame.types.values())
        if panel.type == "timeseries":
            labels = [kind for kind in frame.types.values() if "String" in kind]
            assert len(labels) <= 1
            assert [row["time"] for row in frame.rows] == sorted(row["time"] for row in frame.rows)
        assert {column.name for column in panel.columns} <= {name for each in frames.values() for name in each.types}
    if panel.type == "nodeGraph":
        assert {"id", "title"} <= frames["nodes"].types.keys()
        assert {"id", "source", "target"} <= frames["edges"].types.keys()


def test_graph_shows_where_a_conversation_was_left(seeded: Seeded) -> None:
    """A node that leads on and was a conversation's last is its drop-off; the flow's end is none; a ring is whole."""
    graph = {query.ref_id: seeded.ask(query.sql) for query in _panel("botlogs-flow", "$flow").queries}

    nodes = {row["id"]: row for row in graph["nodes"].rows}
    assert {name: (row["mainstat"], row["secondarystat"]) for name, row in nodes.items()} == {
        "ask": ("2 visits", "0 left here"),
        "find": ("2 visits", "1 left here"),
        "bye": ("1 visits", "0 left here"),
    }
    for row in nodes.values():
        assert sum(value for name, value in row.items() if name.startswith("arc__")) == pytest.approx(1)
    edges = {(row["source"], row["target"]): row["mainstat"] for row in graph["edges"].rows}
    assert edges == {("ask", "find"): "2", ("find", "bye"): "1"}


@pytest.mark.parametrize(
    ("title", "expected"),
    [("Conversations", 3), ("Turns", 2), ("Errors", 2), ("Handoffs", 1), ("Fallbacks", 1)],
)
def test_totals_count_what_nobody_may_read(title: str, expected: int, seeded: Seeded) -> None:
    """The figures of the overview are of everything received, the held conversation's turn and error too."""
    frame = seeded.ask(_panel("botlogs-overview", title).queries[0].sql, seeded.of_all_flows())

    assert [list(row.values()) for row in frame.rows] == [[expected]]


def test_collector_tells_what_sampling_cost_and_saved(seeded: Seeded) -> None:
    """Shares, bytes, lag and what was dropped with errors come from the receipts."""
    answers = {
        title: seeded.ask(_panel("botlogs-collector", title).queries[0].sql).rows
        for title in ("Conversations kept", "Bytes not stored", "By policy", "Release lag")
    }

    assert answers["Conversations kept"] == [{"share": 0.5}]
    assert answers["Bytes not stored"] == [{"bytes": 1000}]
    assert answers["By policy"] == [
        {
            "environment": "production", "policy": "errors", "kept": 1, "dropped": 1, "kept_bytes": 1000,
            "dropped_bytes": 1000, "dropped_errors": 1,
        }
    ]  # fmt: skip
    assert [row["slowest"] for row in answers["Release lag"]] == [3]


def test_held_conversation_shows_its_state_and_no_content(seeded: Seeded) -> None:
    """By the id of a conversation that is held, every content panel is empty."""
    sql = _panel("botlogs-overview", "Newest conversations").queries[0].sql
    held = next(row for row in seeded.ask(sql, seeded.of_all_flows()).rows if row["environment"] == "production")
    values = {**seeded.values(), "conversation": held["conversation"], "trace": held["id"]}

    shown = {
        title: seeded.ask(_panel("botlogs-conversation", title).queries[0].sql, values).rows
        for title in ("State", "Nodes in order", "Logs", "Trace")
    }

    assert [row["errors"] for row in shown["State"]] == [1]
    assert shown["Nodes in order"] == shown["Logs"] == shown["Trace"] == []


def _queries() -> list[Any]:
    return [
        pytest.param(query, id=f"{board.uid}-{panel.title}-{query.ref_id}")
        for board, panel in _panels()
        for query in panel.queries
    ]


@pytest.mark.parametrize("query", _queries())
def test_no_value_of_a_variable_can_leave_its_string(query: Query, seeded: Seeded) -> None:
    """Quotes, backslashes, comments and percent signs stay the text of a value that nothing has."""
    hostile = "\\') OR 1=1 -- ' \" %27 $$ /* \\"
    values = dict.fromkeys(seeded.values(), hostile)

    frame = seeded.ask(query.sql, values)

    assert "bot" not in frame.types or not frame.rows
    assert all(not isinstance(value, str) or seeded.bot not in value for row in frame.rows for value in row.values())


def test_a_bot_with_any_name_can_be_chosen(store: Store, seeded: Seeded) -> None:
    """An id full of quotes and backslashes is found as it is, among several."""
    name = unique("it's \\'a\\ \"bot\" 100%")
    talk = Talk(unique(), bot=name)
    talk.log("bot.handoff", "over to you")
    talk.send(store, received_unix_nano=T0)
    sql = _panel("botlogs-overview", "Handoffs").queries[0].sql

    frame = seeded.ask(sql, {**seeded.of_all_flows(), "bot": [name, seeded.bot]})

    assert frame.rows == [{"handoffs": 2}]


def _variables() -> list[Any]:
    return [
        pytest.param(variable["query"], id=f"{board.uid}-{variable['name']}")
        for board in dashboards()
        for variable in board.variables
        if variable["type"] == "query"
    ]


@pytest.mark.parametrize("sql", _variables())
def test_choices_at_the_top_come_from_the_store(sql: str, seeded: Seeded) -> None:
    """Every variable's query runs and offers what was sent, in one column of text."""
    frame = seeded.ask(sql)

    assert frame.rows
    assert len(frame.types) == 1


@pytest.mark.parametrize("query", _queries())
def test_queries_stay_on_public_tables(query: Query) -> None:
    """No dashboard reads what is held or on its way in."""
    assert set(re.findall(r"\bbotlogs\w*\.\w+", query.sql)) <= {f"botlogs.{name}" for name in PUBLIC}


def test_committed_dashboards_are_what_the_code_writes(tmp_path: Path) -> None:
    """A change of the code without `make dashboards` fails here."""
    main(["--output", str(tmp_path)])

    assert {path.name for path in FOLDER.iterdir()} == files().keys()
    for name, text in files().items():
        assert (FOLDER / name).read_text() == text == (tmp_path / name).read_text()


def test_links_lead_to_the_console_that_was_named(tmp_path: Path) -> None:
    """`--console` is where links lead; what is no web address is refused."""
    main(["--output", str(tmp_path), "--console", "https://logs.example/"])

    board = json.loads((tmp_path / "botlogs-conversation.json").read_text())
    assert next(v["query"] for v in board["templating"]["list"] if v["name"] == "console") == "https://logs.example"
    with pytest.raises(SystemExit):
        main(["--output", str(tmp_path), "--console", "javascript:alert(1)"])


def _boards() -> list[Any]:
    return [pytest.param(json.loads(text), id=name) for name, text in files().items()]


@pytest.mark.parametrize("board", _boards())
def test_published_model_of_grafana_reads_all_of_a_dashboard(board: dict[str, Any]) -> None:
    """Grafana's own model of a dashboard knows every field that is written: none is lost on the way through it."""
    assert _lost(board) == []


def test_published_model_drops_a_field_that_it_does_not_know() -> None:
    """The check above can fail: misspelt fields are seen."""
    board = dashboards()[0].json()
    misspelt = {**board, "timeZone": "utc", "panels": [{**cast("Any", board["panels"])[1], "girdPos": {}}]}

    assert _lost(misspelt) == ["timeZone", "panels[0].girdPos"]


def _lost(board: dict[str, Any]) -> list[str]:
    read = json.loads(JSONEncoder().encode(PublishedDashboard.from_json(board)))
    return list(_differences(board, read, ""))


def _differences(written: Any, read: Any, path: str) -> list[str]:
    if isinstance(written, dict) and isinstance(read, dict):
        missing = [f"{path}{name}" for name in written if name not in read]
        nested = [_differences(written[name], read[name], f"{path}{name}.") for name in written if name in read]
        return missing + [each for found in nested for each in found]
    if isinstance(written, list) and isinstance(read, list) and len(written) == len(read):
        pairs = enumerate(zip(written, read, strict=True))
        return [each for i, (a, b) in pairs for each in _differences(a, b, f"{path.rstrip('.')}[{i}].")]
    return [] if written == read else [path.rstrip(".")]


@pytest.mark.parametrize("board", _boards())
def test_dashboard_is_well_formed(board: dict[str, Any]) -> None:
    """Ids are unique, nothing overlaps or leaves the grid, and every data source is the variable's."""
    panels = board["panels"]

    assert re.fullmatch(r"[a-z-]{1,40}", board["uid"])
    assert len({panel["id"] for panel in panels}) == len(panels)
    cells = [cell for panel in panels for cell in _cells(panel["gridPos"])]
    assert len(set(cells)) == len(cells)
    assert all(0 <= x < 24 for x, _ in cells)
    named = [panel["datasource"] for panel in panels if panel["type"] != "row"]
    named += [target["datasource"] for panel in panels for target in panel.get("targets", ())]
    assert {source["uid"] for source in named} == {"${datasource}"}
    assert all(panel["description"] for panel in panels if panel["type"] != "row")
    known = {variable["name"] for variable in board["templating"]["list"]} | {"__data", "datasource"}
    assert set(re.findall(r"\$\{(\w+)", json.dumps(board))) <= known


def _cells(place: dict[str, int]) -> list[tuple[int, int]]:
    columns, rows = range(place["x"], place["x"] + place["w"]), range(place["y"], place["y"] + place["h"])
    return [(x, y) for x in columns for y in rows]


def test_provisioned_data_source_is_the_one_that_dashboards_choose() -> None:
    """The data source's uid is the variables' first choice, of the plugin's type, and keeps its secret outside."""
    (source,) = yaml.safe_load((PROVISIONING / "datasources" / "botlogs.yaml").read_text())["datasources"]
    (provider,) = yaml.safe_load((PROVISIONING / "dashboards" / "botlogs.yaml").read_text())["providers"]

    for board in dashboards():
        chosen = next(variable for variable in board.variables if variable["type"] == "datasource")
        assert (chosen["query"], cast("Any", chosen["current"])["value"]) == (source["type"], source["uid"])
    assert re.fullmatch(r"\$\{\w+\}", source["secureJsonData"]["password"])
    assert provider["type"] == "file"
