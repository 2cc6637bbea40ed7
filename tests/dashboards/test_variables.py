"""What a reader chooses at the top of a dashboard: it narrows what is shown, and no value leaves its string."""

import re
from typing import Any

import pytest

from botlogs_dashboards.grafana.generate import dashboards
from botlogs_dashboards.grafana.model import Query
from botlogs_dashboards.grafana.variables import ALL
from tests.support.grafana_data import Seeded, named_queries, panel_of, panels
from tests.support.sender import T0, Talk
from tests.support.store import Store, unique

_CHOSEN = re.compile(r"\$\{(\w+):percentencode\}")


def _uses() -> list[Any]:
    """Return every query with each variable that it names."""
    return [
        pytest.param(query, variable, id=f"{board.uid}-{panel.title}-{query.ref_id}-{variable}")
        for board, panel in panels()
        for query in panel.queries
        for variable in sorted(set(_CHOSEN.findall(query.sql)))
    ]


@pytest.mark.parametrize(("query", "variable"), _uses())
def test_each_variable_narrows_each_panel_that_names_it(query: Query, variable: str, seeded: Seeded) -> None:
    """A value that nothing has shows other figures than one that something has, whatever else is chosen."""
    chosen = seeded.ask(query.sql).rows
    nothing = seeded.ask(query.sql, {**seeded.values(), variable: unique("nobody")}).rows

    assert nothing != chosen


@pytest.mark.parametrize("board", dashboards(), ids=lambda board: board.uid)
def test_each_variable_of_a_dashboard_is_asked_by_a_panel(board: Any) -> None:
    """Nothing at the top of a dashboard is there for show."""
    asked = {
        name
        for owner, panel in panels()
        if owner.uid == board.uid
        for query in panel.queries
        for name in _CHOSEN.findall(query.sql)
    }

    chosen = {variable["name"] for variable in board.variables if variable["type"] in ("query", "textbox")}
    assert chosen <= asked


@pytest.mark.parametrize(
    ("variable", "values", "figures"),
    [
        ("environment", (["sandbox"], ["production"]), (2, 1)),
        ("bot", (["{bot}"], ["{bot}", "somebody-else"]), (3, 3)),
        ("flow", (["order"], [ALL]), (2, 3)),
        ("node", (["bye"], ["bye", "find"]), (1, 2)),
    ],
)
def test_choices_add_up(variable: str, values: tuple[list[str], ...], figures: tuple[int, ...], seeded: Seeded) -> None:
    """Conversations of one choice, and of another or of several: exactly those that it is about."""
    sql = panel_of("botlogs-overview", "Conversations").queries[0].sql

    counted = [
        seeded.ask(sql, {**seeded.of_all_flows(), variable: [each.format(bot=seeded.bot) for each in chosen]}).rows
        for chosen in values
    ]

    assert [rows[0]["conversations"] for rows in counted] == list(figures)


@pytest.mark.parametrize("query", named_queries())
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
    sql = panel_of("botlogs-overview", "Handoffs").queries[0].sql

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
