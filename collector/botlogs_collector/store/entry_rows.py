"""Rows of log records, spans and span events as timeline entries."""

from collections.abc import Callable

from botlogs_collector.model.reading import Entry, EntrySource
from botlogs_collector.otlp.values import typed_attributes, typed_value
from botlogs_collector.store.client import Row

SPAN_RANK = 15  # as an enter event, which it stands for
EVENT_RANK = 20
_SEVERITIES = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")


def _log(row: Row) -> Entry:
    number = int(row["SeverityNumber"])
    key = f"{row['Id']:016x}"
    return _entry(
        row,
        rank=row["Rank"],
        item_id=f"l{key}",
        log_id=key,
        kind=row["Kind"] or "log",
        severity=row["Severity"] or (_SEVERITIES[min((number - 1) // 4, 5)] if number else ""),
        severity_number=number,
        body=typed_value(row["Text"], row.get("TextType", ""), nested=bool(row.get("TextNested", False))),
    )


def _span(row: Row) -> Entry:
    failed = row["StatusCode"] in ("Error", "STATUS_CODE_ERROR")
    return _entry(
        row,
        rank=SPAN_RANK,
        item_id=f"s{row['TraceId']}{row['SpanId']}",
        log_id="",
        kind="span",
        severity="ERROR" if failed else "INFO",
        severity_number=17 if failed else 9,
        body=row["Text"],
        duration_ns=row["Duration"],
        status=row["StatusMessage"] if failed and row["StatusMessage"] else row["StatusCode"],
    )


def _event(row: Row) -> Entry:
    failed = row["Kind"] == "exception"
    item_id = f"e{row['Id']:016x}"
    return _entry(
        row,
        rank=EVENT_RANK,
        item_id=item_id,
        log_id=item_id,
        kind=row["Kind"],
        severity="ERROR" if failed else "INFO",
        severity_number=17 if failed else 9,
        body=row["Attributes"].get("exception.message", ""),
    )


def _entry(
    row: Row,
    *,
    rank: int,
    item_id: str,
    log_id: str,
    kind: str,
    severity: str,
    severity_number: int,
    body: object,
    duration_ns: int = 0,
    status: str = "",
) -> Entry:
    attributes = row["Attributes"]
    return Entry(
        time_unix_nano=row["Time"],
        rank=rank,
        item_id=item_id,
        kind=kind,
        severity=severity,
        severity_number=severity_number,
        log_id=log_id,
        trace_id=row["TraceId"],
        span_id=row["SpanId"],
        flow_id=row["FlowId"],
        flow_version=row["FlowVersion"],
        node_id=row["NodeId"],
        node_name=row["NodeName"],
        node_type=row["NodeType"],
        turn_index=row["TurnIndex"] if row["TurnIndex"] >= 0 else None,
        body=body,
        attributes=typed_attributes(
            list(attributes), list(attributes.values()), row.get("Types", ()),
            [bool(original) for original in row.get("Originals", ())],
        ),
        duration_ns=duration_ns,
        status=status,
        service_name=row["ServiceName"],
        scope_name=row["ScopeName"],
        visible_unix_nano=row["Visible"],
    )  # fmt: skip


ENTRY_OF: dict[EntrySource, Callable[[Row], Entry]] = {"log": _log, "span": _span, "event": _event}
