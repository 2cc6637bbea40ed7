"""Stores full of held conversations, filled inside the engine.

The first ones take the views that arriving spans take, the others are copies with other ids, which costs half as much.

`python -m tests.bench.held_store FOLDER CONVERSATIONS` fills a folder for `tests/bench/release.py`. The last 50,000
(half of fewer than 100,000) become due one after another, 200 a second from the time in FOLDER/now on; no other is due.
"""

import sys
import time
from pathlib import Path

from botlogs_collector.clock import ManualClock
from botlogs_collector.config.settings import Settings
from botlogs_collector.store.client import Database
from botlogs_collector.store.migrate import migrate

SPANS = 20  # a conversation
DUE_A_SECOND = 200
_CHUNK = 50_000  # conversations an INSERT
_S = 1_000_000_000
_DELAY_NS = 45 * 60 * _S  # silence and delay of the default configuration
_FILL = """
INSERT INTO botlogs_ingest.otel_traces
    (Timestamp, TraceId, SpanId, ParentSpanId, SpanName, SpanKind, ServiceName, ResourceAttributes, SpanAttributes,
     Duration, StatusCode, ReceivedAt)
SELECT
    fromUnixTimestamp64Nano({received:Int64} - 3600000000000 + (number % 20) * 1000000000) AS Timestamp,
    lower(hex(MD5(toString(intDiv(number, 20))))) AS TraceId,
    lower(hex(sipHash64(number))) AS SpanId,
    'aaaaaaaaaaaaaaaa', ['ask', 'answer', 'api', 'condition', 'end'][number % 5 + 1], 'Internal', 'support',
    map('service.name', 'support', 'deployment.environment.name', 'production'),
    map('gen_ai.conversation.id', concat('conv-', toString(intDiv(number, 20))), 'bot.id', 'support',
        'bot.flow.id', 'order_status', 'bot.node.id', concat('node-', toString(number % 12)), 'bot.node.type', 'prompt',
        'bot.turn.index', toString(intDiv(number % 20, 4)), 'http.request.method', 'GET',
        'note', substring(hex(sipHash128(number)), 1, 24)),
    1000000, if(number % 400 = 7, 'Error', 'Ok'), fromUnixTimestamp64Nano({received:Int64})
FROM numbers({count:UInt64})
"""
_OTHER_IDS = (
    "lower(hex(MD5(concat(TraceId, {n:String})))) AS TraceId, concat(ConversationId, '-', {n:String}) AS ConversationId"
)
_DUE_AT = "fromUnixTimestamp64Nano({first:Int64} + rowNumberInAllBlocks() * {step:Int64})"


def fill_due(database: Database, conversations: int, now_ns: int) -> None:
    """Put *conversations* into the hold, all of them due at *now_ns*."""
    received_ns = now_ns - 2 * _DELAY_NS
    database.command(_FILL, received=received_ns, count=conversations * SPANS)


def fill(database: Database, conversations: int, now_ns: int) -> None:
    """Put *conversations* into the hold: 50,000 of them become due one after another from *now_ns* on."""
    received_ns = now_ns - _DELAY_NS // 2
    database.command(_FILL, received=received_ns, count=min(_CHUNK, conversations // 2) * SPANS)
    for name, source in (("spans", "botlogs_held.otel_traces"), ("states", "botlogs.trace_state FINAL")):
        database.command(f"CREATE TABLE default.{name} ENGINE = MergeTree ORDER BY TraceId AS SELECT * FROM {source}")
    for number in range(1, max(conversations // _CHUNK, 2)):
        is_last = number >= conversations // _CHUNK - 1
        times = f", {_DUE_AT} AS LastReceivedAt, LastReceivedAt AS FirstReceivedAt" if is_last else ""
        for target, source, change in (
            ("botlogs_held.otel_traces", "spans", ""),
            ("botlogs.trace_state", "states", times),
        ):
            database.command(
                f"INSERT INTO {target} SELECT * REPLACE ({_OTHER_IDS}{change}) FROM default.{source}"
                " SETTINGS max_threads = 1",
                n=str(number), first=now_ns - _DELAY_NS, step=_S // DUE_A_SECOND,
            )  # fmt: skip
    for name in ("spans", "states"):
        database.command(f"DROP TABLE default.{name} SYNC")


def main(folder: str, conversations: str) -> None:
    """Fill the store of *folder*."""
    clock = ManualClock(time.time_ns() // _S * _S)
    database = Database(f"chdb://{folder}/store")
    migrate(database, Settings(), clock)
    fill(database, int(conversations), clock.now_ns())
    database.close()
    (Path(folder) / "now").write_text(str(clock.now_ns()))


if __name__ == "__main__":
    main(*sys.argv[1:])
