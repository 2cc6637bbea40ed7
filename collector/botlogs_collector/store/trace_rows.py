"""What traces are and which conversations they belong to, from the rows of trace_state as they lie there.

The engine can put them together (sql/query/conversation_refs.sql) and is asked where this cannot tell; planning that
takes as long as all else.
"""

from collections.abc import Sequence

from botlogs_collector.store.asking import ask, ask_plain
from botlogs_collector.store.client import Database, Row

_MAX_TRACES = 100
_MAX_ROWS = 1000
_SUMS = ("NodeActions", "Spans", "LogEvents", "SpanEvents", "Bytes")


def refs_of(database: Database, traces: Sequence[str]) -> list[Row]:
    """Return one row of conversation_refs for each of *traces* that there is."""
    if len(traces) <= _MAX_TRACES:
        rows = ask_plain(database, "trace_rows", traces=list(traces), limit=_MAX_ROWS)
        by_trace: dict[str, list[Row]] = {}
        for row in rows:
            by_trace.setdefault(str(row["TraceId"]), []).append(row)
        refs = [ref for rows_of_one in by_trace.values() if (ref := _ref(rows_of_one)) is not None]
        if len(refs) == len(by_trace) and len(rows) < _MAX_ROWS:
            return refs
    return ask(database, "conversation_refs", traces=list(traces))


def _ref(rows: Sequence[Row]) -> Row | None:
    """Return what *rows* of one trace come to, None if they do not tell."""
    live = max(row["Live"] for row in rows)
    environments = {row["Environment"] for row in rows if row["Live"] == live}
    if len(environments) > 1:
        return None
    named = (environments.pop(), max(row["BotId"] for row in rows), max(row["ConversationId"] for row in rows))
    key = _key(rows, named) if named[2] else rows[0]["TraceId"]
    if key is None:
        return None
    return {
        "TraceId": rows[0]["TraceId"],
        "Live": live,
        "Environment": named[0],
        "BotId": named[1],
        "ConversationId": named[2],
        "Channel": max(row["Channel"] for row in rows),
        "ConversationKey": key,
        "FirstReceived": min(row["FirstReceived"] for row in rows),
        "LastReceived": max(row["LastReceived"] for row in rows),
        "EndReceived": max(row["EndReceived"] for row in rows),
        **{name: sum(row[name] for row in rows) for name in _SUMS},
    }


def _key(rows: Sequence[Row], named: tuple[str, str, str]) -> str | None:
    """Return the key of the conversation *named*, as a row that names just it tells it."""
    keys = (
        row["ConversationKey"] for row in rows if (row["Environment"], row["BotId"], row["ConversationId"]) == named
    )
    return next(keys, None)
