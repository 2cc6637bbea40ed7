"""The totals of everything received: by hour and place in the flow, before sampling, each identity once."""

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from botlogs_collector.release.totals import ExactTotals
from botlogs_collector.release_ports import TotalsStore
from botlogs_collector.store.lease import SoleProcess
from botlogs_collector.store.totals import Totals
from tests.support.hold import HOUR, SECOND, World, add_spans, new_id
from tests.support.policies import policy_set

_HOLD_NS = 72 * HOUR
_HOUR_S = 3600


def _settler(world: World, store: TotalsStore | None = None) -> ExactTotals:
    totals = store or Totals(world.database, world.clock)
    return ExactTotals(totals, lease=SoleProcess(), clock=world.clock, hold_retention_ns=_HOLD_NS)


def _sums(world: World, bot: str) -> list[tuple[object, ...]]:
    """Return the totals of a bot: hour, flow, node, event name, spans, log events, errors."""
    rows = world.database.rows(
        "SELECT toUnixTimestamp(Hour) AS h, FlowId, NodeId, EventName, sum(Spans) AS s, sum(LogEvents) AS l,"
        " sum(Errors) AS e FROM botlogs.totals WHERE BotId = {b:String}"
        " GROUP BY h, FlowId, NodeId, EventName HAVING s != 0 OR l != 0"
        " ORDER BY h, EventName, NodeId",
        b=bot,
    )
    return [tuple(row.values()) for row in rows]


def _figures(world: World, bot: str) -> tuple[int, int]:
    """Return bytes and nanoseconds of a bot."""
    sql = "SELECT sum(Bytes) AS b, sum(Duration) AS d FROM botlogs.totals WHERE BotId = {b:String}"
    return tuple(world.database.rows(sql, b=bot)[0].values())  # pyright: ignore[reportReturnType]


def _request(world: World, bot: str, count: int, **options: object) -> bytes:
    request = ExportTraceServiceRequest()
    add_spans(request, new_id(), world.clock.now_ns(), count, bot=bot, **options)  # pyright: ignore[reportArgumentType]
    return request.SerializeToString()


@pytest.mark.parametrize("environment", ["production", "sandbox"], ids=["held", "live"])
def test_what_a_sender_repeats_counts_once(world: World, environment: str) -> None:
    """A request sent three times is in the totals of its hour once: spans, errors, time and bytes, by flow and node."""
    once, thrice = new_id("once"), new_id("thrice")
    place = {"environment": environment, "bot__flow__id": "order", "bot__node__id": "ask", "error": True}
    for bot, times in ((once, 1), (thrice, 3)):
        request = _request(world, bot, 5, **place)
        for _ in range(times):
            world.insert("traces", [request])
            world.clock.advance(1)
    hour_s = world.clock.now_ns() // SECOND // _HOUR_S * _HOUR_S
    on_arrival = _sums(world, thrice)

    world.clock.advance(2 * _HOUR_S)
    _settler(world).run_round()

    assert on_arrival == [(hour_s, "order", "ask", "", 15, 0, 15)]
    assert _sums(world, thrice) == _sums(world, once) == [(hour_s, "order", "ask", "", 5, 0, 5)]
    # Ids are of one length, so the same number of spans has the same number of bytes but for the bot's name.
    assert _figures(world, thrice)[1] == _figures(world, once)[1] == 5000
    assert _figures(world, thrice)[0] > 0


def test_log_events_that_come_twice_count_once_by_their_kind(world: World) -> None:
    """Log events are counted by kind, and one that was sent twice is one."""
    bot = new_id("bot")
    request = ExportLogsServiceRequest()
    for name in ("bot.fallback", "bot.fallback", "bot.handoff"):
        record = (
            request.resource_logs.add()
            .scope_logs.add()
            .log_records.add(trace_id=b"0123456789abcdef", time_unix_nano=world.clock.now_ns(), event_name=name)
        )
        record.body.string_value = new_id()
        record.attributes.add(key="bot.id").value.string_value = bot
    for _ in range(2):
        world.insert("logs", [request.SerializeToString()])

    world.clock.advance(2 * _HOUR_S)
    _settler(world).run_round()

    assert [row[3:6] for row in _sums(world, bot)] == [("bot.fallback", 0, 2), ("bot.handoff", 0, 1)]


def test_a_repetition_in_the_next_hour_counts_in_the_first(world: World) -> None:
    """Retried over a full hour, a span belongs to the hour in which it first came."""
    bot = new_id("bot")
    request = _request(world, bot, 2)
    world.insert("traces", [request])
    hour_s = world.clock.now_ns() // SECOND // _HOUR_S * _HOUR_S
    world.clock.advance(_HOUR_S)
    world.insert("traces", [request])
    settler = _settler(world)

    for _ in range(3):
        world.clock.advance(_HOUR_S)
        settler.run_round()

    assert _sums(world, bot) == [(hour_s, "", "", "", 2, 0, 0)]


def test_sampling_changes_no_total(world: World) -> None:
    """Dropped conversations are in the totals as they were received, before and after the decision."""
    world.policies = policy_set(
        "policies: [{name: none, type: probabilistic, probabilistic: {sampling_percentage: 0}}]"
    )
    bot = new_id("bot")
    world.insert("traces", [_request(world, bot, 4)])

    world.after(2 * _HOUR_S)
    _settler(world).run_round()

    assert world.database.rows(
        "SELECT DISTINCT Status FROM botlogs.receipts FINAL WHERE BotId = {b:String}", b=bot
    ) == [{"Status": "dropped"}]
    assert [row[4] for row in _sums(world, bot)] == [4]


class _Killed(Exception):
    pass


class _DiesBeforeItNotes(Totals):
    def settle(self, from_s: int, upto_s: int) -> None:
        self._database.run("totals_settle", from_s=from_s, upto_s=upto_s)
        raise _Killed


def test_settling_again_changes_nothing(world: World) -> None:
    """Killed after the correction and before it is noted, or asked again: the same totals."""
    bot = new_id("bot")
    request = _request(world, bot, 3)
    for _ in range(2):
        world.insert("traces", [request])
    world.clock.advance(2 * _HOUR_S)

    with pytest.raises(_Killed):
        _settler(world, _DiesBeforeItNotes(world.database, world.clock)).run_round()
    killed = _sums(world, bot)
    _settler(world).run_round()
    _settler(world).run_round()

    assert [row[4] for row in killed] == [3]
    assert _sums(world, bot) == killed


def test_an_hour_is_settled_once_it_is_over(world: World) -> None:
    """Not before ten minutes after it, and then once."""
    world.clock.advance(_HOUR_S - world.clock.now_ns() // SECOND % _HOUR_S)
    world.clock.advance(600)
    settler = _settler(world)
    settler.run_round()

    world.clock.advance(_HOUR_S - 1)
    early = settler.run_round()
    world.clock.advance(1)
    settled, again = settler.run_round(), settler.run_round()

    assert (early, settled, again) == (0, 2, 0)  # the one before is looked at once more


def test_hours_that_the_hold_has_lost_stay_as_they_were_counted(world: World) -> None:
    """A service that was off for longer than the hold lasts corrects nothing by rows that are gone."""
    bot = new_id("bot")
    request = _request(world, bot, 3)
    for _ in range(2):
        world.insert("traces", [request])
    world.clock.advance(73 * _HOUR_S)

    _settler(world).run_round()

    assert [row[4] for row in _sums(world, bot)] == [6]
