"""What must be true of conversations whatever happened to the collector: one check for all bad days.

Nothing lost, nothing doubled (rows counted as they lie, before anything collapses), nothing half-released, nothing
readable before its time, and of every episode one receipt.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from botlogs_collector.store.client import Database
from tests.support.hold import World

_ROWS = """
SELECT ConversationId AS c, sum(table = 'traces') AS spans, sum(table = 'logs') AS records,
    sum(table = 'roots') AS roots, toUnixTimestamp64Nano(min(VisibleAt)) AS visible_from
FROM (
    SELECT ConversationId, VisibleAt, 'traces' AS table FROM botlogs.otel_traces
    UNION ALL SELECT ConversationId, VisibleAt, 'logs' FROM botlogs.otel_logs
    UNION ALL SELECT ConversationId, VisibleAt, 'roots' FROM botlogs.made_roots
)
WHERE ConversationId IN {ids:Array(String)} GROUP BY c
"""
_RECEIPTS = """
SELECT ConversationId AS c, Episode, toString(Status) AS status, Spans AS spans, LateRows AS late,
    toUnixTimestamp64Nano(AvailableAt) AS available, toUnixTimestamp64Nano(ReleasedAt) AS released
FROM botlogs.receipts FINAL WHERE ConversationId IN {ids:Array(String)} ORDER BY c, Episode
"""


_STATES = """
SELECT ConversationId AS c, State
FROM botlogs.conversation_state(now_ns = {now:Int64}, since = '1970-01-01', include_live = 0)
WHERE ConversationId IN {ids:Array(String)}
"""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What readers have of a conversation in the end, and its receipts: status, spans and late rows of each episode."""

    spans: int
    records: int
    receipts: tuple[tuple[str, int, int], ...]


def outcomes(database: Database, conversations: list[str]) -> dict[str, Outcome]:
    """Return how *conversations* stand; fail if a row, or a receipt, says that it was readable before its time."""
    rows = {row["c"]: row for row in database.rows(_ROWS, ids=conversations)}
    receipts = database.rows(_RECEIPTS, ids=conversations)
    assert len({(receipt["c"], receipt["Episode"]) for receipt in receipts}) == len(receipts), "a second receipt"
    found: dict[str, Outcome] = {}
    for conversation in conversations:
        row = rows.get(conversation, {"spans": 0, "records": 0, "roots": 0})
        mine = [receipt for receipt in receipts if receipt["c"] == conversation]
        assert [receipt["Episode"] for receipt in mine] == list(range(1, len(mine) + 1)), "an episode without receipt"
        kept = [receipt for receipt in mine if receipt["status"] != "dropped"]
        assert all(receipt["released"] >= receipt["available"] for receipt in kept), "released before its time"
        if row["spans"] or row["records"]:
            assert kept, f"{conversation} can be read and was dropped"
            assert row["visible_from"] >= kept[0]["available"], f"{conversation} was readable before its time"
        assert row["roots"] == bool(row["spans"]), "one root for a trace that has none"
        found[conversation] = Outcome(
            spans=row["spans"],
            records=row["records"],
            receipts=tuple((receipt["status"], receipt["spans"], receipt["late"]) for receipt in mine),
        )
    return found


def assert_none_is_half_open(world: World, before: Mapping[str, Outcome], after: Mapping[str, Outcome]) -> None:
    """Whatever is under way, the gate shows a conversation as it was or as it will be, or not at all."""
    rows = {row["c"]: row for row in world.database.rows(_ROWS, ids=list(after))}
    states = world.database.rows(_STATES, now=world.clock.now_ns(), ids=list(after))
    readable = {row["c"] for row in states if row["State"] in ("released", "restored")}
    for conversation, outcome in after.items():
        if conversation not in readable:
            continue
        seen = (rows[conversation]["spans"], rows[conversation]["records"])
        earlier = before[conversation]
        assert seen in {(earlier.spans, earlier.records), (outcome.spans, outcome.records)}
