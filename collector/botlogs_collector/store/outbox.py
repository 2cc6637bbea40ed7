"""What is live or released as export requests, page by page (ports.Outbox): ClickHouse writes the OTLP bytes.

Two queries a page: where it ends, from the key columns alone, then everything up to there as Protobuf.
"""

import datetime as dt
import functools
from importlib.resources import files

from botlogs_collector.clock import Clock
from botlogs_collector.model.forwarding import Cursor, ForwardFilter, Page, Position
from botlogs_collector.otlp.batches import pack
from botlogs_collector.otlp.scopes import content_of
from botlogs_collector.ports import Signal
from botlogs_collector.store import statements
from botlogs_collector.store.client import Database

# The members of AnyValue's oneof, written when not null (_pb/schema/forward_*.proto).
_ANY_VALUE = (
    "Tuple(string_value Nullable(String), bool_value Nullable(Bool), int_value Nullable(Int64), "
    "double_value Nullable(Float64), array_value Nullable(String), kvlist_value Nullable(String), "
    "bytes_value Nullable(String))"
)
# A nested value is kept as its AnyValue: behind one tag and a length of one to four bytes is its content.
_CONTENT = (
    "substring(original, multiIf(length(original) < 130, 3, length(original) < 16387, 4, length(original) < 2097156, 5,"
    " 6))"
)
# What the statements of both signals share: an attribute as a KeyValue, a time; and which rows a window has.
_LAMBDAS = f"""
    (key, text, type, original) -> (key, (
        if(type = 1 AND original = '', text, NULL),
        if(type = 2, text = 'true', NULL),
        if(type = 3, toInt64OrNull(text), NULL),
        if(type = 4, toFloat64OrNull(text), NULL),
        if(startsWith(original, '*'), {_CONTENT}, NULL),
        if(startsWith(original, '2'), {_CONTENT}, NULL),
        if(type = 7, base64Decode(text), NULL))) AS pair,
    (map, types, originals) -> arrayMap(pair, mapKeys(map), mapValues(map),
        arrayResize(types::Array(Int8), length(map), 1), arrayResize(originals, length(map))) AS pairs,
    time -> toUInt64(greatest(toUnixTimestamp64Nano(time), 0)) AS nanos"""
_WINDOW = """VisibleAt > fromUnixTimestamp64Nano({from_ns:Int64})
    AND VisibleAt <= fromUnixTimestamp64Nano({upto_ns:Int64})
    AND toDate(ReceivedAt) >= {since:Date}
    AND Environment IN {environments:Array(String)} -- if environments
    AND BotId IN {bots:Array(String)} -- if bots
    AND EventName IN {events:Array(String)} -- if events
    AND TraceId >= {after_trace:String} -- if after_trace
    AND {key} > ({after_trace:String}, fromUnixTimestamp64Nano({after_ns:Int64}), {after_id:{id}}) -- if after_trace"""
_KEYS: dict[Signal, tuple[str, str]] = {
    "traces": ("(TraceId, Timestamp, SpanId)", "String"),
    "logs": ("(TraceId, Timestamp, LogId)", "UInt64"),
}
_MESSAGES = {"traces": "ResourceSpans", "logs": "ResourceLogs"}
_COLUMNS = (
    "Endpoint",
    "Signal",
    "FromAt",
    "UptoAt",
    "InWindow",
    "AfterTraceId",
    "AfterTimestamp",
    "AfterId",
    "Version",
)
# Of what a page's rows take in the store: bounds the memory of one page, in the engine and here.
_MAX_PAGE_BYTES = 16 * 1024 * 1024
# Rows of one group, so that requests can be packed without parsing one.
_CHUNK = 500
_DAY_NS = 86_400_000_000_000
_MAX_NS = 2**63 - 1


class Outbox:
    """The public tables, seen by what is forwarded."""

    def __init__(self, database: Database, clock: Clock, hold_retention_ns: int) -> None:
        self._database = database
        self._clock = clock
        self._hold_retention_ns = hold_retention_ns

    def cursor(self, endpoint: str, signal: Signal) -> Cursor | None:
        """See `ports.Outbox`."""
        rows = self._database.query("forward_cursor", endpoint=endpoint, signal=signal)
        if not rows:
            return None
        (row,) = rows
        position = Position(trace_id=row["AfterTraceId"], time_unix_nano=row["AfterNs"], item_id=row["AfterId"])
        return Cursor(
            from_unix_nano=row["FromNs"],
            upto_unix_nano=row["UptoNs"],
            position=position if row["InWindow"] else None,
        )

    def save(self, endpoint: str, signal: Signal, cursor: Cursor) -> None:
        """See `ports.Outbox`."""
        at = cursor.position
        row = (
            endpoint, signal, cursor.from_unix_nano, cursor.upto_unix_nano, at is not None, at.trace_id if at else "",
            at.time_unix_nano if at else 0, at.item_id if at else "", self._clock.now_ns(),
        )  # fmt: skip
        self._database.insert("botlogs.forward_cursors", [row], _COLUMNS)

    def oldest_unfinished_unix_nano(self) -> int | None:
        """See `ports.Outbox`."""
        rows = self._database.query("forward_unfinished")
        return rows[0]["Visible"] if rows else None

    def page(
        self, signal: Signal, cursor: Cursor, wanted: ForwardFilter, *, max_items: int, max_request_bytes: int
    ) -> Page:
        """See `ports.Outbox`."""
        asked = self._window(signal, cursor, wanted)
        given = frozenset(asked)
        bound_sql = _sql("forward_bound", signal, given)
        bounds = self._database.rows(bound_sql, **asked, max_items=max_items, max_bytes=_MAX_PAGE_BYTES)
        if not bounds:
            return Page(requests=(), items=0, cursor=cursor.done())
        (bound,) = bounds
        last = Position(trace_id=bound["TraceId"], time_unix_nano=bound["Time"], item_id=bound["Id"])
        kinds = {"weighted" if bound.get("Weighted") else "plain", "made" if bound.get("Made") else "unmade"}
        sql = _sql("forward", signal, given | kinds)
        upto = {"last_trace": last.trace_id, "last_ns": last.time_unix_nano, "last_id": _id(signal, last)}
        body = self._database.raw(
            sql, "ProtobufList", self._schema(signal), **asked, **upto, chunk=min(_CHUNK, max_items)
        )
        requests = tuple(pack(signal, content_of(body), max_request_bytes))
        after = Cursor(from_unix_nano=cursor.from_unix_nano, upto_unix_nano=cursor.upto_unix_nano, position=last)
        return Page(requests=requests, items=bound["Items"], cursor=after)

    def _window(self, signal: Signal, cursor: Cursor, wanted: ForwardFilter) -> dict[str, object]:
        """Return the parameters that both queries of a page share; those that do not apply are left out."""
        # A row is released within the hold's retention, and its partition is the day of its arrival.
        since_ns = max(0, cursor.from_unix_nano - self._hold_retention_ns - _DAY_NS)
        asked: dict[str, object] = {
            "from_ns": cursor.from_unix_nano,
            "upto_ns": min(cursor.upto_unix_nano, _MAX_NS),
            "since": dt.datetime.fromtimestamp(since_ns // 1_000_000_000, dt.UTC).date(),
        }
        if cursor.position is not None:
            at = cursor.position
            asked |= {"after_trace": at.trace_id, "after_ns": at.time_unix_nano, "after_id": _id(signal, at)}
        names = {"environments": wanted.environments, "bots": wanted.bots, "events": wanted.events}
        if signal == "traces":
            del names["events"]
        return asked | {name: list(values) for name, values in names.items() if values}

    def _schema(self, signal: Signal) -> dict[str, object]:
        path = files("botlogs_collector._pb") / "schema" / f"forward_{signal}.proto"
        if self._database.is_embedded:
            return {"format_schema": f"{path}:{_MESSAGES[signal]}"}
        return {
            "format_schema_source": "string",
            "format_schema": path.read_text(encoding="utf-8"),
            "format_schema_message_name": _MESSAGES[signal],
        }


@functools.cache
def _sql(name: str, signal: Signal, given: frozenset[str]) -> str:
    """Return the statement of a signal, with those conditions of the window that are *given*."""
    key, id_type = _KEYS[signal]
    window = _WINDOW.replace("{key}", key).replace("{id}", id_type)
    text = statements.asked(statements.query(f"{name}_{signal}").replace("{window}", window), given)
    for fragment, meaning in (
        ("{lambdas}", _LAMBDAS),
        ("{key_values}", f"Array(Tuple(key String, value {_ANY_VALUE}))"),
        ("{any_value}", _ANY_VALUE),
    ):
        text = text.replace(fragment, meaning)
    return text


def _id(signal: Signal, position: Position) -> object:
    """Spans have theirs as text, log records as a number."""
    return position.item_id if signal == "traces" else int(position.item_id)
