"""Millions of released and live conversations in a store, made by the engine itself.

A first part of them goes the way of all rows, through the landing tables and their views; the rest are copies of
what became of it, row by row in the tables' own columns, each of another conversation and an earlier time. A copy
costs a fifth of an arrival and cannot differ from one (tests/unit/bench/test_released_store.py).
"""

import dataclasses
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from botlogs_collector.store.client import Database

SPANS_A_CONVERSATION = 20
LOGS_A_CONVERSATION = 30
_DAY = 86_400 * 10**9
_ORIGINALS = 50_000  # conversations that arrive; the rest are copies
_BATCH = 50_000  # conversations an INSERT
_WRITERS = 2
_MERGED_S = 60.0
_INSERT = {
    "max_partitions_per_insert_block": 1000,
    "min_insert_block_size_rows": 262_144,
    "min_insert_block_size_bytes": 0,
    "optimize_on_insert": 0,  # there is nothing to collapse, and looking for it is half of the cost
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """How many conversations there are, and when: number n of them, from 0, is `conv-n`, the last one the newest."""

    conversations: int
    newest_ns: int
    days: int = 30
    originals: int = _ORIGINALS

    @property
    def step_ns(self) -> int:
        """Return the time from one beginning to the next."""
        return self.days * _DAY // self.conversations

    @property
    def spans(self) -> int:
        """Return how many spans that is."""
        return self.conversations * SPANS_A_CONVERSATION

    def began_ns(self, number: int) -> int:
        """Return when a conversation began."""
        return self.newest_ns - self.step_ns * (self.conversations - number)

    def fill(self, database: Database) -> None:
        """Put all of them into *database*, half of them sandbox, half production and released."""
        first = max(0, self.conversations - self.originals)
        dataclasses.replace(self, originals=self.conversations)._arrive(database, first)
        copies = range(1, -(-self.conversations // self.originals))
        jobs = [(table, copy) for copy in copies for table in _COPIED]
        with ThreadPoolExecutor(_WRITERS) as writers:
            for done in [writers.submit(self._copy, database, table, first, copy) for table, copy in jobs]:
                done.result()
        _await_merges(database)

    def _arrive(self, database: Database, first: int) -> None:
        # Released data is made by routing production straight to the readers, then telling its state as released.
        for begin in range(first, self.conversations, _BATCH):
            count = min(_BATCH, self.conversations - begin)
            bounds = {"first": begin, "count": count, "all": self.conversations}
            for table, entries in (("otel_traces", SPANS_A_CONVERSATION), ("otel_logs", LOGS_A_CONVERSATION)):
                database.command(
                    _ARRIVING[table], _INSERT, **bounds, entries=entries, newest=self.newest_ns, step=self.step_ns
                )
        for table in ("otel_traces", "otel_logs"):
            database.command(f"INSERT INTO botlogs.{table} SELECT * FROM botlogs_held.{table}", _INSERT)
            database.command(f"TRUNCATE TABLE botlogs_held.{table}")
        database.command(_RECEIPTS)

    def _copy(self, database: Database, table: str, first: int, copy: int) -> None:
        """Put copies of the originals, which begin with number *first*, before them: *copy* times as far."""
        back = copy * self.originals
        database.command(
            _copying(table), _INSERT, copy=copy, back=back, back_ns=back * self.step_ns,
            first=first, since_ns=self.began_ns(first),
        )  # fmt: skip


def _await_merges(database: Database) -> None:
    """Let what is being merged end: it is not what readers wait for."""
    deadline = time.monotonic() + _MERGED_S
    while database.rows("SELECT count() AS n FROM system.merges")[0]["n"] and time.monotonic() < deadline:
        time.sleep(0.5)


_NAMES = """
    'gen_ai.conversation.id', concat('conv-', toString(c)), 'bot.id', concat('bot-', toString(c % 7)),
    'bot.channel', 'web', 'user.id', toString(c % 1000)"""
_NODE = """
    'bot.turn.index', toString(intDiv(k, 5) + 1), 'bot.flow.id', concat('flow-', toString(c % 5)),
    'bot.flow.version', 'v1', 'bot.node.id', concat('n-', toString(node)), 'bot.node.name', 'Ask',
    'bot.node.type', 'prompt'"""
_ROWS = """
    SELECT intDiv(number, {entries:UInt64}) + {first:UInt64} AS c, number % {entries:UInt64} AS k,
        lower(hex(sipHash128(c))) AS trace,
        fromUnixTimestamp64Nano(toInt64({newest:Int64} - {step:Int64} * ({all:UInt64} - c))) AS began,
        map('service.name', 'shop', 'deployment.environment.name', if(c % 2 = 0, 'sandbox', 'production')) AS resource
    FROM numbers({count:UInt64} * {entries:UInt64})"""
_ARRIVING = {
    "otel_traces": f"""
        INSERT INTO botlogs_ingest.otel_traces (Timestamp, TraceId, SpanId, ParentSpanId, SpanName, SpanKind,
            ServiceName, ResourceAttributes, ScopeName, SpanAttributes, Duration, StatusCode, ReceivedAt)
        SELECT began + toIntervalSecond(k), trace, lower(hex(sipHash64(c, k))),
            if(k = 0, '', lower(hex(sipHash64(c, 0)))), multiIf(k = 0, 'conversation', k % 5 = 1, 'turn', 'Ask'),
            'Internal', 'shop', resource, 'otel_botlogs',
            if(k = 0 OR k % 5 = 1, map({_NAMES}), map({_NAMES}, {_NODE}, 'bot.node.outcome', 'completed')),
            900000000, if(c % 10 = 1 AND k = 7, 'Error', 'Unset'), began + toIntervalSecond(k)
        FROM (SELECT *, k AS node FROM ({_ROWS}))""",
    "otel_logs": f"""
        INSERT INTO botlogs_ingest.otel_logs (Timestamp, TraceId, SpanId, SeverityText, SeverityNumber, ServiceName,
            Body, ResourceAttributes, ScopeName, LogAttributes, EventName, ReceivedAt)
        SELECT began + toIntervalMillisecond(intDiv(k, 2) * 1000 + if(k % 2 = 0, 0, 500)), trace,
            lower(hex(sipHash64(c, node))), 'INFO', 9, 'shop',
            if(node % 5 = 1, concat('where is my order ', toString(c * 7919)), ''), resource, 'otel_botlogs',
            if(node % 5 = 1, map({_NAMES}), map({_NAMES}, {_NODE})),
            multiIf(node % 5 = 1, 'bot.message.user', k % 2 = 0, 'bot.node.enter', 'bot.node.exit'),
            began + toIntervalSecond(intDiv(k, 2))
        FROM (SELECT *, intDiv(k, 2) AS node FROM ({_ROWS}))""",
}
_RECEIPTS = """
    INSERT INTO botlogs.receipts (ConversationKey, Episode, Status, ConversationId, TraceIds, BotId, Environment,
        StartedAt, LastTimestamp, EndedAt, EndRule, AvailableAt, ReleasedAt, Watermark, Decision, DecidedBy, Votes,
        Spans, LogEvents, Weight, Complete, DecidedAt, Version)
    SELECT ConversationKey, 1, 'released', ConversationId, TraceIds, BotId, Environment, FirstTimestamp, LastTimestamp,
        LastReceivedAt, 'idle', LastReceivedAt, LastReceivedAt, LastReceivedAt + 1, 'keep', 'default', '[]', Spans,
        LogEvents, 1, true, LastReceivedAt, 1
    FROM botlogs.conversation_state(now_ns = 4000000000000000000, since = '1970-01-01', include_live = 0)"""

# What a copy changes of a row. Traces keep their first digits, and so rows their order: nothing needs sorting.
_TRACE = "concat(substring({}, 1, 28), leftPad(lower(hex(toUInt16({{copy:UInt16}}))), 4, '0'))"
_NAME = "concat('conv-', toString(toInt64(substring(row.ConversationId, 6)) - {back:Int64}))"
_ID = "map(CAST('gen_ai.conversation.id', 'LowCardinality(String)'), " + _NAME + ")"
_ORIGINAL = "toInt64(substring(row.ConversationId, 6)) >= greatest({first:Int64}, {back:Int64})"
_MOVED = {
    "otel_traces": ("Timestamp", "ReceivedAt", "VisibleAt"),
    "otel_logs": ("Timestamp", "ObservedTimestamp", "ReceivedAt", "VisibleAt"),
    "trace_state": ("FirstTimestamp", "LastTimestamp", "FirstReceivedAt", "LastReceivedAt", "EndReceivedAt"),
    "receipts": ("StartedAt", "LastTimestamp", "EndedAt", "AvailableAt", "ReleasedAt", "Watermark", "DecidedAt"),
}
_CHANGED = {
    "otel_traces": {"TraceId": _TRACE.format("row.TraceId"), "SpanAttributes": f"mapUpdate(row.SpanAttributes, {_ID})"},
    "otel_logs": {"TraceId": _TRACE.format("row.TraceId"), "LogAttributes": f"mapUpdate(row.LogAttributes, {_ID})"},
    "trace_state": {
        "TraceId": _TRACE.format("row.TraceId"),
        "Day": "toDate(subtractNanoseconds(row.FirstReceivedAt, {back_ns:Int64}))",
    },
    "receipts": {
        "TraceIds": f"arrayMap(trace -> {_TRACE.format('trace')}, row.TraceIds)",
        "ConversationKey": f"lower(hex(sipHash128(toString(row.Environment), toString(row.BotId), {_NAME})))",
    },
}
# 1970 says "never", and stays so.
_EARLIER = "if(toUnixTimestamp64Nano(row.{0}) = 0, row.{0}, subtractNanoseconds(row.{0}, {{back_ns:Int64}}))"
_COPIED = tuple(_MOVED)
_WHEN = {
    "otel_traces": "ReceivedAt",
    "otel_logs": "ReceivedAt",
    "trace_state": "FirstReceivedAt",
    "receipts": "StartedAt",
}


def _copying(table: str) -> str:
    changed = {"ConversationId": _NAME, **_CHANGED[table]}
    changed |= {column: _EARLIER.format(column) for column in _MOVED[table]}
    replaced = ", ".join(f"{expression} AS {column}" for column, expression in changed.items())
    columns = f"row.* REPLACE ({replaced})"
    arrived = (
        f"row.{_WHEN[table]} >= fromUnixTimestamp64Nano({{since_ns:Int64}})"  # earlier partitions are not looked at
    )
    return f"INSERT INTO botlogs.{table} SELECT {columns} FROM botlogs.{table} AS row WHERE {arrived} AND {_ORIGINAL}"
