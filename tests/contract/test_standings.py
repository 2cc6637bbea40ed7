"""How conversations stand is told in Python for lists and in SQL for dashboards: both say the same."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from botlogs_collector.store.standings import Standings
from tests.support.store import Store, unique

_S = 10**9
_NOW = 1_790_000_000 * _S
_STATUSES = ("releasing", "released", "dropped", "restoring", "restored")
_ENVIRONMENTS = ("sandbox", "production", "elsewhere", "")


def _tell(store: Store, chance: random.Random, name: str, count: int) -> list[str]:
    """Write *count* conversations, of one or two traces, at random around the moment; return their traces."""
    traces: list[str] = []
    for number in range(count):
        bot, conversation = unique("bot"), chance.choice(["", f"{name}-{number}"])
        environment, is_live = chance.choice(_ENVIRONMENTS), chance.random() < 0.3
        for _ in range(chance.choice([1, 1, 2])):
            trace = f"{chance.getrandbits(128):032x}"
            traces.append(trace)
            last = _NOW - chance.choice([0, 5, 31, 1000, 1801, 2000, 90_000]) * _S
            first, end = (
                last - chance.choice([0, 60, 90_000]) * _S,
                chance.choice([0, last, last - 20 * _S, last - 40 * _S]),
            )
            store.database.command(
                "INSERT INTO botlogs.trace_state (Day, TraceId, Live, Environment, BotId, Channel, ConversationId,"
                " FirstReceivedAt, LastReceivedAt, EndReceivedAt) SELECT toDate(fromUnixTimestamp64Nano({last:Int64})),"
                " {trace:String}, {live:UInt8}, {environment:String}, {bot:String}, {channel:String},"
                " {conversation:String}, fromUnixTimestamp64Nano({first:Int64}), fromUnixTimestamp64Nano({last:Int64}),"
                " fromUnixTimestamp64Nano({end:Int64})",
                trace=trace, live=int(is_live), environment=environment, bot=bot, channel=chance.choice(["web", ""]),
                conversation=conversation, first=first, last=last, end=end,
            )  # fmt: skip
    return traces


def _decide(store: Store, chance: random.Random, key: str, last: int) -> None:
    """Write receipts of one or two episodes, one of them in two versions."""
    for episode in range(1, chance.choice([2, 3])):
        for version in range(1, chance.choice([2, 3])):
            store.database.command(
                "INSERT INTO botlogs.receipts (ConversationKey, Episode, Status, StartedAt, EndedAt, EndRule,"
                " AvailableAt, Watermark, DecidedBy, DecidedAt, Version) SELECT {key:String}, {episode:UInt32},"
                " {status:String}, fromUnixTimestamp64Nano({at:Int64}), fromUnixTimestamp64Nano({at:Int64}), 'idle',"
                " fromUnixTimestamp64Nano({at:Int64}) + 900, fromUnixTimestamp64Nano({mark:Int64}), 'p', now64(9),"
                " {version:UInt64}",
                key=key, episode=episode, status=chance.choice(_STATUSES), at=last - 7 * _S,
                mark=last + chance.choice([-1, 0, 1, -50_000]) * _S, version=version,
            )  # fmt: skip


@settings(max_examples=4)
@given(seed=st.integers(0, 2**32))
def test_python_and_sql_tell_the_same(store: Store, seed: int) -> None:
    """State, end, rule, availability and who decided: of live, held, settled, late and aged conversations."""
    chance = random.Random(seed)
    traces = _tell(store, chance, unique(), 12)
    rows = store.database.query("conversations_of", traces=traces)
    for row in rows:
        if not row["Live"] and chance.random() < 0.6:
            _decide(store, chance, row["ConversationKey"], row["LastReceived"])

    told = dict(zip((row["ConversationKey"] for row in rows), Standings(store.database).of(rows, _NOW), strict=True))
    view = store.database.rows(
        "SELECT * FROM botlogs.conversation_state_of(now_ns = {now:Int64}, since = toDate('1970-01-01'),"
        " include_live = 1, traces = {traces:Array(String)}, keys = {keys:Array(String)})",
        now=_NOW, traces=traces, keys=[row["ConversationKey"] for row in rows],
    )  # fmt: skip

    assert {
        row["ConversationKey"]: (
            row["State"], row["EndedUnixNano"], row["EndRule"], row["AvailableUnixNano"], row["ReceiptDecidedBy"]
        )
        for row in view
    } == {
        key: (
            stands.state, stands.ended_unix_nano or 0, stands.end_rule or "", stands.available_unix_nano or 0,
            stands.decided_by,
        )
        for key, stands in told.items()
    }  # fmt: skip
