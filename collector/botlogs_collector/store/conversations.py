"""Conversations as readers see them: found by an id, listed newest first, counted exactly. No content."""

import re
from collections.abc import Collection, Iterable, Sequence
from typing import cast

from botlogs_collector.model.conversation import ConversationKey, State, TraceId
from botlogs_collector.model.reading import (
    ConversationFilter,
    ConversationRef,
    ConversationRow,
    ConversationSummary,
    ListPosition,
)
from botlogs_collector.model.receipt import Receipt
from botlogs_collector.store import receipt_rows, statements
from botlogs_collector.store.asking import ask
from botlogs_collector.store.client import Database, Row

_READABLE = frozenset({"live", "released", "restored"})
_READABLE_RECEIPTS = frozenset({"released", "restored"})
_HEX = re.compile(r"[0-9a-f]{32}")
_MAX_TRACES = 10_000  # of one conversation, or of one page of them


class Conversations:
    """See `ports.ConversationReader`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, identifier: str, bots: Collection[str] = ()) -> ConversationRef | None:
        """See `ports.ConversationReader`."""
        groups: dict[str, list[Row]] = {}
        for row in self._named(identifier):
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
        rows = groups[key][:_MAX_TRACES]
        is_live = any(row["Live"] for row in rows)
        first = rows[0]
        receipt = None if is_live else self.newest_receipt(ConversationKey(key))
        return ConversationRef(
            key=ConversationKey(key),
            conversation_id=str(first["ConversationId"]),
            environment=str(first["Environment"]),
            bot_id=str(first["BotId"]),
            channel=max(str(row["Channel"]) for row in rows),
            trace_ids=tuple(sorted(TraceId(str(row["TraceId"])) for row in rows)),
            first_received_unix_nano=min(row["FirstReceived"] for row in rows),
            last_received_unix_nano=_last_received(rows),
            end_received_unix_nano=max(row["EndReceived"] for row in rows),
            node_actions=sum(row["NodeActions"] for row in rows),
            log_events=sum(row["LogEvents"] for row in rows),
            is_live=is_live,
            is_readable=is_live or (receipt is not None and receipt.status in _READABLE_RECEIPTS),
        )

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
        return ask(self._database, "conversation_refs", traces=list(traces))

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
            environment=wanted.environment,
            bot=wanted.bot,
            channel=wanted.channel,
            user=wanted.user,
            flow=wanted.flow,
            node=wanted.node,
            tag=wanted.tag,
            text=wanted.text,
            has_error=_flag(wanted.has_error),
            live=_flag(wanted.live if wanted.state is None else wanted.state == "live"),
            bots=list(wanted.bots),
            in_content=int(wanted.in_content),
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
        siblings = ask(
            self._database,
            "conversation_siblings",
            traces=list(trace_ids),
            conversation_ids=[name for name in set(conversation_ids) if name],
        )
        if not siblings:
            return []
        states = ask(
            self._database,
            "conversations_of",
            now_ns=now_ns,
            since=min(row["FirstDay"] for row in siblings),
            traces=[row["TraceId"] for row in siblings],
            keys=sorted({str(row["ConversationKey"]) for row in siblings}),
        )
        wanted = set(trace_ids)
        mine = [row for row in states if wanted.intersection(row["TraceIds"])]
        exact = self._recount([row for row in mine if row["State"] in _READABLE])
        return [_row({**row, **exact.get(row["ConversationKey"], {})}, now_ns) for row in mine]

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


def _flag(value: bool | None) -> int:  # noqa: FBT001
    """Return what a query takes for yes (1), no (0) and either (-1)."""
    return -1 if value is None else int(value)


def _last_received(rows: Sequence[Row]) -> int:
    return max(int(row["LastReceived"]) for row in rows)


def _row(row: Row, now_ns: int) -> ConversationRow:
    ended = int(row["EndedUnixNano"])
    state = cast("State", row["State"])
    is_over = 0 < ended <= now_ns and state != "ongoing"
    summary = ConversationSummary(
        id=row["ConversationId"] or row["TraceId"],
        conversation_id=row["ConversationId"] or None,
        trace_id=row["TraceId"],
        bot_id=row["BotId"],
        environment=row["Environment"],
        channel=row["Channel"],
        user_id=row["UserId"],
        state=state,
        started_unix_nano=row["Started"],
        last_activity_unix_nano=row["LastActivity"],
        ended_unix_nano=ended if is_over else None,
        end_rule=(row["EndRule"] or None) if is_over else None,
        available_unix_nano=int(row["AvailableUnixNano"]) or None if is_over else None,
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
        decided_by=row["ReceiptDecidedBy"],
        is_readable=state in _READABLE,
    )
