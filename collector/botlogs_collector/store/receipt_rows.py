"""Receipts as rows of botlogs.receipts, and back."""

import json
from collections.abc import Sequence
from typing import cast

from botlogs_collector.model.conversation import ConversationKey, EndRule, TraceId
from botlogs_collector.model.decision import Decision, Outcome, Vote, VoteValue
from botlogs_collector.model.receipt import Receipt, ReceiptStatus
from botlogs_collector.store import statements
from botlogs_collector.store.client import Database, Row

COLUMNS = (
    "ConversationKey", "Episode", "Status", "BatchId", "ConversationId", "TraceIds", "BotId", "Environment",
    "EnvironmentGiven", "Channel", "UserId", "StartedAt", "LastTimestamp", "EndedAt", "EndRule", "AvailableAt",
    "ReleasedAt", "AfterWatermark", "Watermark", "Decision", "DecidedBy", "Votes", "PoliciesHash", "Weight", "Turns",
    "Spans", "NodeActions", "LogEvents", "Errors", "Bytes", "LateRows", "Complete", "DecidedAt", "Version",
)  # fmt: skip

_TIMES = frozenset(name for name in COLUMNS if name.endswith(("At", "Watermark", "Timestamp")))

# What SELECT must ask for: times as nanoseconds, since the driver's datetimes end at microseconds.
SELECT = ", ".join(f"toUnixTimestamp64Nano({name}) AS {name}Nano" if name in _TIMES else name for name in COLUMNS)


def to_row(receipt: Receipt) -> list[object]:
    """Return the values of *receipt* in the order of COLUMNS."""
    r, d = receipt, receipt.decision
    votes = [{"policy": vote.policy, "vote": vote.vote, "because": vote.because} for vote in d.votes]
    return [
        r.key, r.episode, r.status, r.batch_id, r.conversation_id, list(r.trace_ids), r.bot_id, r.environment,
        r.environment_given, r.channel, r.user_id, r.started_unix_nano, r.last_unix_nano, r.ended_unix_nano, r.end_rule,
        r.available_unix_nano, r.released_unix_nano, r.after_watermark_ns, r.watermark_ns, d.outcome, d.decided_by,
        json.dumps(votes, ensure_ascii=False), d.policies_hash, d.weight, r.turns, r.spans, r.node_actions,
        r.log_events, r.errors, r.bytes, r.late_rows, r.complete, r.decided_unix_nano, r.version,
    ]  # fmt: skip


def from_row(row: Row) -> Receipt:
    """Return the receipt of a row selected with SELECT."""
    votes = tuple(
        Vote(policy=vote["policy"], vote=cast("VoteValue", vote["vote"]), because=vote["because"])
        for vote in json.loads(row["Votes"] or "[]")
    )
    decision = Decision(
        outcome=cast("Outcome", row["Decision"]),
        decided_by=row["DecidedBy"],
        votes=votes,
        policies_hash=row["PoliciesHash"],
        weight=row["Weight"],
    )
    return Receipt(
        key=ConversationKey(row["ConversationKey"]),
        episode=row["Episode"],
        status=cast("ReceiptStatus", row["Status"]),
        batch_id=row["BatchId"],
        conversation_id=row["ConversationId"],
        trace_ids=tuple(TraceId(trace_id) for trace_id in row["TraceIds"]),
        bot_id=row["BotId"],
        environment=row["Environment"],
        environment_given=row["EnvironmentGiven"],
        channel=row["Channel"],
        user_id=row["UserId"],
        started_unix_nano=row["StartedAtNano"],
        last_unix_nano=row["LastTimestampNano"],
        ended_unix_nano=row["EndedAtNano"],
        end_rule=cast("EndRule", row["EndRule"]),
        available_unix_nano=row["AvailableAtNano"],
        released_unix_nano=row["ReleasedAtNano"],
        after_watermark_ns=row["AfterWatermarkNano"],
        watermark_ns=row["WatermarkNano"],
        decision=decision,
        turns=row["Turns"],
        spans=row["Spans"],
        node_actions=row["NodeActions"],
        log_events=row["LogEvents"],
        errors=row["Errors"],
        bytes=row["Bytes"],
        late_rows=row["LateRows"],
        complete=row["Complete"],
        decided_unix_nano=row["DecidedAtNano"],
        version=row["Version"],
    )


def unfinished(database: Database) -> list[Receipt]:
    """Return the receipts whose move was begun and not noted as done: what a crash leaves."""
    return [from_row(row) for row in database.rows(_selected("receipts_unfinished"))]


def newest(database: Database, keys: Sequence[ConversationKey]) -> list[Receipt]:
    """Return the receipt of the newest episode of each of *keys* that has one."""
    return [from_row(row) for row in database.rows(_selected("receipts_newest"), keys=list(keys))]


def of_conversation(database: Database, conversation: str) -> list[Receipt]:
    """Return the receipts of all episodes of a conversation, named by its id, its key or one of its traces."""
    return [from_row(row) for row in database.rows(_selected("receipts_of_conversation"), conversation=conversation)]


def _selected(name: str) -> str:
    return statements.query(name).replace("*", SELECT, 1)
