"""The views for people with a SQL prompt: one line answers what was logged when, and in which node."""

import datetime as dt

from tests.support.reading import NOW
from tests.support.sender import SECOND, T0, Talk
from tests.support.store import Store, unique


def _moment(seconds: float) -> str:
    moment = dt.datetime.fromtimestamp(T0 // SECOND, dt.UTC) + dt.timedelta(seconds=seconds)
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f") + "000"


def test_one_line_says_what_was_logged_then_and_in_which_node(store: Store) -> None:
    """log_at takes a conversation and an exact timestamp."""
    talk = Talk(unique())
    span = talk.node("ask", start=1, end=4)
    talk.log("bot.api", "called", at=2.5, span=span, bot__node__id="ask")
    talk.send(store, received_unix_nano=NOW, times=2)

    rows = store.database.rows(
        "SELECT Kind, Body, NodeId FROM botlogs.log_at(conversation = {c:String}, ts = {ts:String})",
        c=talk.conversation_id,
        ts=_moment(2.5),
    )

    assert [tuple(row.values()) for row in rows] == [("bot.api", "called", "ask")]


def test_one_line_says_which_node_was_at_work(store: Store) -> None:
    """node_at gives the innermost node, by conversation or by trace, one that still runs too."""
    talk = Talk(unique())
    talk.node("outer", start=1, end=9)
    talk.node("inner", start=2, end=4)
    talk.node("later", start=10, end=None)
    talk.send(store, received_unix_nano=NOW)

    sql = "SELECT NodeId, EndedAt IS NULL AS Runs FROM botlogs.node_at(conversation = {c:String}, ts = {ts:String})"
    found = [
        tuple(row.values())
        for name, at in ((talk.conversation_id, 3), (talk.conversation_id, 5), (talk.trace, 12), (talk.trace, 9.5))
        for row in store.database.rows(sql, c=name, ts=_moment(at))
    ]

    assert found == [("inner", 0), ("outer", 0), ("later", 1)]


def test_the_timeline_tells_each_thing_once(store: Store) -> None:
    """What was sent twice is one row; the plugin's spans are told by their events."""
    talk = Talk(unique())
    talk.node("ask", start=1, end=2)
    plain = Talk(talk.conversation_id, trace_id=talk.trace_id, scope="shop")
    plain.span("GET", start=1, end=2).events.add(name="retry", time_unix_nano=T0 + SECOND)
    for sender in (talk, plain):
        sender.send(store, received_unix_nano=NOW, times=2)

    rows = store.database.rows(
        "SELECT Kind FROM botlogs.timeline WHERE TraceId = {t:String} ORDER BY Kind", t=talk.trace
    )

    assert [row["Kind"] for row in rows] == ["bot.node.enter", "bot.node.exit", "retry", "span"]
