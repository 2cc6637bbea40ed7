"""What the dashboards' tests have in the store, and their queries asked as Grafana asks them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import pytest

from botlogs_dashboards.grafana.generate import dashboards
from botlogs_dashboards.grafana.model import Dashboard, Panel
from tests.support.grafana import expand
from tests.support.sender import SECOND, T0, Talk
from tests.support.store import Store, unique

HOUR_S = 3600
FROM_S, TO_S = T0 // SECOND - HOUR_S, T0 // SECOND + HOUR_S
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


def seeded_store(store: Store) -> Seeded:
    """Return a store with the three conversations sent, and two receipts."""
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
    _receipt(store, bot, whole.trace, "keep", "released", errors=0, complete=False)
    return Seeded(store, bot, whole.conversation_id, whole.trace)


def _receipt(
    store: Store, bot: str, trace: str, decision: str, status: str, *, errors: int, complete: bool = True
) -> None:
    seconds = T0 // SECOND
    row: dict[str, object] = {
        "ConversationKey": unique("key"), "Episode": 1, "Status": status, "ConversationId": unique(), "BotId": bot,
        "Environment": "production", "EnvironmentGiven": complete, "EndRule": "idle", "Decision": decision,
        "DecidedBy": "errors", "TraceIds": [trace], "Spans": 10, "Errors": errors, "Bytes": 1000,
        "Complete": complete, "LateRows": int(not complete),
    }  # fmt: skip
    times = {"StartedAt": 0, "EndedAt": 30, "AvailableAt": 40, "ReleasedAt": 43, "DecidedAt": 43}
    columns = [*row, *times]
    made = ", ".join(f"toDateTime64({seconds + after}, 9)" for after in times.values())
    given = ", ".join(_literal(value) for value in row.values())
    store.database.command(f"INSERT INTO botlogs.receipts ({', '.join(columns)}) SELECT {given}, {made}")


def _literal(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value)


def panels() -> list[tuple[Dashboard, Panel]]:
    """Return every panel with its dashboard."""
    return [(board, panel) for board in dashboards() for panel in board.panels if isinstance(panel, Panel)]


def panel_of(uid: str, title: str) -> Panel:
    """Return one panel."""
    return next(panel for board, panel in panels() if board.uid == uid and panel.title == title)


def named_panels() -> list[Any]:
    """Return every panel as a parameter of a test, named after its dashboard and title."""
    return [pytest.param(panel, id=f"{board.uid}-{panel.title}") for board, panel in panels()]


def named_queries() -> list[Any]:
    """Return every query of every panel as a parameter of a test."""
    return [
        pytest.param(query, id=f"{board.uid}-{panel.title}-{query.ref_id}")
        for board, panel in panels()
        for query in panel.queries
    ]
