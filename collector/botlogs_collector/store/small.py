"""Small conversations: their rows are read as they lie, and put in order here.

Planning is most of what a question costs the engine: 3 ms of CPU of 8.5 went into sorting, cutting and ranking thirty
rows. What is read so is all there is or nothing: whoever asked gets no answer where there was more.
"""

from collections.abc import Mapping

from botlogs_collector.model.reading import END, SMALL_ROWS, START, ConversationRef, Entry, EntryQuery, EntrySource
from botlogs_collector.store.asking import ask_plain
from botlogs_collector.store.client import Database, Row
from botlogs_collector.store.entry_rows import ENTRY_OF

_EVER = 2**63 - 1
_OWN_SCOPE = "otel_botlogs"
# As in sql/query/log_entries.sql.
_RANKS = {
    "bot.conversation.start": 10,
    "bot.conversation.reopen": 11,
    "bot.message.user": 12,
    "bot.flow.definition": 13,
    "bot.flow.start": 14,
    "bot.node.enter": 15,
    "bot.node.exit": 30,
    "bot.node.transition": 31,
    "bot.flow.complete": 32,
    "bot.conversation.end": 40,
}
_OTHER_RANK = 20


def small_rows(
    database: Database, source: EntrySource, ref: ConversationRef, narrowed: Mapping[str, object]
) -> list[Row] | None:
    """Return the rows of *source* of *ref*, in no order, doubles too; None: it is not small."""
    if not ref.is_small:
        return None
    rows = ask_plain(database, f"{source}_rows", **narrowed, limit=SMALL_ROWS)
    if source == "span":
        own = [row for row in rows if row["NodeId"] or row["ScopeName"] != _OWN_SCOPE]
        return own if len(rows) < SMALL_ROWS else None
    return rows if len(rows) < SMALL_ROWS else None


def small_entries(
    database: Database,
    ref: ConversationRef,
    arrival: Mapping[str, object],
    source: EntrySource,
    wanted: EntryQuery,
) -> list[Entry] | None:
    """Return what *wanted* asks of a small conversation whose rows came by *arrival*; None: ask otherwise."""
    if not ref.is_small or source == "event" or not _is_plain(source, wanted):
        return None
    rows = small_rows(database, source, ref, {**arrival, **_narrowed(source, wanted)})
    if rows is None:
        return None
    entries = sorted(
        (ENTRY_OF[source](_cut(_ranked(row), wanted)) for row in rows),
        key=lambda entry: entry.position,
        reverse=wanted.newest_first,
    )
    once: dict[str, Entry] = {}
    for entry in entries:
        once.setdefault(entry.item_id, entry)
    return list(once.values())[: wanted.limit]


def _is_plain(source: EntrySource, wanted: EntryQuery) -> bool:
    """Whether *wanted* narrows by nothing but what a row says of itself at once."""
    return (
        (wanted.after, wanted.before) == (START, END)
        and not wanted.text
        and not wanted.variable
        and not wanted.by_visible
        and (wanted.visible_after, wanted.visible_until) == (0, _EVER)
        and (source == "log" or wanted.with_announced)
    )


def _narrowed(source: EntrySource, wanted: EntryQuery) -> dict[str, object]:
    given: dict[str, object] = {"entries": 1}
    if wanted.keys is None:
        given["whole"] = 1
    if wanted.time_from > 0:
        given["time_from"] = wanted.time_from
    if wanted.time_to < _EVER:
        given["time_to"] = wanted.time_to
    if wanted.span_ids:
        given["span_ids"] = list(wanted.span_ids)
    if wanted.kinds and source == "log":
        given["kinds"] = list(wanted.kinds)
    return given


def _ranked(row: Row) -> Row:
    row["Rank"] = _RANKS.get(row.get("Kind", ""), _OTHER_RANK)
    return row


def _cut(row: Row, wanted: EntryQuery) -> Row:
    """Return *row* with as much of its text, and those of its attributes, as *wanted* asks for."""
    if wanted.keys is not None:
        kept = wanted.keys.intersection(row["Attributes"])
        length = wanted.max_text or None
        row["Attributes"] = {key: value[:length] for key, value in row["Attributes"].items() if key in kept}
        if "Kind" in row:
            row["Text"] = row["Text"][:length]
    return row
