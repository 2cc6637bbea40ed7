"""The processor's YAML is read as it is; every fault is named at once, with its path and what would be right."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botlogs_collector.config.faults import Faults
from botlogs_collector.sample.conditions import NumericAttribute, StringAttribute
from botlogs_collector.sample.policies import parse_policies
from botlogs_collector.sample.regex import regex_fault
from tests.support.policies import faults_of, policy_set


def test_nothing_is_a_policy_set_too() -> None:
    """No policies at all is a valid configuration."""
    parsed = policy_set("{}")

    assert parsed.policies == ()
    assert parsed.conditions == ()


def test_all_faults_are_reported_at_once_with_their_paths() -> None:
    """One look at the list is enough to repair the whole file."""
    faults = faults_of("""
        sample_on_first_macht: true
        policies:
          - {name: a, type: latncy}
          - {name: b, type: string_attribute, string_attribute: {kye: x, values: [1]}}
          - {name: b, type: status_code, status_code: {status_codes: [FAILED]}}
          - {type: always_sample}
          - name: e
            type: and
            and:
              and_sub_policy:
                - {name: f, type: latency, latency: {threshold_ms: fast}}
                - {name: g, type: drop}
    """)

    assert faults == [
        "tail_sampling.sample_on_first_macht: unknown key; did you mean 'sample_on_first_match'?",
        "tail_sampling.policies[0].type: unknown policy type 'latncy'; did you mean 'latency'?",
        "tail_sampling.policies[1].string_attribute.key: is missing",
        "tail_sampling.policies[1].string_attribute.values[0]: must be text, not int '1'; put it in quotes",
        "tail_sampling.policies[1].string_attribute.kye: unknown key; did you mean 'key'?",
        "tail_sampling.policies[2].status_code.status_codes[0]: must be OK, ERROR or UNSET, not 'FAILED'",
        "tail_sampling.policies[3].name: is missing",
        "tail_sampling.policies[4].and.and_sub_policy[0].latency.threshold_ms: must be a whole number, not str 'fast'",
        (
            "tail_sampling.policies[4].and.and_sub_policy[1].type: 'drop' cannot be used inside another policy; "
            "possible here: abandoned, always_sample, and, boolean_attribute, bytes_limiting, event, latency, "
            "new_path, node, not, numeric_attribute, ottl_condition, per_key, probabilistic, rate_limiting, "
            "span_count, status_code, string_attribute, trace_flags, trace_state, turn_count"
        ),
        "tail_sampling.policies[2].name: 'b' is the name of tail_sampling.policies[1] already",
    ]


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ("{type: latency}", ".latency: is missing"),
        ("{type: latency, latency: {threshold_ms: -1}}", ".latency.threshold_ms: must be 0 or more"),
        (
            "{type: latency, latency: {threshold_ms: 5, upper_threshold_ms: 5}}",
            ".latency.upper_threshold_ms: must be above threshold_ms (5), not 5",
        ),
        ("{type: numeric_attribute, numeric_attribute: {key: k}}", ".numeric_attribute: needs min_value or max_value"),
        (
            "{type: numeric_attribute, numeric_attribute: {key: k, min_value: 2, max_value: 1}}",
            ".numeric_attribute.max_value: must not be below min_value (2), not 1",
        ),
        (
            "{type: probabilistic, probabilistic: {sampling_percentage: -1}}",
            ".probabilistic.sampling_percentage: must be from 0 to 100",
        ),
        ("{type: status_code, status_code: {status_codes: []}}", ".status_codes: needs at least one status code"),
        (
            "{type: string_attribute, string_attribute: {key: k, values: ['a(b'], enabled_regex_matching: true}}",
            ".string_attribute.values[0]: 'a(b' is not a regular expression",
        ),
        (
            "{type: string_attribute, string_attribute: {key: k, values: ['(?<!a)b'], enabled_regex_matching: true}}",
            ".values[0]: '(?<!a)b': RE2 has no look-ahead or look-behind",
        ),
        ("{type: rate_limiting, rate_limiting: {}}", ".rate_limiting.spans_per_second: is missing"),
        ("{type: boolean_attribute, boolean_attribute: {key: k, value: 'yes'}}", ".value: must be true or false"),
        ("{type: ottl_condition, ottl_condition: {error_mode: loud}}", "must be one of ignore, silent, propagate"),
        ("{type: ottl_condition, ottl_condition: {error_mode: ignore}}", "needs at least one condition under span or"),
        (
            "{type: ottl_condition, ottl_condition: {span: ['name == \"a\"', 'nam == \"a\"']}}",
            ".ottl_condition.span[1]: column 1: unknown field nam of span; did you mean name?",
        ),
        ("{type: and, and: {and_sub_policy: []}}", ".and.and_sub_policy: needs at least one policy"),
        ("{type: not, not: {}}", ".not.not_sub_policy: is missing"),
        (
            (
                "{type: composite, composite: {max_total_spans_per_second: 9, policy_order: [b], "
                "composite_sub_policy: [{name: a, type: always_sample}]}}"
            ),
            ".composite.policy_order: 'b' is none of its policies: a",
        ),
        ("{type: node, node: {failed: false}}", ".node: needs ids or types or failed: true"),
        ("{type: event, event: {kinds: [fallbak]}}", ".kinds[0]: must be one of fallback, validation_failure"),
        ("{type: per_key, per_key: {key: shoe, per_hour: 1}}", ".key: must be one of bot, flow, node, intent"),
        ("{type: per_key, per_key: {key: bot, per_hour: 0}}", ".per_hour: must be 1 or more, not 0"),
        ("{type: turn_count, turn_count: {min_turns: 3, max_turns: 2}}", ".max_turns: must not be below min_turns (3)"),
        ("[]", "policies[0]: must be a mapping, not list"),
    ],
)
def test_a_fault_says_what_would_be_right(entry: str, fault: str) -> None:
    """Each mistake that an option allows has a message of its own."""
    body = entry if entry == "[]" else "{name: p, " + entry[1:]
    faults = faults_of(f"policies: [{body}]")

    assert any(fault in each for each in faults), faults


def test_options_without_meaning_here_are_accepted_and_named_once() -> None:
    """A file of the processor loads as it is; what is ignored is said, with the reason."""
    parsed = policy_set("""
        decision_wait: 10s
        num_traces: 100
        decision_cache: {sampled_cache_size: 100_000}
        policies:
          - {name: a, type: always_sample, latency: {threshold_ms: 1}}
    """)

    assert [notice.split(":")[0] for notice in parsed.notices] == [
        "tail_sampling.decision_wait is ignored",
        "tail_sampling.num_traces is ignored",
        "tail_sampling.decision_cache is ignored",
        "tail_sampling.policies[0].latency is ignored",
    ]


def test_drop_policies_are_asked_first() -> None:
    """Whatever the order in the file, what drops is asked before what samples."""
    parsed = policy_set("""
        policies:
          - {name: all, type: always_sample}
          - {name: never, type: drop, drop: {drop_sub_policy: [{name: x, type: always_sample}]}}
    """)

    assert [policy.name for policy in parsed.policies] == ["never", "all"]


def test_the_same_question_is_asked_once() -> None:
    """Policies that need the same of the store share one condition."""
    parsed = policy_set("""
        policies:
          - {name: a, type: string_attribute, string_attribute: {key: k, values: [v, ""]}}
          - name: b
            type: and
            and:
              and_sub_policy:
                - {name: c, type: string_attribute, string_attribute: {key: k, values: [v], invert_match: true}}
                - {name: d, type: numeric_attribute, numeric_attribute: {key: n, min_value: 0}}
    """)

    assert set(parsed.conditions) == {
        StringAttribute(key="k", values=("v",)),
        NumericAttribute(key="n", minimum=0, maximum=None),
    }
    assert len({condition.name for condition in parsed.conditions}) == 2


def test_the_hash_is_of_the_meaning_not_of_the_text() -> None:
    """Defaults written out change nothing; another limit, order or nesting does."""
    short = policy_set("policies: [{name: a, type: rate_limiting, rate_limiting: {spans_per_second: 5}}]")
    spelled = policy_set("""
        decision_wait: 1s
        policies:
          - type: rate_limiting
            name: a
            rate_limiting: {burst_capacity: 10, spans_per_second: 5}
    """)
    other = policy_set("policies: [{name: a, type: rate_limiting, rate_limiting: {spans_per_second: 6}}]")
    inside = "{name: x, type: not, not: {not_sub_policy: {name: y, type: always_sample}}}"
    beside = "{name: x, type: not, not: {not_sub_policy: {name: z, type: always_sample}}}"

    assert short.hash == spelled.hash
    assert short.hash != other.hash
    assert policy_set(f"policies: [{inside}]").hash != policy_set(f"policies: [{beside}]").hash


def test_a_condition_has_the_same_name_in_every_process() -> None:
    """Names join the facts query with the policies: they may not depend on a process or its hash seed."""
    assert StringAttribute(key="k", values=("v",)).name == "string_9b56f8b540a9"


@pytest.mark.parametrize(
    ("pattern", "is_fine"),
    [
        ("[*+]x", True),
        (r"\*+", True),
        (r"\/health", True),
        ("val*", True),
        ("a(?i)b", True),
        (r"\pL+\z", True),
        ("(?P<year>[0-9]+)", True),
        ("a++", True),  # Python reads it as possessive; the store's own check refuses it
        ("a(?=b)", False),
        (r"(a)\1", False),
        ("*a", False),
        ("[z-a]", False),
        (r"a\(?=b", True),
    ],
)
def test_a_valid_re2_pattern_is_never_refused(pattern: str, is_fine: bool) -> None:
    """Only what is surely wrong is refused here; RE2 has the last word."""
    assert (regex_fault(pattern) is None) is is_fine


_WORDS = st.sampled_from(
    [
        "name",
        "type",
        "policies",
        "policy",
        "and",
        "and_sub_policy",
        "not",
        "not_sub_policy",
        "composite",
        "composite_sub_policy",
        "policy_order",
        "rate_allocation",
        "percent",
        "max_total_spans_per_second",
        "key",
        "values",
        "status_code",
        "status_codes",
        "ottl_condition",
        "span",
        "latency",
        "threshold_ms",
        "per_key",
        "per_hour",
        "numeric_attribute",
        "min_value",
    ]
)
_JUNK = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), _WORDS, st.text(max_size=3)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_WORDS, inner, max_size=5)),
    max_leaves=25,
)


@given(st.dictionaries(_WORDS, _JUNK, max_size=4), st.lists(_JUNK, max_size=3))
def test_whatever_the_file_holds_there_are_faults_and_no_crash(top: dict[str, object], policies: list[object]) -> None:
    """A file that makes no sense gets a list of faults, not a traceback."""
    faults = Faults()

    parsed = parse_policies({**top, "policies": policies}, faults)

    assert faults.lines or len(parsed.policies) == len(policies)
