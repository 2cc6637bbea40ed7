"""Conversations as readers see them: found by an id, listed newest first, counted exactly. No content."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from botlogs_collector.model.conversation import ConversationKey, TraceId
from botlogs_collector.model.reading import (
    ConversationFilter,
    ConversationRef,
    ConversationRow,
    ConversationSummary,
    ListPosition,
)
from botlogs_collector.model.receipt import Receipt
from botlogs_collector.store import receipt_rows, statements
from botlogs_collector.store.asking import ask, ask_plain
from botlogs_collector.store.client import Database, Row
from botlogs_collector.store.standings import Standings, Stands
from botlogs_collector.store.trace_rows import refs_of

_HEX = re.compile(r"[0-9a-f]{32}")
_MAX_GUESSED = 200  # rows; of one with more the guess would cost more than it saves
_MAX_TRACES = 10_000  # of one conversation, or of one page of them


class Conversations:
    """See `ports.ConversationReader`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._standings = Standings(database)

    def guess(self, identifier: str, bots: Collection[str] = ()) -> ConversationRef | None:
        """See `ports.ConversationReader`."""
        if _HEX.fullmatch(identifier):
            return None
        rows = ask_plain(self._database, "trace_rows", id=identifier, limit=_MAX_GUESSED)
        named = [row for row in rows if not bots or row["BotId"] in bots]
        owners = {(row["Environment"], row["BotId"]) for row in named}
        if len(owners) != 1 or len(rows) == _MAX_GUESSED:
            return None
        return _ref(ConversationKey(""), named)

    def find(
        self, identifier: str, bots: Collection[str] = (), traces: Collection[TraceId] = ()
    ) -> ConversationRef | None:
        """See `ports.ConversationReader`."""
        groups: dict[str, list[Row]] = {}
        for row in self._refs(sorted(traces)) if traces else self._named(identifier):
            if bots and row["BotId"] not in bots:
                continue
            groups.setdefault(str(row["ConversationKey"]), []).append(row)
        if not groups:
            return None
        exact = [
            key
            for key, rows in groups.items()
            if key == identifier or any(row["TraceId"] == identifier for row in rows)
        ]
        key = exact[0] if exact else max(groups, key=lambda key: _last_received(groups[key]))
        found = _ref(ConversationKey(key), groups[key][:_MAX_TRACES])
        return replace(found, is_readable=found.is_live or self._standings.is_readable(key))

    def _named(self, identifier: str) -> list[Row]:
        """Return the traces that *identifier* names, and all others of their conversations.

        Several small questions: planning one that asks it all takes longer than all of them.
        """
        is_hex = _HEX.fullmatch(identifier) is not None
        rows = self._refs([identifier]) if is_hex else []
        names = {str(row["ConversationId"]) for row in rows if row["ConversationId"]} or {identifier}
        traces = {str(row["TraceId"]) for row in rows}
        found = {str(row["TraceId"]) for name in names for row in ask(self._database, "traces_named", id=name)}
        if is_hex and not traces and not found:
            found = {str(row["TraceId"]) for row in ask(self._database, "traces_of_receipt", id=identifier)}
        missing = sorted(found - traces)
        return rows + (self._refs(missing) if missing else [])

    def _refs(self, traces: Sequence[str]) -> list[Row]:
        return refs_of(self._database, traces)

    def newest_receipt(self, key: ConversationKey) -> Receipt | None:
        """See `ports.ConversationReader`."""
        sql = statements.query("receipt_newest").replace("{columns}", receipt_rows.SELECT)
        rows = self._database.rows(sql, key=key)
        return receipt_rows.from_row(rows[0]) if rows else None

    def candidates(
        self, wanted: ConversationFilter, window: tuple[int, int], before: ListPosition, limit: int
    ) -> list[tuple[tuple[TraceId, ...], str, ListPosition]]:
        """See `ports.ConversationReader`."""
        rows = ask(
            self._database,
            "conversation_candidates",
            window_from=window[0],
            window_to=window[1],
            before=before.last_received_unix_nano,
            before_tie=before.tie,
            **_narrowed(wanted),
            limit=limit,
        )
        return [
            (
                tuple(TraceId(trace) for trace in row["TraceIds"]),
                str(row["ConversationId"]),
                ListPosition(row["LastReceived"], str(row["Tie"])),
            )
            for row in rows
        ]

    def rows(self, trace_ids: Sequence[TraceId], conversation_ids: Iterable[str], now_ns: int) -> list[ConversationRow]:
        """See `ports.ConversationReader`."""
        names = sorted({name for name in conversation_ids if name})
        siblings = ask(self._database, "traces_of_ids", conversation_ids=names) if names else []
        traces = {*trace_ids, *(TraceId(str(row["TraceId"])) for row in siblings)}
        wanted = set(trace_ids)
        found = ask(self._database, "conversations_of", traces=sorted(traces))
        mine = [row for row in found if wanted.intersection(row["TraceIds"])]
        standings = self._standings.of(mine, now_ns)
        exact = self._recount([row for row, stands in zip(mine, standings, strict=True) if stands.is_readable])
        rows = [
            _row({**row, **exact.get(row["ConversationKey"], {})}, stands, now_ns)
            for row, stands in zip(mine, standings, strict=True)
        ]
        return sorted(rows, key=lambda row: row.position, reverse=True)

    def _recount(self, rows: Sequence[Row]) -> dict[str, Row]:
        """Return the exact counts of readable conversations, by key."""
        if not rows:
            return {}
        counts = {
            str(row.pop("TraceId")): row
            for row in ask(
                self._database,
                "recount",
                traces=[trace for row in rows for trace in row["TraceIds"]],
                received_from=min(row["FirstReceived"] for row in rows),
                received_to=max(row["LastReceived"] for row in rows),
            )
        }
        names = ("Spans", "NodeActions", "LogEvents", "Errors")
        return {
            row["ConversationKey"]: {
                name: sum(counts[trace][name] for trace in row["TraceIds"] if trace in counts) for name in names
            }
            for row in rows
        }


def _ref(key: ConversationKey, rows: Sequence[Row]) -> ConversationRef:
    """Return what *rows* of one conversation tell of it; whether it may be read they do not."""
    first = rows[0]
    return ConversationRef(
        key=key,
        conversation_id=str(first["ConversationId"]),
        environment=str(first["Environment"]),
        bot_id=str(first["BotId"]),
        channel=max(str(row["Channel"]) for row in rows),
        trace_ids=tuple(sorted({TraceId(str(row["TraceId"])) for row in rows})),
        first_received_unix_nano=min(row["FirstReceived"] for row in rows),
        last_received_unix_nano=_last_received(rows),
        end_received_unix_nano=max(row["EndReceived"] for row in rows),
        node_actions=sum(row["NodeActions"] for row in rows),
        log_events=sum(row["LogEvents"] for row in rows),
        spans=sum(row["Spans"] for row in rows),
        span_events=sum(row["SpanEvents"] for row in rows),
        bytes=sum(row["Bytes"] for row in rows),
        is_live=any(row["Live"] for row in rows),
        is_readable=False,
    )


def _narrowed(wanted: ConversationFilter) -> dict[str, object]:
    """Return the parameters of *wanted* that narrow; each brings its lines into the question."""
    names = ("environment", "bot", "channel", "user", "flow", "node", "tag", "text")
    given: dict[str, object] = {name: value for name in names if (value := getattr(wanted, name))}
    if wanted.has_error is not None:
        given["has_error"] = int(wanted.has_error)
    live = wanted.live if wanted.state is None else wanted.state == "live"
    if live is not None:
        given["live"] = int(live)
    if wanted.bots:
        given["bots"] = list(wanted.bots)
    if wanted.text and wanted.in_content:
        given["in_content"] = 1
    return given


def _last_received(rows: Sequence[Row]) -> int:
    return max(int(row["LastReceived"]) for row in rows)


def _row(row: Row, stands: Stands, now_ns: int) -> ConversationRow:
    ended = stands.ended_unix_nano
    is_over = ended is not None and 0 < ended <= now_ns and stands.state != "ongoing"
    summary = ConversationSummary(
        id=row["ConversationId"] or row["TraceId"],
        conversation_id=row["ConversationId"] or None,
        trace_id=row["TraceId"],
        bot_id=row["BotId"],
        environment=row["Environment"],
        channel=row["Channel"],
        user_id=row["UserId"],
        state=stands.state,
        started_unix_nano=row["Started"],
        last_activity_unix_nano=row["LastActivity"],
        ended_unix_nano=ended if is_over else None,
        end_rule=stands.end_rule if is_over else None,
        available_unix_nano=stands.available_unix_nano if is_over else None,
        turns=row["Turns"],
        node_actions=row["NodeActions"],
        log_events=row["LogEvents"],
        errors=row["Errors"],
        spans=row["Spans"],
        environment_given=bool(row["EnvironmentGiven"]),
    )
    return ConversationRow(
        key=ConversationKey(row["ConversationKey"]),
        trace_ids=tuple(TraceId(trace) for trace in row["TraceIds"]),
        summary=summary,
        first_received_unix_nano=row["FirstReceived"],
        last_received_unix_nano=row["LastReceived"],
        bytes=row["Bytes"],
        decided_by=stands.decided_by,
        is_readable=stands.is_readable,
    )
