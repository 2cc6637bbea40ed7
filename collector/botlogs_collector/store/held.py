"""The hold, as the release engine needs it (release_ports.HeldStore)."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import cast

from botlogs_collector.clock import Clock
from botlogs_collector.errors import Retryable
from botlogs_collector.model.conversation import ConversationFacts, ConversationKey, DueConversation, EndRule, TraceId
from botlogs_collector.model.grant import Grant
from botlogs_collector.model.move import Move
from botlogs_collector.model.receipt import Receipt
from botlogs_collector.sample.conditions import Condition
from botlogs_collector.sample.rates import RateState
from botlogs_collector.store import grant_rows, receipt_rows, statements
from botlogs_collector.store.client import Database, Row
from botlogs_collector.store.conditions import answers, compile_conditions
from botlogs_collector.store.quiet import QuietHold
from botlogs_collector.store.rate_rows import RateRows

_DAY_NS = 86_400_000_000_000
_BATCH_COLUMNS = ("BatchId", "ConversationKey", "TraceId", "After", "Upto", "VisibleAt", "Weight", "At")
# A server takes parameters of 128 KiB (http_max_field_value_size); these are about 105 KB.
_MAX_TRACES = 3000
# A batch is moved by statements with a deadline (300 s): 2 million rows take about 14 s.
_MAX_ITEMS = 2_000_000
# Receipts lie by the month of a sender's clock: a batch may be of any number of months.
_ANY_MONTHS = {"max_partitions_per_insert_block": 0}
# The rows of one batch are moved in at most this many threads: ingest keeps a core.
_MOVE = {"max_threads": 1, "max_insert_threads": 1}


class Hold:
    """The held rows and the receipts of one store; used by one thread."""

    def __init__(self, database: Database, clock: Clock, hold_retention_ns: int) -> None:
        self._database = database
        self._clock = clock
        self._hold_retention_ns = hold_retention_ns
        self._quiet = QuietHold(database)
        self._rates = RateRows(database)

    def due(self, now_ns: int, watermark_ns: int, limit: int) -> list[DueConversation]:
        """See `release_ports.HeldStore`."""
        since = self._oldest_day(now_ns)
        version = self._quiet.version(since)
        if self._quiet.lasts(version, now_ns):
            return []
        asked = {"now_ns": now_ns, "watermark_ns": watermark_ns, "since": since}
        keys: list[str] = []
        traces: list[str] = []
        for row in self._database.query("due_keys", limit=limit, **asked):
            if keys and len(traces) + len(row["TraceIds"]) > _MAX_TRACES:
                break  # the rest is still due in the next round
            keys.append(row["ConversationKey"])
            traces += row["TraceIds"]
        if not keys:
            self._quiet.found_nothing(version, now_ns, since)
            return []
        found = self._database.query("due", keys=keys, traces=traces, **asked)
        return [self._due(row) for row in _few_enough(found)]

    def totals(self, now_ns: int) -> tuple[int, int]:
        """See `release_ports.HeldStore`."""
        (row,) = self._database.query("held_totals", now_ns=now_ns, since=self._oldest_day(now_ns))
        return row["Conversations"], row["Bytes"]

    def ended(self, from_ns: int, now_ns: int, after: tuple[int, ConversationKey], limit: int) -> list[DueConversation]:
        """See `release_ports.ReplayStore`."""
        since, (after_ns, after_key) = self._oldest_day(now_ns), after
        rows = self._database.query(
            "ended", from_ns=from_ns, now_ns=now_ns, since=since, after_ns=after_ns, after=after_key, limit=limit
        )
        return [self._due(row) for row in rows]

    def _due(self, row: Row) -> DueConversation:
        # What the hold's retention has reached is no longer there to be moved.
        oldest_ns = self._clock.now_ns() - self._hold_retention_ns
        return DueConversation(
            key=ConversationKey(row["ConversationKey"]),
            trace_ids=_ordered(row["TraceId"], row["TraceIds"]),
            conversation_id=row["ConversationId"],
            bot_id=row["BotId"],
            environment=row["Environment"],
            environment_given=bool(row["IsGiven"]),
            channel=row["Channel"],
            user_id=row["UserId"],
            previous_episode=row["ReceiptEpisode"],
            previous_decision=row["PreviousDecision"],
            previous_last_unix_nano=row["ReceiptLastUnixNano"],
            ended_unix_nano=row["EndedUnixNano"],
            end_rule=cast("EndRule", row["EndRule"]),
            available_unix_nano=row["AvailableUnixNano"],
            after_watermark_ns=row["AfterWatermark"],
            watermark_ns=row["Upto"],
            node_ids=frozenset(row["NodeIds"]),
            is_whole=max(row["FirstReceived"], row["AfterWatermark"]) > oldest_ns,
        )

    def _oldest_day(self, now_ns: int) -> dt.date:
        """Return the day of arrival of the oldest rows that the hold may still have."""
        since_ns = max(0, now_ns - self._hold_retention_ns - _DAY_NS)
        return dt.datetime.fromtimestamp(since_ns // 1_000_000_000, dt.UTC).date()

    def facts(self, batch: Sequence[DueConversation], conditions: Sequence[Condition]) -> list[ConversationFacts]:
        """See `release_ports.HeldStore`."""
        batch_id = f"facts-{uuid.uuid4().hex}"
        self._write_batch(
            [
                Move(
                    batch_id=batch_id,
                    key=due.key,
                    trace_ids=due.trace_ids,
                    after_ns=due.after_watermark_ns,
                    upto_ns=due.watermark_ns,
                    visible_unix_nano=0,
                )
                for due in batch
            ]
        )
        compiled = compile_conditions(conditions)
        spans = "".join(f",\n        {sql} AS span_{name}" for name, sql in compiled.traces.items())
        logs = "".join(f",\n        {sql} AS log_{name}" for name, sql in compiled.logs.items())
        sql = statements.query("facts").replace("{span_conditions}", spans).replace("{log_conditions}", logs)
        rows = self._database.rows(sql, batch_id=batch_id, **compiled.parameters)
        by_key = {row["ConversationKey"]: row for row in rows}
        return [_facts(due, by_key.get(due.key, {}), conditions) for due in batch]

    def grants(self, now_ns: int) -> list[Grant]:
        """See `release_ports.HeldStore`."""
        return grant_rows.active(self._database, now_ns)

    def rates(self) -> RateState:
        """See `release_ports.HeldStore`."""
        return self._rates.load(self._clock.now_ns())

    def note_rates(self, batch_id: str, before: RateState, after: RateState, now_ns: int) -> None:
        """See `release_ports.HeldStore`."""
        self._rates.note(batch_id, before, after, now_ns)

    def save_rates(self, before: RateState, after: RateState, now_ns: int) -> None:
        """See `release_ports.HeldStore`."""
        self._rates.save(before, after, now_ns)

    def receipts(self, keys: Sequence[ConversationKey]) -> list[Receipt]:
        """See `release_ports.HeldStore`."""
        return receipt_rows.newest(self._database, keys) if keys else []

    def write_receipts(self, receipts: Sequence[Receipt], moves: Sequence[Move]) -> None:
        """See `release_ports.HeldStore`."""
        if moves:
            self._write_batch(moves)
        if receipts:
            rows = [receipt_rows.to_row(receipt) for receipt in receipts]
            self._database.insert("botlogs.receipts", rows, receipt_rows.COLUMNS, **_ANY_MONTHS)

    def unfinished(self) -> list[Receipt]:
        """See `release_ports.HeldStore`."""
        return receipt_rows.unfinished(self._database)

    def move(self, batch_id: str, keys: Sequence[ConversationKey]) -> None:
        """See `release_ports.HeldStore`."""
        for what in ("roots", "traces", "logs"):
            settings = {**_MOVE, "insert_deduplication_token": f"{batch_id}-{what}", "insert_deduplicate": 1}
            self._database.run(f"move_{what}", settings, batch_id=batch_id, keys=list(keys))

    def _write_batch(self, moves: Sequence[Move]) -> None:
        now_ns = self._clock.now_ns()
        rows = [
            [
                move.batch_id,
                move.key,
                trace_id,
                move.after_ns,
                move.upto_ns,
                move.visible_unix_nano,
                move.weight,
                now_ns,
            ]
            for move in moves
            for trace_id in move.trace_ids
        ]
        self._database.insert("botlogs_held.batches", rows, _BATCH_COLUMNS)
        if self._database.cluster:
            self._check_batch({move.batch_id for move in moves}, len(rows))

    def _check_batch(self, batch_ids: set[str], written: int) -> None:
        """Make sure that the replica that is asked next has the batch: without it facts would be zeros."""
        (row,) = self._database.query("batch_rows", batch_ids=sorted(batch_ids))
        if row["Rows"] < written:
            msg = f"ClickHouse: {row['Rows']} of {written} rows of a batch have reached the replica that is read"
            raise Retryable(msg)


def _few_enough(rows: Sequence[Row]) -> Sequence[Row]:
    """Return the first of *rows* that have together few enough items to be moved at once, one at least."""
    items = 0
    for count, row in enumerate(rows):
        items += row["Items"]
        if count and items > _MAX_ITEMS:
            return rows[:count]
    return rows


def _ordered(first: str, trace_ids: Sequence[str]) -> tuple[TraceId, ...]:
    """The first trace to arrive stays first: probabilistic policies hash its id."""
    return tuple(TraceId(trace_id) for trace_id in (first, *sorted(set(trace_ids) - {first})))


def _facts(due: DueConversation, row: Row, conditions: Sequence[Condition]) -> ConversationFacts:
    """A conversation without rows (the hold expired under it) has zeros for facts."""
    spans, logs = row.get("Spans", 0), row.get("LogEvents", 0)
    firsts = [row[name] for name, count in (("FirstSpan", spans), ("FirstLog", logs)) if count]
    lasts = [row[name] for name, count in (("LastSpan", spans), ("LastLog", logs)) if count]
    return ConversationFacts(
        key=due.key,
        trace_ids=due.trace_ids,
        conversation_id=due.conversation_id,
        bot_id=due.bot_id,
        environment=due.environment,
        channel=due.channel,
        user_id=due.user_id,
        episode=due.previous_episode + 1,
        first_unix_nano=min(firsts, default=0),
        last_unix_nano=max(lasts, default=0),
        ended_unix_nano=due.ended_unix_nano,
        end_rule=due.end_rule,
        due_unix_nano=due.available_unix_nano,
        spans=spans,
        node_actions=row.get("NodeActions", 0),
        log_events=logs + row.get("SpanEvents", 0),
        errors=row.get("SpanErrors", 0) + row.get("LogErrors", 0),
        turns=len({*row.get("SpanTurns", ()), *row.get("LogTurns", ())}),
        bytes=row.get("SpanBytes", 0) + row.get("LogBytes", 0),
        conditions=answers(conditions, _prefixed(row, "span_"), _prefixed(row, "log_")),
    )


def _prefixed(row: Row, prefix: str) -> dict[str, object]:
    return {name.removeprefix(prefix): value for name, value in row.items() if name.startswith(prefix)}
