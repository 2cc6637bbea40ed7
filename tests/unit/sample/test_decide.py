"""The final decision: the processor's precedence, every vote on record, and sampling that fails open."""

import random

import pytest

from botlogs_collector.model.conversation import ConversationFacts
from botlogs_collector.sample.conditions import BooleanAttribute
from botlogs_collector.sample.decide import decide, decide_batch
from botlogs_collector.sample.rates import Rates
from tests.support.conversations import NOW, facts
from tests.support.policies import policy_set

KEEP = "{name: keep, type: span_count, span_count: {min_spans: 1}}"
REFUSE = "{name: refuse, type: span_count, span_count: {min_spans: 9999}}"
DROP = "{name: drop, type: drop, drop: {drop_sub_policy: [{name: x, type: span_count, span_count: {min_spans: 1}}]}}"
INVERTED = "{name: inv, type: boolean_attribute, boolean_attribute: {key: k, value: true, invert_match: true}}"
# Its condition is never among the facts of these tests, so it raises.
BROKEN = "{name: broken, type: boolean_attribute, boolean_attribute: {key: missing, value: true}}"
HAS_K = BooleanAttribute(key="k", value=True).name


@pytest.mark.parametrize(
    ("policies", "has_k", "outcome", "decided_by"),
    [
        ([], False, "keep", "default"),
        ([KEEP, REFUSE], False, "keep", "keep"),
        ([REFUSE], False, "drop", "none"),
        ([KEEP, DROP], False, "drop", "drop"),
        ([KEEP, INVERTED], True, "drop", "inv"),
        ([INVERTED], False, "keep", "inv"),
        ([INVERTED, REFUSE], False, "drop", "none"),
        ([INVERTED, REFUSE, KEEP], False, "keep", "keep"),
        ([BROKEN], False, "keep", "error:broken"),
        ([BROKEN, REFUSE], False, "keep", "error:broken"),
        ([BROKEN, KEEP], False, "keep", "keep"),
        ([BROKEN, DROP], False, "drop", "drop"),
        ([BROKEN, INVERTED], True, "drop", "inv"),
    ],
)
def test_precedence(policies: list[str], has_k: bool, outcome: str, decided_by: str) -> None:
    """Dropped, inverted not sampled, sampled, inverted sampled unless somebody said no; an error alone keeps."""
    judged = policy_set(f"policies: [{', '.join(policies)}]")

    decision = decide(judged, facts(conditions={HAS_K: has_k}), Rates({}))

    assert (decision.outcome, decision.decided_by) == (outcome, decided_by)
    assert len(decision.votes) == len(policies)
    assert decision.policies_hash == judged.hash


def test_the_first_policy_with_the_decision_is_named() -> None:
    """Of several that sampled, the first in the file decided."""
    other = "{name: also, type: always_sample}"

    decision = decide(policy_set(f"policies: [{REFUSE}, {KEEP}, {other}]"), facts(), Rates({}))

    assert decision.decided_by == "keep"


def test_a_policy_that_raises_is_a_vote_with_its_reason() -> None:
    """The failure is on record and stops no other policy."""
    decision = decide(policy_set(f"policies: [{BROKEN}, {REFUSE}]"), facts(), Rates({}))

    assert [vote.vote for vote in decision.votes] == ["error", "not_sampled"]
    assert decision.votes[0].because.startswith("it failed: KeyError")


def test_first_match_asks_no_further() -> None:
    """With sample_on_first_match the rest is not asked, so its limits are not spent."""
    limit = "{name: limit, type: rate_limiting, rate_limiting: {spans_per_second: 100}}"
    rates = Rates({})

    judged = policy_set(f"sample_on_first_match: true\npolicies: [{REFUSE}, {KEEP}, {limit}]")
    decision = decide(judged, facts(), rates)

    assert [vote.vote for vote in decision.votes] == ["not_sampled", "sampled", "not_asked"]
    assert decision.votes[2].because == "keep had already decided"
    assert rates.state() == {}


def test_a_drop_policy_comes_before_the_first_match() -> None:
    """Drop policies are asked first, with first match too."""
    decision = decide(policy_set(f"sample_on_first_match: true\npolicies: [{KEEP}, {DROP}]"), facts(), Rates({}))

    assert decision.outcome == "drop"
    assert [(vote.policy, vote.vote) for vote in decision.votes] == [("drop", "dropped"), ("keep", "not_asked")]


def test_all_policies_are_asked_even_after_one_sampled() -> None:
    """Without first match a limit is spent though another policy had decided, as in the processor."""
    limit = "{name: limit, type: rate_limiting, rate_limiting: {spans_per_second: 5}}"
    rates = Rates({})

    decide(policy_set(f"policies: [{KEEP}, {limit}]"), facts(spans=10), rates)

    assert rates.take("limit", 1, 5, 10, NOW)[0] is False


def test_the_weight_is_the_share_unless_another_policy_is_certain() -> None:
    """One kept at 10 % stands for ten; one that an error policy keeps anyhow stands for itself."""
    share = "{name: tenth, type: probabilistic, probabilistic: {sampling_percentage: 10}}"
    alone = policy_set(f"policies: [{share}]")
    with_errors = policy_set(f"policies: [{share}, {KEEP}]")
    kept = next(
        each
        for each in (facts(trace_ids=(f"{random.Random(i).getrandbits(128):032x}",)) for i in range(1_000))
        if decide(alone, each, Rates({})).outcome == "keep"
    )

    assert decide(alone, kept, Rates({})).weight == 10.0
    decision = decide(with_errors, kept, Rates({}))
    assert (decision.decided_by, decision.weight) == ("tenth", 1.0)


def test_weights_estimate_the_total() -> None:
    """The sum of the weights of what was kept is close to what there was."""
    judged = policy_set("policies: [{name: p, type: probabilistic, probabilistic: {sampling_percentage: 20}}]")
    seeded = random.Random(7)
    batch = [facts(key=f"c{i}", trace_ids=(f"{seeded.getrandbits(128):032x}",)) for i in range(5_000)]

    decisions, _ = decide_batch(judged, batch, {})

    estimate = sum(decision.weight for decision in decisions if decision.outcome == "keep")
    assert abs(estimate - 5_000) < 500


@pytest.mark.parametrize(
    ("size", "errors", "outcome", "decided_by"),
    [
        (1_000, 0, "keep", "keep"),
        (1_001, 0, "drop", "maximum_trace_size_bytes"),
        (1_001, 1, "keep", "keep"),
    ],
)
def test_the_size_limit_looks_at_errors_first(size: int, errors: int, outcome: str, decided_by: str) -> None:
    """Too large and without errors: dropped; with an error it is kept if the policies keep it."""
    judged = policy_set(f"maximum_trace_size_bytes: 1000\npolicies: [{KEEP}]")

    decision = decide(judged, facts(bytes=size, errors=errors), Rates({}))

    assert (decision.outcome, decision.decided_by) == (outcome, decided_by)


def test_the_size_limit_works_without_policies() -> None:
    """With no policies everything is kept but what is too large."""
    judged = policy_set("maximum_trace_size_bytes: 1000")

    assert decide(judged, facts(bytes=1_000), Rates({})).decided_by == "default"
    assert decide(judged, facts(bytes=1_001), Rates({})).decided_by == "maximum_trace_size_bytes"


def test_the_same_batch_and_state_give_the_same_result_in_any_order() -> None:
    """Two collectors that decide the same batch agree, whatever order the store gave it in."""
    judged = policy_set("""
        policies:
          - {name: rate, type: rate_limiting, rate_limiting: {spans_per_second: 50}}
          - {name: key, type: per_key, per_key: {key: bot, per_hour: 3}}
    """)
    seeded = random.Random(3)
    batch = [
        facts(
            key=f"c{i:03}",
            spans=seeded.randrange(1, 30),
            bot_id=f"b{i % 5}",
            due_unix_nano=NOW + seeded.randrange(10**9),
        )
        for i in range(200)
    ]
    shuffled = list(batch)
    seeded.shuffle(shuffled)

    decisions, state = decide_batch(judged, batch, {})
    others, other_state = decide_batch(judged, shuffled, {})

    def by_key(all_of: list[ConversationFacts], decided: object) -> dict[object, object]:
        assert isinstance(decided, list)
        return dict(zip((each.key for each in all_of), decided, strict=True))

    assert by_key(batch, decisions) == by_key(shuffled, others)
    assert state == other_state
