"""How many conversations a second are decided in Python, with ten policies of all kinds."""

import random
import time

from botlogs_collector.model.conversation import ConversationFacts, TraceId
from botlogs_collector.sample.decide import decide_batch
from botlogs_collector.sample.policies import PolicySet
from tests.bench.report import compared
from tests.support.conversations import NOW, SECOND, facts
from tests.support.policies import policy_set

TARGET = 50_000
TEN_POLICIES = """
    policies:
      - {name: errors, type: status_code, status_code: {status_codes: [ERROR]}}
      - {name: slow, type: latency, latency: {threshold_ms: 5000}}
      - {name: handoffs, type: event, event: {kinds: [handoff]}}
      - {name: left, type: abandoned}
      - {name: large, type: span_count, span_count: {min_spans: 100}}
      - {name: orders, type: string_attribute, string_attribute: {key: bot.flow.id, values: [order]}}
      - {name: text, type: ottl_condition, ottl_condition: {span: ['attributes["n"] > 5 and name == "x"']}}
      - name: paid
        type: and
        and:
          and_sub_policy:
            - {name: tier, type: string_attribute, string_attribute: {key: tier, values: [gold]}}
            - {name: quarter, type: probabilistic, probabilistic: {sampling_percentage: 25}}
      - {name: some, type: rate_limiting, rate_limiting: {spans_per_second: 500}}
      - {name: tenth, type: probabilistic, probabilistic: {sampling_percentage: 10}}
"""


def run(quick: bool) -> list[dict[str, object]]:
    """Return the best of a few rounds, in CPU time: the machine is shared, and waiting says nothing about the code."""
    policies = policy_set(TEN_POLICIES)
    batch = _conversations(policies, 5_000 if quick else 20_000)
    rates: list[float] = []
    for _ in range(3 if quick else 7):
        started = time.process_time()
        decide_batch(policies, batch, {})
        rates.append(len(batch) / (time.process_time() - started))
    best = max(rates)
    return [
        {
            "name": "decisions in Python, ten policies, every vote in words",
            "value": round(best),
            "unit": "conversations per CPU second",
            "ratio": round(best / TARGET, 2),
            "yardstick": "the target",
            **compared(best, at_least=TARGET),
        }
    ]


def _conversations(policies: PolicySet, count: int) -> list[ConversationFacts]:
    """Return made-up facts in which each condition holds for about one in twenty."""
    seeded = random.Random(1)
    made: list[ConversationFacts] = []
    for index in range(count):
        answers: dict[str, object] = {}
        for condition in policies.conditions:
            value = {"bool": seeded.random() < 0.05, "int": seeded.randrange(8 * SECOND), "text": ""}
            answers[condition.name] = value[condition.answer]
        made.append(
            facts(
                key=f"production/conv-{index}",
                trace_ids=(TraceId(f"{seeded.getrandbits(128):032x}"),),
                spans=seeded.randrange(5, 120),
                due_unix_nano=NOW + index * SECOND // 200,
                conditions=answers,
            )
        )
    return made
