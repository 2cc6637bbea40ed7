"""Policies and environments change while the service runs; a faulty file changes nothing."""

import pytest

from botlogs_collector.errors import ConfigError
from tests.support.hold import World, new_id
from tests.support.policies import policy_set

DELAY_S = 15 * 60


def test_changed_policies_judge_from_the_next_batch_on(world: World) -> None:
    """One engine follows the policies it is handed, batch by batch, and the receipts tell by which it decided."""
    engine = world.engine()
    first, second = new_id(), new_id()
    world.spans(first)
    world.end(first)
    world.clock.advance(DELAY_S)
    engine.run_round()

    world.policies = policy_set("policies: [{name: errors, type: status_code, status_code: {status_codes: [ERROR]}}]")
    world.spans(second)
    world.end(second)
    world.clock.advance(DELAY_S)
    engine.run_round()

    assert (world.visible_spans(first), world.visible_spans(second)) == (1, 0)
    assert world.receipt(first).decision.policies_hash != world.receipt(second).decision.policies_hash


def test_a_faulty_policy_names_its_place() -> None:
    """What cannot be taken is said with its path and the nearest known word."""
    with pytest.raises(ConfigError, match=r"policies\[0\].type: .*did you mean 'latency'"):
        policy_set("policies: [{name: slow, type: latncy}]")
