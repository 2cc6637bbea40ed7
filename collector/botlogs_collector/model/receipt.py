"""The receipt: the one value that tells everything about what became of a conversation's episode."""

from dataclasses import dataclass, replace
from typing import Literal

from botlogs_collector.model.conversation import ConversationFacts, ConversationKey, DueConversation, EndRule, TraceId
from botlogs_collector.model.decision import Decision

# Of two receipts of one episode the higher version counts. What keeps outranks what drops, whoever wrote last: where
# two engines judged the same episode, or a restore met a late row, all agree, and what was made readable is never said
# to be dropped (decision 0003). Higher than any time in nanoseconds until the year 2116.
KEEPS = 1 << 62

ReceiptStatus = Literal["releasing", "released", "dropped", "restoring", "restored"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One row of botlogs.receipts; times are Unix nanoseconds, `released_unix_nano` 0 if never."""

    key: ConversationKey
    episode: int
    status: ReceiptStatus
    batch_id: str
    conversation_id: str
    trace_ids: tuple[TraceId, ...]
    bot_id: str
    environment: str
    environment_given: bool
    channel: str
    user_id: str
    started_unix_nano: int
    last_unix_nano: int
    ended_unix_nano: int
    end_rule: EndRule
    available_unix_nano: int
    released_unix_nano: int
    after_watermark_ns: int
    watermark_ns: int
    decision: Decision
    turns: int
    spans: int
    node_actions: int
    log_events: int
    errors: int
    bytes: int
    late_rows: int = 0
    complete: bool = True
    decided_unix_nano: int
    version: int

    @property
    def is_kept(self) -> bool:
        """Whether readers can see the episode, or are about to."""
        return self.status != "dropped"

    @property
    def is_moving(self) -> bool:
        """Whether its move is announced and not yet noted as done."""
        return self.status in ("releasing", "restoring")

    def moved(self, now_ns: int) -> "Receipt":
        """Return the receipt that says that the move is done."""
        status: ReceiptStatus = "released" if self.status == "releasing" else "restored"
        return replace(self, status=status, version=max(now_ns + KEEPS, self.version + 1))

    def restoring(self, batch_id: str, now_ns: int) -> "Receipt":
        """Return the receipt of a dropped episode that is being brought back."""
        return replace(
            self,
            status="restoring",
            batch_id=batch_id,
            released_unix_nano=now_ns,
            version=max(now_ns + KEEPS, self.version + 1),
        )


def receipt_of(
    due: DueConversation, facts: ConversationFacts, decision: Decision, *, batch_id: str, now_ns: int
) -> Receipt:
    """Return the first receipt of an episode: `releasing` if it is kept, else `dropped`."""
    kept = decision.outcome == "keep"
    return Receipt(
        key=due.key,
        episode=due.previous_episode + 1,
        status="releasing" if kept else "dropped",
        batch_id=batch_id,
        conversation_id=due.conversation_id,
        trace_ids=due.trace_ids,
        bot_id=due.bot_id,
        environment=due.environment,
        environment_given=due.environment_given,
        channel=due.channel,
        user_id=due.user_id,
        started_unix_nano=facts.first_unix_nano,
        last_unix_nano=facts.last_unix_nano,
        ended_unix_nano=due.ended_unix_nano,
        end_rule=due.end_rule,
        available_unix_nano=due.available_unix_nano,
        released_unix_nano=now_ns if kept else 0,
        after_watermark_ns=due.after_watermark_ns,
        watermark_ns=due.watermark_ns,
        decision=decision,
        turns=facts.turns,
        spans=facts.spans,
        node_actions=facts.node_actions,
        log_events=facts.log_events,
        errors=facts.errors,
        bytes=facts.bytes,
        complete=due.is_whole,
        decided_unix_nano=now_ns,
        version=now_ns + KEEPS if kept else now_ns,
    )


def late_receipt(
    before: Receipt, due: DueConversation, facts: ConversationFacts, decision: Decision, *, batch_id: str, now_ns: int
) -> Receipt:
    """Return *before* brought up to date with rows that came after its watermark."""
    restored = before.status in ("restoring", "restored")
    kept = restored or decision.outcome == "keep"
    kept_status: ReceiptStatus = "restoring" if restored else "releasing"
    return replace(
        before,
        status=kept_status if kept else "dropped",
        batch_id=batch_id,
        trace_ids=tuple(sorted({*before.trace_ids, *due.trace_ids})),
        watermark_ns=due.watermark_ns,
        released_unix_nano=(before.released_unix_nano or now_ns) if kept else 0,
        decision=decision,
        spans=before.spans + facts.spans,
        node_actions=before.node_actions + facts.node_actions,
        log_events=before.log_events + facts.log_events,
        errors=before.errors + facts.errors,
        bytes=before.bytes + facts.bytes,
        late_rows=before.late_rows + facts.spans + facts.log_events,
        version=max(now_ns + KEEPS if kept else now_ns, before.version + 1),
    )
