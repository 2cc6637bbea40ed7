"""From facts to a decision with every vote, by the processor's precedence. Sampling fails open.

Dropped, then inverted not sampled, then sampled, then inverted sampled where nobody said not
sampled; else dropped. Within each the first policy is named.
"""

from collections.abc import Sequence

from botlogs_collector.model.conversation import ConversationFacts
from botlogs_collector.model.decision import Decision, Outcome, Vote, VoteValue
from botlogs_collector.sample.policies import PolicySet
from botlogs_collector.sample.policy import Answer, answer, moment
from botlogs_collector.sample.rates import Rates, RateState

SIZE_LIMIT = "maximum_trace_size_bytes"


def decide_batch(
    policies: PolicySet, batch: Sequence[ConversationFacts], state: RateState
) -> tuple[list[Decision], RateState]:
    """Return one decision for each of *batch*, in the order given, and the state to save with them.

    Judged in the order in which they became due, whatever order they come in, so that the same
    batch and state always give the same result.
    """
    rates = Rates(state)
    by_time = sorted(range(len(batch)), key=lambda index: (moment(batch[index]), batch[index].key))
    decided = {index: decide(policies, batch[index], rates) for index in by_time}
    return [decided[index] for index in range(len(batch))], rates.state()


def decide(policies: PolicySet, facts: ConversationFacts, rates: Rates) -> Decision:
    """Judge one conversation; limits are spent from *rates*."""
    if not policies.policies and not policies.maximum_trace_size_bytes:
        return Decision(outcome="keep", decided_by="default", votes=(), policies_hash=policies.hash)
    answers = _ask(policies, facts, rates)
    outcome, decided_by, weight = _weigh(answers) if policies.policies else ("keep", "default", 1.0)
    votes = tuple([each[0] for each in answers])
    limit = policies.maximum_trace_size_bytes
    if limit and outcome == "keep" and facts.bytes > limit and not facts.errors:
        outcome, decided_by, weight = "drop", SIZE_LIMIT, 1.0
        because = f"it has {facts.bytes} bytes and no errors; the limit is {limit}"
        votes = (*votes, Vote(policy=SIZE_LIMIT, vote="dropped", because=because))
    if outcome == "keep":
        for policy in policies.learning:
            policy.note_kept(facts, rates)
    return Decision(outcome=outcome, decided_by=decided_by, votes=votes, policies_hash=policies.hash, weight=weight)


def _ask(policies: PolicySet, facts: ConversationFacts, rates: Rates) -> list[Answer]:
    """Return one answer for each policy; the loop is what deciding costs, so it calls nothing twice."""
    answers: list[Answer] = []
    ends_at_match = policies.sample_on_first_match
    for policy in policies.policies:
        try:
            given = policy.evaluate(facts, rates)
        except Exception as error:  # noqa: BLE001  # whatever a policy raises, it must not stop the others: fail open
            given = answer(policy.name, "error", f"it failed: {type(error).__name__}: {error}")
        answers.append(given)
        vote = given[0].vote
        if vote == "dropped" or (ends_at_match and vote == "sampled"):
            because = f"{policy.name} had already decided"
            rest = policies.policies[len(answers) :]
            answers += [answer(skipped.name, "not_asked", because) for skipped in rest]
            break
    return answers


def _weigh(answers: Sequence[Answer]) -> tuple[Outcome, str, float]:
    first: dict[VoteValue, str] = {}
    weight = 0.0
    for cast_vote, stands_for in answers:
        vote = cast_vote.vote
        if vote not in first:
            first[vote] = cast_vote.policy
        if vote == "sampled" and (stands_for < weight or not weight):
            weight = stands_for
    if "dropped" in first:
        return "drop", first["dropped"], 1.0
    if "inverted_not_sampled" in first:
        return "drop", first["inverted_not_sampled"], 1.0
    if "sampled" in first:
        # Another policy that is certain of it makes it certain: it would have been kept anyhow.
        return "keep", first["sampled"], weight
    if "inverted_sampled" in first and "not_sampled" not in first:
        return "keep", first["inverted_sampled"], 1.0
    if "error" in first:
        return "keep", f"error:{first['error']}", 1.0
    return "drop", "none", 1.0
