"""The policies that look at one thing answer by the processor's bounds, with the figures in words."""

import pytest

from botlogs_collector.sample.conditions import SpanTime, WaitingNode
from botlogs_collector.sample.policy import Policy
from botlogs_collector.sample.rates import Rates
from tests.support.conversations import facts
from tests.support.policies import policy


def _vote(judged: Policy, **changed: object) -> str:
    return judged.evaluate(facts(**changed), Rates({})).vote.vote


@pytest.mark.parametrize(
    ("took_ms", "without_upper", "with_upper"),
    [
        (4_999, "not_sampled", "not_sampled"),
        (5_000, "not_sampled", "not_sampled"),
        (5_000.999, "not_sampled", "not_sampled"),
        (5_001, "sampled", "sampled"),
        (10_000, "sampled", "sampled"),
        (10_001, "sampled", "not_sampled"),
        (20_000, "sampled", "not_sampled"),
    ],
)
def test_latency_bounds_are_the_processors(took_ms: float, without_upper: str, with_upper: str) -> None:
    """The lower bound is exclusive, the upper one inclusive."""
    took = {SpanTime().name: round(took_ms * 1_000_000)}

    assert _vote(policy("{type: latency, latency: {threshold_ms: 5000}}"), conditions=took) == without_upper
    band = policy("{type: latency, latency: {threshold_ms: 5000, upper_threshold_ms: 10000}}")
    assert _vote(band, conditions=took) == with_upper


@pytest.mark.parametrize(("spans", "vote"), [(1, "not_sampled"), (2, "sampled"), (20, "sampled"), (21, "not_sampled")])
def test_span_count_bounds_are_inclusive(spans: int, vote: str) -> None:
    """A conversation with exactly the minimum or the maximum is sampled."""
    assert _vote(policy("{type: span_count, span_count: {min_spans: 2, max_spans: 20}}"), spans=spans) == vote


def test_turn_count_without_a_maximum_has_none() -> None:
    """A maximum that is not given does not limit."""
    judged = policy("{type: turn_count, turn_count: {min_turns: 5}}")

    assert _vote(judged, turns=5_000) == "sampled"
    assert _vote(judged, turns=4) == "not_sampled"


@pytest.mark.parametrize(
    "entry",
    [
        "{type: status_code, status_code: {status_codes: [ERROR, UNSET]}}",
        "{type: string_attribute, string_attribute: {key: k, values: [v]}}",
        "{type: numeric_attribute, numeric_attribute: {key: k, min_value: 1}}",
        "{type: boolean_attribute, boolean_attribute: {key: k, value: true}}",
        "{type: trace_state, trace_state: {key: k, values: [v]}}",
        "{type: trace_flags}",
        "{type: ottl_condition, ottl_condition: {span: ['name == \"x\"']}}",
        "{type: node, node: {ids: [n]}}",
        "{type: event, event: {kinds: [fallback]}}",
    ],
)
def test_a_condition_of_the_store_samples_where_it_holds(entry: str) -> None:
    """The store's answer is the vote."""
    judged = policy(entry)
    (condition,) = judged.conditions

    assert _vote(judged, conditions={condition.name: True}) == "sampled"
    assert _vote(judged, conditions={condition.name: 0}) == "not_sampled"


@pytest.mark.parametrize(
    "block",
    [
        "string_attribute: {key: k, values: [v], invert_match: true}",
        "numeric_attribute: {key: k, min_value: 1, invert_match: true}",
        "boolean_attribute: {key: k, value: true, invert_match: true}",
    ],
)
def test_invert_match_gives_inverted_votes(block: str) -> None:
    """An inverted policy says inverted_not_sampled where it matches and inverted_sampled where not."""
    judged = policy(f"{{type: {block.split(':', maxsplit=1)[0]}, {block}}}")
    (condition,) = judged.conditions

    assert _vote(judged, conditions={condition.name: True}) == "inverted_not_sampled"
    assert _vote(judged, conditions={condition.name: False}) == "inverted_sampled"


def test_any_of_several_ottl_conditions_is_enough() -> None:
    """Conditions over spans and span events are joined by or."""
    judged = policy("{type: ottl_condition, ottl_condition: {span: ['name == \"x\"'], spanevent: ['name == \"y\"']}}")
    spans, events = judged.conditions

    assert _vote(judged, conditions={spans.name: 0, events.name: 1}) == "sampled"
    assert _vote(judged, conditions={spans.name: 0, events.name: 0}) == "not_sampled"


@pytest.mark.parametrize(
    ("node", "end_rule", "anywhere", "at_payment"),
    [
        ("", "idle", "not_sampled", "not_sampled"),
        ("payment", "idle", "sampled", "sampled"),
        ("greeting", "max_age", "sampled", "not_sampled"),
        ("payment", "signal", "not_sampled", "not_sampled"),
    ],
)
def test_abandoned_is_waiting_without_an_end(node: str, end_rule: str, anywhere: str, at_payment: str) -> None:
    """The user left a waiting node: nobody answered, and the bot did not end the conversation."""
    answered = {WaitingNode().name: node}

    assert _vote(policy("{type: abandoned}"), conditions=answered, end_rule=end_rule) == anywhere
    only = policy("{type: abandoned, abandoned: {nodes: [payment]}}")
    assert _vote(only, conditions=answered, end_rule=end_rule) == at_payment


def test_reasons_give_the_figures_in_words() -> None:
    """A person who reads a vote sees what was found and what was wanted."""
    latency = policy("{type: latency, latency: {threshold_ms: 5000, upper_threshold_ms: 10000}}")
    given = latency.evaluate(facts(conditions={SpanTime().name: 7_000_000_000}), Rates({}))
    count = policy("{type: span_count, span_count: {min_spans: 11}}").evaluate(facts(spans=10), Rates({}))

    assert given.vote.because == "it took 7000 ms; wanted: more than 5000 and up to 10000 ms"
    assert count.vote.because == "it has 10 spans; wanted: 11 or more"
