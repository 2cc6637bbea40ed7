"""What happened in a readable conversation: log records, span events and unannounced spans as entries."""

from collections.abc import Callable
from dataclasses import replace

from botlogs_collector.errors import InvalidRequest
from botlogs_collector.model.reading import (
    END,
    START,
    ConversationRef,
    Entry,
    EntryPosition,
    EntryQuery,
    EntrySource,
)
from botlogs_collector.store.asking import ask
from botlogs_collector.store.client import Database
from botlogs_collector.store.entry_rows import ENTRY_OF, EVENT_RANK, SPAN_RANK
from botlogs_collector.store.small import small_entries

_MAX_KEY = 2**64 - 1
_EVER = 2**63 - 1
_DAY_NS = 86_400 * 10**9


class Entries:
    """See `ports.EntryReader`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def entries(self, ref: ConversationRef, source: EntrySource, wanted: EntryQuery) -> list[Entry]:
        """See `ports.EntryReader`."""
        if source == "span" and wanted.kinds and "span" not in wanted.kinds:
            return []
        if source == "event" and not ref.span_events:
            return []
        if source == "span" and wanted.time_from == wanted.time_to:
            return self._spans_at(ref, wanted)
        return self._ask(ref, source, wanted)

    def _ask(self, ref: ConversationRef, source: EntrySource, wanted: EntryQuery) -> list[Entry]:
        if (found := small_entries(self._database, ref, arrival(ref), source, wanted)) is not None:
            return found
        parameters = {**arrival(ref), **_narrowed(source, wanted), "limit": wanted.limit}
        return [ENTRY_OF[source](row) for row in ask(self._database, f"{source}_entries", **parameters)]

    def _spans_at(self, ref: ConversationRef, wanted: EntryQuery) -> list[Entry]:
        """Return the unannounced spans that began at an instant: mostly none, so that two small questions do."""
        spans = self._ask(ref, "span", replace(wanted, with_announced=True))
        if not spans:
            return []
        if len(spans) >= wanted.limit:
            return self._ask(ref, "span", wanted)
        rows = ask(self._database, "announced_spans", **arrival(ref), span_ids=[span.span_id for span in spans])
        announced = {row["SpanId"] for row in rows}
        return [span for span in spans if span.span_id not in announced]

    def count(self, ref: ConversationRef, wanted: EntryQuery) -> int:
        """See `ports.EntryReader`."""
        return int(ask(self._database, "log_count", **arrival(ref), **_of_log(wanted))[0]["Records"])

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


def _narrowed(source: EntrySource, wanted: EntryQuery) -> dict[str, object]:
    """Return the parameters of *wanted* that narrow; each brings its lines into the question."""
    order = "by_visible" if wanted.by_visible else "newest_first" if wanted.newest_first else "by_time"
    given: dict[str, object] = {order: 1, **_of_log(wanted)} if source == "log" else {order: 1}
    if wanted.keys is None:
        given["whole"] = 1
    else:
        given |= {"keys": sorted(wanted.keys), "max_text": wanted.max_text}
    given |= _bounds(wanted)
    if wanted.span_ids:
        given["span_ids"] = list(wanted.span_ids)
    if wanted.kinds and source == "event":
        given["kinds"] = list(wanted.kinds)
    if source == "span" and not wanted.with_announced:
        given["unannounced"] = 1
    if wanted.text:
        given["text"] = wanted.text
    if wanted.after != START:
        given |= _AFTER[source](wanted.after)
    if wanted.before != END:
        given |= _BEFORE[source](wanted.before)
    return given


def _of_log(wanted: EntryQuery) -> dict[str, object]:
    """Return what of *wanted* narrows log records, to count them too."""
    given: dict[str, object] = {"kinds": list(wanted.kinds)} if wanted.kinds else {}
    return given | ({"variable": wanted.variable} if wanted.variable else {})


def _bounds(wanted: EntryQuery) -> dict[str, object]:
    bounds = {
        "time_from": (wanted.time_from, 0),
        "time_to": (wanted.time_to, _EVER),
        "visible_after": (wanted.visible_after, 0),
        "visible_until": (wanted.visible_until, _EVER),
    }
    return {name: value for name, (value, unbounded) in bounds.items() if value != unbounded}


# Entries are sorted by time, rank and item id; an item id is a letter for its source ("e" < "l" < "s") and a key.
def _after_log(after: EntryPosition) -> dict[str, object]:
    time, rank, item_id = after.time_unix_nano, min(after.rank, 1000), after.item_id
    key = 0
    if item_id.startswith("l"):
        key = _key(item_id) + 1
    elif item_id > "l":
        rank += 1
    if key > _MAX_KEY:
        rank, key = rank + 1, 0
    return {"after_time": time, "after_rank": rank, "after_key": key}


def _after_event(after: EntryPosition) -> dict[str, object]:
    time, rank, item_id = after
    is_past = rank > EVENT_RANK or (rank == EVENT_RANK and item_id > "f")
    key = _key(item_id) + 1 if rank == EVENT_RANK and item_id.startswith("e") else 0
    if is_past or key > _MAX_KEY:
        time, key = min(time + 1, _EVER), 0
    return {"after_time": time, "after_key": key}


def _after_span(after: EntryPosition) -> dict[str, object]:
    time, rank, item_id = after
    if rank == SPAN_RANK and item_id.startswith("s"):
        return {"after_time": time, "after_trace": item_id[1:33], "after_span": item_id[33:]}
    past = "g" if rank > SPAN_RANK else ""  # behind or before every hex digit
    return {"after_time": time, "after_trace": past, "after_span": ""}


def _before_log(before: EntryPosition) -> dict[str, object]:
    time, rank, item_id = before.time_unix_nano, min(before.rank, 1000), before.item_id
    key = _key(item_id) if item_id.startswith("l") else 0
    return {"before_time": time, "before_rank": rank + (item_id > "m"), "before_key": key}


def _before_event(before: EntryPosition) -> dict[str, object]:
    time, rank, item_id = before
    if rank > EVENT_RANK or (rank == EVENT_RANK and item_id > "f"):
        time = min(time + 1, _EVER)
    key = _key(item_id) if rank == EVENT_RANK and item_id.startswith("e") else 0
    return {"before_time": time, "before_key": key}


def _before_span(before: EntryPosition) -> dict[str, object]:
    return {name.replace("after", "before"): value for name, value in _after_span(before).items()}


def _key(item_id: str) -> int:
    try:
        return int(item_id[1:], 16)
    except ValueError:
        raise InvalidRequest("this cursor is not one of this query's; leave it out to start over") from None


_Narrowing = dict[EntrySource, Callable[[EntryPosition], dict[str, object]]]
_AFTER: _Narrowing = {"log": _after_log, "span": _after_span, "event": _after_event}
_BEFORE: _Narrowing = {"log": _before_log, "span": _before_span, "event": _before_event}
