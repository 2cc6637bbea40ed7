"""and, not, drop and composite combine votes as the processor does."""

import random

import pytest

from botlogs_collector.sample.conditions import BooleanAttribute
from botlogs_collector.sample.rates import SECOND_NS, Rates
from tests.support.conversations import NOW, facts
from tests.support.policies import policy

YES = "{name: ayes, type: span_count, span_count: {min_spans: 1}}"
NO = "{name: noes, type: span_count, span_count: {min_spans: 9999}}"
INVERTED = "{name: inv, type: boolean_attribute, boolean_attribute: {key: k, value: true, invert_match: true}}"
HAS_K = BooleanAttribute(key="k", value=True).name


@pytest.mark.parametrize(
    ("parts", "has_k", "all_of", "drop"),
    [
        ([YES, YES], False, "sampled", "dropped"),
        ([YES, NO], False, "not_sampled", "not_sampled"),
        ([NO, YES], False, "not_sampled", "not_sampled"),
        ([YES, INVERTED], False, "sampled", "dropped"),
        ([YES, INVERTED], True, "not_sampled", "not_sampled"),
    ],
)
def test_and_and_drop_want_every_part(parts: list[str], has_k: bool, all_of: str, drop: str) -> None:
    """Inverted votes collapse to sampled or not inside them."""
    looked_at = facts(conditions={HAS_K: has_k})
    both = policy(f"{{type: and, and: {{and_sub_policy: [{', '.join(parts)}]}}}}")
    dropping = policy(f"{{type: drop, drop: {{drop_sub_policy: [{', '.join(parts)}]}}}}")

    assert both.evaluate(looked_at, Rates({})).vote.vote == all_of
    assert dropping.evaluate(looked_at, Rates({})).vote.vote == drop


@pytest.mark.parametrize(
    ("part", "has_k", "vote"),
    [
        (YES, False, "not_sampled"),
        (NO, False, "sampled"),
        (INVERTED, False, "inverted_sampled"),
        (INVERTED, True, "inverted_not_sampled"),
    ],
)
def test_not_turns_plain_votes_round_only(part: str, has_k: bool, vote: str) -> None:
    """Inverted votes bubble up unchanged."""
    judged = policy(f"{{type: not, not: {{not_sub_policy: {part}}}}}")

    assert judged.evaluate(facts(conditions={HAS_K: has_k}), Rates({})).vote.vote == vote


def test_a_limit_behind_a_filter_counts_only_what_the_filter_let_through() -> None:
    """Parts are asked in order, and not any more after one said no."""
    limit = "{name: limit, type: rate_limiting, rate_limiting: {spans_per_second: 5}}"
    judged = policy(f"{{type: and, and: {{and_sub_policy: [{NO}, {limit}]}}}}")
    rates = Rates({})

    judged.evaluate(facts(), rates)

    assert rates.state() == {}


def test_the_share_of_an_and_is_its_weight() -> None:
    """A filter and 10 %: each one kept stands for ten that passed the filter."""
    share = "{name: tenth, type: probabilistic, probabilistic: {sampling_percentage: 10, hash_salt: s}}"
    judged = policy(f"{{type: and, and: {{and_sub_policy: [{YES}, {share}]}}}}")
    ids = [f"{random.Random(seed).getrandbits(128):032x}" for seed in range(200)]
    answers = [judged.evaluate(facts(trace_ids=(each,)), Rates({})) for each in ids]

    assert {each.weight for each in answers if each.vote.vote == "sampled"} == {10.0}


COMPOSITE = """
    type: composite
    composite:
      max_total_spans_per_second: 100
      policy_order: [second, first]
      composite_sub_policy:
        - {name: first, type: always_sample}
        - {name: second, type: turn_count, turn_count: {min_turns: 5}}
        - {name: third, type: always_sample}
      rate_allocation:
        - {policy: second, percent: 25}
        - {policy: first, percent: 0}
"""


def test_composite_asks_in_policy_order_and_does_not_fall_through() -> None:
    """The first match decides: over its share the conversation is not sampled, though a later policy had room."""
    judged, rates = policy(COMPOSITE), Rates({})

    votes = [judged.evaluate(facts(spans=20, turns=5), rates).vote for _ in range(2)]

    assert [vote.vote for vote in votes] == ["sampled", "not_sampled"]
    assert votes[1].because.startswith("second matched")
    assert votes[1].because.endswith("it has 20 spans, 20 of 25 were sampled in this second")


def test_composite_gives_an_equal_share_where_no_percentage_is() -> None:
    """Without an allocation a policy has the total divided by the number of policies."""
    judged, rates = policy(COMPOSITE), Rates({})

    votes = [judged.evaluate(facts(spans=1), rates).vote.vote for _ in range(40)]

    assert votes.count("sampled") == 100 // 3


def test_composite_refuses_a_large_one_but_still_takes_a_smaller_one() -> None:
    """What is over the share spends nothing of it; the next second starts anew."""
    judged, rates = policy(COMPOSITE), Rates({})

    def vote(spans: int, at: int) -> str:
        return judged.evaluate(facts(spans=spans, turns=5, due_unix_nano=at), rates).vote.vote

    assert [vote(20, NOW), vote(20, NOW), vote(5, NOW)] == ["sampled", "not_sampled", "sampled"]
    assert vote(25, NOW + SECOND_NS) == "sampled"


def test_composite_counts_inverted_matches_as_matches() -> None:
    """An inverted policy inside decides like a plain one."""
    judged = policy(
        "{type: composite, composite: {max_total_spans_per_second: 100, composite_sub_policy: [" + INVERTED + "]}}"
    )

    assert judged.evaluate(facts(conditions={HAS_K: False}), Rates({})).vote.vote == "sampled"
    assert judged.evaluate(facts(conditions={HAS_K: True}), Rates({})).vote.vote == "not_sampled"
