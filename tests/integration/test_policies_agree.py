"""On random conversations every policy decides alike over the store's facts and over a plain reading of the records."""

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest

from botlogs_collector.clock import ManualClock
from botlogs_collector.model.conversation import ConversationFacts, ConversationKey, DueConversation, TraceId
from botlogs_collector.model.decision import Vote
from botlogs_collector.sample import conditions as c
from botlogs_collector.sample.decide import decide_batch
from botlogs_collector.sample.policies import PolicySet
from botlogs_collector.sample.policy_types import COMBINING_TYPES, LEAF_TYPES
from botlogs_collector.store.client import Database
from botlogs_collector.store.held import Hold
from tests.support.condition_store import hold, new_trace_id
from tests.support.conversations import facts
from tests.support.plain_reading import node_path, read
from tests.support.policies import policy_set
from tests.support.random_records import RandomRecords
from tests.support.records import START, LogRecord, Span

HOUR = 3600 * 10**9
# Every type, alone: so that each one's vote is compared, whatever the others say.
POLICIES = """
policies:
  - {name: always_sample, type: always_sample}
  - {name: latency, type: latency, latency: {threshold_ms: 2000, upper_threshold_ms: 6000}}
  - {name: numeric_attribute, type: numeric_attribute, numeric_attribute: {key: a, min_value: 0, max_value: 4}}
  - {name: probabilistic, type: probabilistic, probabilistic: {sampling_percentage: 40}}
  - {name: status_code, type: status_code, status_code: {status_codes: [ERROR]}}
  - {name: string_attribute, type: string_attribute, string_attribute: {key: b, values: [x, "5"]}}
  - {name: trace_state, type: trace_state, trace_state: {key: k, values: [v]}}
  - {name: trace_flags, type: trace_flags}
  - {name: rate_limiting, type: rate_limiting, rate_limiting: {spans_per_second: 1}}
  - {name: bytes_limiting, type: bytes_limiting, bytes_limiting: {bytes_per_second: 1, burst_capacity: 9000000}}
  - {name: span_count, type: span_count, span_count: {min_spans: 2, max_spans: 3}}
  - {name: boolean_attribute, type: boolean_attribute, boolean_attribute: {key: a, value: true}}
  - {name: ottl_condition, type: ottl_condition, ottl_condition: {span: ['attributes["a"] == "x"'], spanevent: ['name == "x"']}}
  - {name: turn_count, type: turn_count, turn_count: {min_turns: 1, max_turns: 2}}
  - {name: node, type: node, node: {ids: [x], failed: true}}
  - {name: event, type: event, event: {kinds: [fallback, negative_feedback]}}
  - {name: abandoned, type: abandoned, abandoned: {nodes: [x, y]}}
  - {name: new_path, type: new_path}
  - {name: per_key, type: per_key, per_key: {key: intent, per_hour: 2}}
  - {name: per_flow, type: per_key, per_key: {key: flow, per_hour: 2}}
  - name: and
    type: and
    and: {and_sub_policy: [{name: error, type: status_code, status_code: {status_codes: [ERROR]}}, {name: flagged, type: trace_flags}]}
  - {name: not, type: not, not: {not_sub_policy: {name: error, type: status_code, status_code: {status_codes: [ERROR]}}}}
  - name: composite
    type: composite
    composite:
      max_total_spans_per_second: 3
      policy_order: [nodes, rest]
      composite_sub_policy: [{name: nodes, type: node, node: {types: [x]}}, {name: rest, type: always_sample}]
      rate_allocation: [{policy: nodes, percent: 100}, {policy: rest, percent: 100}]
"""  # noqa: E501
# Apart, since a conversation that it drops is asked nothing else.
DROPS = """
policies:
  - {name: drop, type: drop, drop: {drop_sub_policy: [{name: failed, type: node, node: {failed: true}}, {name: flagged, type: trace_flags}]}}
  - {name: all, type: always_sample}
"""  # noqa: E501
Conversation = tuple[dict[str, Sequence[Span]], list[LogRecord]]


def _made(made: RandomRecords, count: int) -> list[Conversation]:
    """Return conversations of one or two traces, of whose spans some are turns."""
    return [
        (
            {
                new_trace_id(): [replace(span, name="turn") if made.chance(0.4) else span for span in made.spans()]
                for _ in range(made.pick((1, 1, 2)))
            },
            made.logs(),
        )
        for _ in range(count)
    ]


def _due(number: int, traces: Sequence[str]) -> DueConversation:
    return DueConversation(
        key=ConversationKey(f"{number}-{traces[0]}"),
        trace_ids=tuple(TraceId(each) for each in traces),
        conversation_id="", bot_id="b", environment="production", environment_given=True, channel="", user_id="",
        previous_episode=0, previous_decision="", previous_last_unix_nano=0,
        ended_unix_nano=START, end_rule="idle", available_unix_nano=START + number,
        after_watermark_ns=0, watermark_ns=START + HOUR,
    )  # fmt: skip


def _plain(due: DueConversation, conversation: Conversation, policies: PolicySet, size: int) -> ConversationFacts:
    """Return the facts as somebody reads them who has the records before him."""
    traces, logs = conversation
    spans = [span for each in traces.values() for span in each]
    turns = {(span.span_id, span.attributes.get("bot.turn.index")) for span in spans if span.name == "turn"}
    conditions = {
        each.name: str(node_path(spans, logs) or "") if isinstance(each, c.NodePath) else read(each, traces, logs)
        for each in policies.conditions
    }
    return facts(
        key=due.key, trace_ids=due.trace_ids, bot_id="b", end_rule="idle", ended_unix_nano=START,
        due_unix_nano=due.available_unix_nano,
        spans=len(spans),
        node_actions=sum(bool(span.attributes.get("bot.node.id")) for span in spans),
        log_events=len(logs) + sum(len(span.events) for span in spans),
        errors=sum(span.status == 2 for span in spans) + sum(record.severity >= 17 for record in logs),
        turns=len(turns) + sum(record.event_name == "bot.message.user" for record in logs),
        bytes=size,
        conditions=conditions,
    )  # fmt: skip


@pytest.mark.parametrize("policies", [POLICIES, DROPS], ids=["votes", "drops"])
@pytest.mark.parametrize("seed", range(4))
def test_every_policy_decides_alike_over_the_store_and_over_a_plain_reading(
    database: Database, seed: int, policies: str
) -> None:
    """Counts, votes and outcomes of the facts query are those of a plain reading, though half was received twice."""
    made, parsed = RandomRecords(100 + seed), policy_set(policies)
    conversations = _made(made, 50)
    for part in (conversations, conversations[::2]):
        spans = {trace_id: each for traces, _ in part for trace_id, each in traces.items()}
        hold(database, spans, {next(iter(traces)): logs for traces, logs in part})
    batch = [_due(number, list(traces)) for number, (traces, _) in enumerate(conversations)]

    found = Hold(database, ManualClock(START + HOUR), 72 * HOUR).facts(batch, parsed.conditions)

    plain = [
        _plain(due, conversation, parsed, seen.bytes)
        for due, conversation, seen in zip(batch, conversations, found, strict=True)
    ]
    counts = ("spans", "node_actions", "log_events", "errors", "turns")
    assert [[getattr(each, name) for name in counts] for each in found] == [
        [getattr(each, name) for name in counts] for each in plain
    ]
    ours, theirs = decide_batch(parsed, found, {})[0], decide_batch(parsed, plain, {})[0]
    assert [_said(each.votes) for each in ours] == [_said(each.votes) for each in theirs]
    assert [(each.outcome, each.decided_by) for each in ours] == [(each.outcome, each.decided_by) for each in theirs]
    for name in {vote.policy for each in ours for vote in each.votes} - {"always_sample", "all", "bytes_limiting"}:
        assert len({vote.vote for each in ours for vote in each.votes if vote.policy == name}) > 1, name


def _said(votes: Sequence[Vote]) -> list[tuple[str, str]]:
    return [(vote.policy, vote.vote) for vote in votes]


def test_no_type_of_policy_is_left_out() -> None:
    """The comparison is made of every type there is, the processor's and ours."""
    compared = set(re.findall(r"type: (\w+)", POLICIES + DROPS))

    assert {*LEAF_TYPES, *COMBINING_TYPES} - compared == set()
