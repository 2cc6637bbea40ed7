"""Who is kept: grants win, late rows follow the decision on record, the policies judge the rest."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from botlogs_collector.model.conversation import ConversationFacts, DueConversation
from botlogs_collector.model.decision import Decision, Vote
from botlogs_collector.model.grant import Grant
from botlogs_collector.sample.decide import decide_batch
from botlogs_collector.sample.policies import PolicySet
from botlogs_collector.sample.rates import RateState

NO_ROWS = "no_rows"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One decision for each conversation asked about, in order, and the rates to save with them."""

    decisions: tuple[Decision, ...]
    rates: RateState


def judge(
    policies: PolicySet,
    grants: Sequence[Grant],
    batch: Sequence[tuple[DueConversation, ConversationFacts]],
    rates: RateState,
) -> Judged:
    """Return a decision for each of *batch*. A granted conversation spends no rate of a policy.

    One of whose rows nothing is there, though the hold has not expired under it, is kept: a commit that was killed
    in the middle left its state alone, and what the policies would have said is not known. Nothing of it was
    acknowledged; what its sender sends again is judged as an episode of its own.
    """
    granted = {due.key: grant for due, _ in batch for grant in grants if grant.covers(due)}
    torn = {due.key for due, facts in batch if due.is_whole and not facts.spans and not facts.log_events}
    asked = [facts for due, facts in batch if due.key not in granted and due.key not in torn]
    decided, rates = decide_batch(policies, asked, rates)
    by_key = dict(zip((facts.key for facts in asked), decided, strict=True))
    by_key |= {key: _torn(policies.hash) for key in torn - granted.keys()}
    decisions = tuple(
        by_key[due.key] if due.key in by_key else _granted(granted[due.key], policies.hash) for due, _ in batch
    )
    return Judged(decisions=decisions, rates=rates)


def _granted(grant: Grant, policies_hash: str) -> Decision:
    name = f"grant:{grant.grant_id}"
    because = f"{grant.by} granted the complete history: {grant.reason}"
    vote = Vote(policy=name, vote="sampled", because=because)
    return Decision(outcome="keep", decided_by=name, votes=(vote,), policies_hash=policies_hash)


def _torn(policies_hash: str) -> Decision:
    because = "it is known of, but none of its rows is there: a commit was cut off before it was acknowledged"
    vote = Vote(policy=NO_ROWS, vote="error", because=because)
    return Decision(outcome="keep", decided_by=f"error:{NO_ROWS}", votes=(vote,), policies_hash=policies_hash)


def is_late(due: DueConversation, facts: ConversationFacts) -> bool:
    """Return whether the rows belong to the episode already decided: none is from after its last moment.

    Compares a sender's times with the same sender's; when they may be read was settled by our clock.
    """
    return due.previous_episode > 0 and facts.last_unix_nano <= due.previous_last_unix_nano


def follow(previous: Decision, facts: ConversationFacts) -> Decision:
    """Return the decision for late rows: the one on record, but a late error turns a drop into a keep."""
    if previous.outcome == "keep" or not facts.errors:
        return previous
    because = f"{facts.errors} errors arrived after it had been dropped by {previous.decided_by}"
    vote = Vote(policy="late_error", vote="sampled", because=because)
    return replace(previous, outcome="keep", decided_by="late_error", votes=(*previous.votes, vote), weight=1.0)
