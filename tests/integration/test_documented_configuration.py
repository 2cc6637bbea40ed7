"""A configuration with every policy type of the processor's documentation decides as that documentation says.

From YAML through the store's real answers about spans that came as OTLP, to the votes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
import yaml

from botlogs_collector.config.faults import Faults
from botlogs_collector.model.conversation import TraceId
from botlogs_collector.model.decision import Decision
from botlogs_collector.sample.decide import decide
from botlogs_collector.sample.policies import PolicySet, parse_policies
from botlogs_collector.sample.policy_types import COMBINING_TYPES, LEAF_TYPES
from botlogs_collector.sample.rates import Rates
from botlogs_collector.store.client import Database
from botlogs_collector.store.conditions import pattern_faults
from tests.support.condition_store import ask, hold, new_trace_id
from tests.support.conversations import facts
from tests.support.records import Span, SpanEvent

ROOT = Path(__file__).parents[2]
SECOND = 1_000_000_000
OUR_OWN = {"turn_count", "node", "event", "abandoned", "new_path", "per_key"}


def _raw(path: str) -> Mapping[str, object]:
    return cast("Mapping[str, object]", yaml.safe_load((ROOT / path).read_text(encoding="utf-8")))


def _parsed(raw: Mapping[str, object]) -> PolicySet:
    faults = Faults()
    parsed = parse_policies(raw, faults)
    faults.raise_if_any()
    return parsed


def _types(raw: Mapping[str, object]) -> set[str]:
    """Every `type` at any depth."""
    found: set[str] = set()
    todo: list[object] = [raw]
    while todo:
        entry = todo.pop()
        if isinstance(entry, Mapping):
            mapping = cast("Mapping[str, object]", entry)
            found |= {str(mapping["type"])} if "type" in mapping else set()
            todo += mapping.values()
        elif isinstance(entry, list):
            todo += cast("list[object]", entry)
    return found


@pytest.fixture(scope="module")
def documented() -> PolicySet:
    """Return the policies of the documented configuration."""
    return _parsed(_raw("tests/data/tail_sampling_documented.yaml"))


def _decide(
    database: Database, policies: PolicySet, cases: Sequence[tuple[Span, int]], size: int = 1_000
) -> list[Decision]:
    """Return the decision about each span, held as often as said; every one has limits of its own."""
    held = {
        new_trace_id(): [replace(span, span_id=f"{index + 1:016x}") for index in range(copies)]
        for span, copies in cases
    }
    hold(database, held, {})
    answered = ask(database, policies.conditions, [[trace_id] for trace_id in held])
    return [
        decide(policies, facts(trace_ids=(TraceId(id_),), spans=len(spans), bytes=size, conditions=said), Rates({}))
        for (id_, spans), said in zip(held.items(), answered, strict=True)
    ]


def test_it_holds_every_type_of_the_processor(documented: PolicySet) -> None:
    """Nothing that the processor knows is missing from the file; what has no meaning here is named once."""
    assert _types(_raw("tests/data/tail_sampling_documented.yaml")) == {*LEAF_TYPES, *COMBINING_TYPES} - OUR_OWN
    assert len(documented.policies) == 18
    assert [notice.split(" ")[0].rsplit(".", 1)[1] for notice in documented.notices] == [
        "decision_wait",
        "num_traces",
        "expected_new_traces_per_sec",
        "decision_cache",
    ]


OK = Span(status=1, duration=SECOND)


# Policy, span, how many of it, the vote.
CASES = [
    ("always", OK, 1, "sampled"),
    ("latency", replace(OK, duration=7 * SECOND), 1, "sampled"),
    ("latency", replace(OK, duration=5 * SECOND), 1, "not_sampled"),
    ("latency", replace(OK, duration=20 * SECOND), 1, "not_sampled"),
    ("numeric", replace(OK, attributes={"key1": 100}), 1, "sampled"),
    ("numeric", replace(OK, resource={"key1": 50}), 1, "sampled"),
    ("numeric", replace(OK, attributes={"key1": 101}), 1, "not_sampled"),
    ("status", replace(OK, status=2), 1, "sampled"),
    ("status", replace(OK, status=0), 1, "sampled"),
    ("status", OK, 1, "not_sampled"),
    ("string", replace(OK, attributes={"key2": "value2"}), 1, "sampled"),
    ("string", replace(OK, attributes={"key2": "value"}), 1, "not_sampled"),
    ("regex", replace(OK, attributes={"key2": "interval"}), 1, "sampled"),
    ("regex", replace(OK, attributes={"key2": "other"}), 1, "not_sampled"),
    ("rate", OK, 70, "sampled"),
    ("rate", OK, 71, "not_sampled"),
    ("spans", OK, 1, "not_sampled"),
    ("spans", OK, 2, "sampled"),
    ("spans", OK, 20, "sampled"),
    ("spans", OK, 21, "not_sampled"),
    ("tracestate", replace(OK, trace_state="a=b,key3=value1"), 1, "sampled"),
    ("tracestate", replace(OK, trace_state="key3=value3"), 1, "not_sampled"),
    ("flags", replace(OK, flags=1), 1, "sampled"),
    ("flags", OK, 1, "not_sampled"),
    ("boolean", replace(OK, attributes={"key4": True}), 1, "sampled"),
    ("boolean", replace(OK, attributes={"key4": False}), 1, "not_sampled"),
    ("ottl", replace(OK, attributes={"test_attr_key_1": "test_attr_val_1"}), 1, "sampled"),
    ("ottl", replace(OK, attributes={"test_attr_key_2": 0}), 1, "sampled"),
    ("ottl", replace(OK, events=[SpanEvent(name="test_span_event_name")]), 1, "sampled"),
    ("ottl", replace(OK, attributes={"test_attr_key_1": "other"}), 1, "not_sampled"),
    ("and", replace(OK, attributes={"key1": 60, "key2": "value1"}), 1, "sampled"),
    ("and", replace(OK, attributes={"key1": 60}), 1, "not_sampled"),
    ("not", OK, 1, "sampled"),
    ("not", replace(OK, duration=5 * SECOND), 1, "sampled"),
    ("not", replace(OK, duration=6 * SECOND), 1, "not_sampled"),
    ("drop", replace(OK, attributes={"url.path": "/api/health"}), 1, "dropped"),
    ("drop", replace(OK, attributes={"url.path": "/orders"}), 1, "not_sampled"),
    ("composite", OK, 333, "sampled"),
    ("composite", OK, 334, "not_sampled"),
    ("composite", replace(OK, attributes={"key1": 60}), 500, "sampled"),
    ("composite", replace(OK, attributes={"key1": 60}), 501, "not_sampled"),
    ("composite", replace(OK, attributes={"key2": "value1"}), 251, "not_sampled"),
]


@pytest.fixture(scope="module")
def decisions(database: Database, documented: PolicySet) -> list[Decision]:
    """Return the decision about each case, all asked of the store at once."""
    return _decide(database, documented, [(span, copies) for _, span, copies, _ in CASES])


@pytest.mark.parametrize("case", range(len(CASES)))
def test_each_policy_votes_as_documented(decisions: list[Decision], case: int) -> None:
    """Each policy's vote about real spans is the one that its documentation promises."""
    policy, _, _, vote = CASES[case]

    votes = {each.policy: each for each in decisions[case].votes}

    assert votes[policy].vote == vote, (CASES[case], votes[policy])
    assert "error" not in {each.vote for each in votes.values()}
    assert decisions[case].outcome == ("drop" if vote == "dropped" else "keep")


@pytest.mark.parametrize(("size", "vote"), [(2_048_000, "sampled"), (2_048_001, "not_sampled")])
def test_bytes_limiting_votes_as_documented(database: Database, documented: PolicySet, size: int, vote: str) -> None:
    """The burst is the largest that passes at once."""
    (decision,) = _decide(database, documented, [(OK, 1)], size=size)

    assert {each.policy: each.vote for each in decision.votes}["bytes"] == vote


def test_the_example_of_the_collector_loads_with_every_type_of_ours(database: Database) -> None:
    """The commented example is a valid configuration that shows our own policies, and its patterns are RE2."""
    raw = cast("Mapping[str, object]", _raw("collector/config/tail-sampling.yaml")["tail_sampling"])
    parsed = _parsed(raw)

    (decision,) = _decide(database, parsed, [(replace(OK, status=2), 1)])

    assert _types(raw) >= OUR_OWN
    assert parsed.notices == ()
    assert pattern_faults(database, parsed.conditions) == []
    assert decision.decided_by == "errors"
    assert not [each for each in decision.votes if each.vote == "error"]
