"""The policies that count keep to their limits for all conversations together, over batches and processes."""

from botlogs_collector.sample.conditions import NodePath, Seen
from botlogs_collector.sample.decide import decide_batch
from botlogs_collector.sample.rates import DAY_NS, HOUR_NS, SECOND_NS, Rates
from tests.support.conversations import NOW, facts
from tests.support.policies import policy, policy_set

HOUR_START = NOW - NOW % HOUR_NS


def test_rate_limiting_counts_spans_and_has_twice_the_rate_as_burst() -> None:
    """35 spans a second let 70 through at once, then 35 a second."""
    judged, rates = policy("{type: rate_limiting, rate_limiting: {spans_per_second: 35}}"), Rates({})

    votes = [judged.evaluate(facts(spans=35), rates).vote for _ in range(3)]
    later = judged.evaluate(facts(spans=35, due_unix_nano=NOW + SECOND_NS), rates).vote

    assert [vote.vote for vote in votes] == ["sampled", "sampled", "not_sampled"]
    assert votes[2].because == "it has 35 spans; 0 were left of 70 (35 a second)"
    assert later.vote == "sampled"


def test_bytes_limiting_refuses_what_is_larger_than_the_burst() -> None:
    """A conversation larger than the burst never passes."""
    judged = policy("{type: bytes_limiting, bytes_limiting: {bytes_per_second: 1000, burst_capacity: 1500}}")

    assert judged.evaluate(facts(bytes=1_501), Rates({})).vote.vote == "not_sampled"
    assert judged.evaluate(facts(bytes=1_500), Rates({})).vote.vote == "sampled"


def test_a_backlog_is_judged_by_when_each_was_due() -> None:
    """After an outage the rate counts the times at which conversations became due, not the one of the batch."""
    policies = policy_set("policies: [{name: r, type: rate_limiting, rate_limiting: {spans_per_second: 10}}]")
    backlog = [facts(key=f"c{i}", spans=10, due_unix_nano=NOW + i * SECOND_NS) for i in range(100)]

    decisions, _ = decide_batch(policies, backlog, {})

    assert {decision.outcome for decision in decisions} == {"keep"}


def test_per_key_keeps_so_many_an_hour_for_each_bot() -> None:
    """Every bot has its own count, and a new hour starts anew."""
    judged, rates = policy("{type: per_key, per_key: {key: bot, per_hour: 2}}"), Rates({})

    def vote(bot: str, at: int) -> str:
        return judged.evaluate(facts(bot_id=bot, due_unix_nano=at), rates).vote.vote

    assert [vote("a", HOUR_START) for _ in range(3)] == ["sampled", "sampled", "not_sampled"]
    assert vote("b", HOUR_START) == "sampled"
    assert vote("a", HOUR_START + HOUR_NS - 1) == "not_sampled"
    assert vote("a", HOUR_START + HOUR_NS) == "sampled"


def test_per_key_samples_where_one_of_several_keys_has_room_and_counts_for_all() -> None:
    """A conversation through a rare flow is sampled though its common flow is full."""
    judged, rates = policy("{type: per_key, per_key: {key: flow, per_hour: 1}}"), Rates({})
    name = Seen(of="flow").name

    def vote(*flows: str) -> str:
        return judged.evaluate(facts(conditions={name: list(flows)}), rates).vote.vote

    assert vote("common") == "sampled"
    assert vote("common") == "not_sampled"
    assert vote("common", "rare") == "sampled"
    assert vote("rare") == "not_sampled"
    assert vote() == "not_sampled"


def test_per_key_remembers_a_bounded_number_of_keys() -> None:
    """Beyond max_keys all further keys share one count: a flood of names cannot fill the store."""
    judged, rates = policy("{type: per_key, per_key: {key: bot, per_hour: 1, max_keys: 3}}"), Rates({})

    votes = [judged.evaluate(facts(bot_id=f"b{i}"), rates).vote.vote for i in range(100)]

    assert votes.count("sampled") == 4
    assert len(rates.state()) == 5


def test_new_path_samples_each_way_through_the_flow_once_a_day() -> None:
    """The first conversation of a day with a path is sampled, the next one is not."""
    policies = policy_set("policies: [{name: new, type: new_path}]")
    path = NodePath().name
    batch = [facts(key=f"c{i}", conditions={path: hashed}, due_unix_nano=NOW + i) for i, hashed in enumerate("aabca")]

    decisions, state = decide_batch(policies, batch, {})
    again, state = decide_batch(policies, batch, state)
    tomorrow, _ = decide_batch(policies, [facts(conditions={path: "a"}, due_unix_nano=NOW + DAY_NS)], state)

    assert [decision.outcome for decision in decisions] == ["keep", "drop", "keep", "keep", "drop"]
    assert {decision.outcome for decision in again} == {"drop"}
    assert tomorrow[0].outcome == "keep"


def test_a_path_that_another_policy_kept_is_not_new() -> None:
    """What counts is that it was kept, not by whom."""
    policies = policy_set("""
        policies:
          - {name: new, type: new_path}
          - {name: long, type: turn_count, turn_count: {min_turns: 5}}
          - name: never
            type: drop
            drop: {drop_sub_policy: [{name: b, type: span_count, span_count: {min_spans: 99}}]}
    """)
    path = {NodePath().name: "a"}
    dropped = facts(key="c0", conditions=path, spans=99, due_unix_nano=NOW)
    kept = facts(key="c1", conditions=path, turns=5, due_unix_nano=NOW + 1)
    same = facts(key="c2", conditions=path, due_unix_nano=NOW + 2)

    decisions, _ = decide_batch(policies, [dropped, kept, same], {})

    assert [decision.decided_by for decision in decisions] == ["never", "new", "none"]


def test_paths_of_two_bots_are_two_paths() -> None:
    """Node ids of different bots have nothing to do with one another."""
    policies = policy_set("policies: [{name: new, type: new_path}]")
    path = {NodePath().name: "a"}

    decisions, _ = decide_batch(policies, [facts(conditions=path, bot_id="x"), facts(conditions=path, bot_id="y")], {})

    assert [decision.outcome for decision in decisions] == ["keep", "keep"]


def test_new_path_remembers_a_bounded_number_of_paths() -> None:
    """Past the limit nothing is new any more, and nothing more is stored."""
    policies = policy_set("policies: [{name: new, type: new_path, new_path: {max_paths: 3}}]")
    batch = [facts(key=f"c{i:02}", conditions={NodePath().name: f"p{i}"}) for i in range(20)]

    decisions, state = decide_batch(policies, batch, {})

    assert [decision.outcome for decision in decisions].count("keep") == 3
    assert len(state) == 4


def test_a_new_path_inside_another_policy_learns_too() -> None:
    """Nested in an `and`, the policy hears of what was kept as well."""
    policies = policy_set("""
        policies:
          - name: long-and-new
            type: and
            and:
              and_sub_policy:
                - {name: long, type: turn_count, turn_count: {min_turns: 3}}
                - {name: new, type: new_path}
    """)
    path = {NodePath().name: "a"}
    batch = [facts(key=f"c{i}", conditions=path) for i in range(2)]

    decisions, _ = decide_batch(policies, batch, {})

    assert [decision.outcome for decision in decisions] == ["keep", "drop"]
