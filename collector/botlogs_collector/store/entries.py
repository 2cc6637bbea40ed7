"""What happened in a readable conversation: log records, span events and unannounced spans as entries."""

from botlogs_collector.model.reading import ConversationRef, Entry, EntryQuery, EntrySource
from botlogs_collector.otlp.values import typed_attributes, typed_value
from botlogs_collector.store.asking import ask
from botlogs_collector.store.client import Database, Row

_DAY_NS = 86_400 * 10**9
_SEVERITIES = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")


class Entries:
    """See `ports.EntryReader`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def entries(self, ref: ConversationRef, source: EntrySource, wanted: EntryQuery) -> list[Entry]:
        """See `ports.EntryReader`."""
        parameters: dict[str, object] = {
            **arrival(ref),
            "time_from": wanted.time_from,
            "time_to": wanted.time_to,
            "after_time": wanted.after.time_unix_nano,
            "after_rank": wanted.after.rank,
            "after_id": wanted.after.item_id,
            "span_ids": list(wanted.span_ids),
            "text": wanted.text,
            "keys": sorted(wanted.keys) if wanted.keys is not None else [],
            "max_text": wanted.max_text,
            "visible_after": wanted.visible_after,
            "visible_until": wanted.visible_until,
            "by_visible": int(wanted.by_visible),
            "limit": wanted.limit,
        }
        if source != "span":
            parameters["kinds"] = list(wanted.kinds)
        elif wanted.kinds and "span" not in wanted.kinds:
            return []
        return [_entry(row) for row in ask(self._database, f"{source}_entries", **parameters)]

    def nearest(self, ref: ConversationRef, at_unix_nano: int) -> int | None:
        """See `ports.EntryReader`."""
        row = ask(self._database, "nearest_times", traces=list(ref.trace_ids), at=at_unix_nano)[0]
        times = [time for time in (row["Earlier"], row["Later"]) if 0 < time < 2**63 - 1]
        return min(times, key=lambda time: abs(time - at_unix_nano), default=None)


def arrival(ref: ConversationRef) -> dict[str, object]:
    """Return the parameters that say where the rows of *ref* lie."""
    return {
        "traces": list(ref.trace_ids),
        "received_from": ref.first_received_unix_nano,
        "received_to": min(ref.last_received_unix_nano + _DAY_NS, 2**63 - 1),  # rows may have come since it was found
    }


def _entry(row: Row) -> Entry:
    number = int(row["SeverityNumber"])
    item_id = str(row["ItemId"])
    return Entry(
        time_unix_nano=row["Time"],
        rank=row["Rank"],
        item_id=item_id,
        kind=row["Kind"],
        severity=row["Severity"] or (_SEVERITIES[min((number - 1) // 4, 5)] if number else ""),
        severity_number=number,
        log_id="" if item_id.startswith("s") else item_id.removeprefix("l"),
        trace_id=row["TraceId"],
        span_id=row["SpanId"],
        flow_id=row["FlowId"],
        flow_version=row["FlowVersion"],
        node_id=row["NodeId"],
        node_name=row["NodeName"],
        node_type=row["NodeType"],
        turn_index=row["TurnIndex"] if row["TurnIndex"] >= 0 else None,
        body=typed_value(row["Text"], row["TextType"], nested=bool(row["TextNested"])),
        attributes=typed_attributes(row["Keys"], row["Values"], row["Types"], row["Nested"]),
        duration_ns=row["Duration"],
        status=row["Status"],
        service_name=row["ServiceName"],
        scope_name=row["ScopeName"],
        visible_unix_nano=row["Visible"],
    )
