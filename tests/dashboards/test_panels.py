"""The Grafana dashboards' panels: every query on the real engine, with the columns that each panel needs."""

import re
from collections.abc import Mapping

import pytest

from botlogs_dashboards.grafana.model import Panel, PanelType, Query
from tests.support.grafana_data import Seeded, named_panels, named_queries, panel_of

PUBLIC = {
    "otel_traces", "otel_logs", "conversations", "timeline", "receipts", "flows", "totals", "trace_state",
    "conversation_state",
}  # fmt: skip


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


@pytest.mark.parametrize("panel", named_panels())
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
    graph = {query.ref_id: seeded.ask(query.sql) for query in panel_of("botlogs-flow", "$flow").queries}

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
    frame = seeded.ask(panel_of("botlogs-overview", title).queries[0].sql, seeded.of_all_flows())

    assert [list(row.values()) for row in frame.rows] == [[expected]]


def test_collector_tells_what_sampling_cost_and_saved(seeded: Seeded) -> None:
    """Shares, bytes, lag and what was dropped with errors come from the receipts."""
    answers = {
        title: seeded.ask(panel_of("botlogs-collector", title).queries[0].sql).rows
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
    sql = panel_of("botlogs-overview", "Newest conversations").queries[0].sql
    held = next(row for row in seeded.ask(sql, seeded.of_all_flows()).rows if row["environment"] == "production")
    values = {**seeded.values(), "conversation": held["conversation"], "trace": held["id"]}

    shown = {
        title: seeded.ask(panel_of("botlogs-conversation", title).queries[0].sql, values).rows
        for title in ("State", "Nodes in order", "Logs", "Trace")
    }

    assert [row["errors"] for row in shown["State"]] == [1]
    assert shown["Nodes in order"] == shown["Logs"] == shown["Trace"] == []


@pytest.mark.parametrize("query", named_queries())
def test_queries_stay_on_public_tables(query: Query) -> None:
    """No dashboard reads what is held or on its way in."""
    assert set(re.findall(r"\bbotlogs\w*\.\w+", query.sql)) <= {f"botlogs.{name}" for name in PUBLIC}
