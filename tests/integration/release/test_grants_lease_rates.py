"""Killed between the statements of a grant, or of taking the lease; and rates under a clock that is set back."""

import itertools

import pytest

from botlogs_collector.model.grant import Scope
from botlogs_collector.store.client import Database
from botlogs_collector.store.lease import StoreLease
from tests.support.failing_store import StoppingDatabase
from tests.support.hold import HOUR, World, new_id
from tests.support.policies import policy_set
from tests.support.processes import until

DELAY_S = 15 * 60


def test_no_grant_is_in_force_without_its_audit_row(database: Database) -> None:
    """Killed at any statement of granting or revoking, what is in force is in the audit."""
    for step in itertools.count(1):
        stopping = StoppingDatabase(database)
        world = World(stopping.as_database)
        bot = new_id("bot")

        with stopping.failing(step, "after") as stop:
            until_ns = world.clock.now_ns() + HOUR
            grant = world.history.grant(
                Scope(bot_id=bot), from_unix_nano=None, until_unix_nano=until_ns, reason="case 17", by="ana"
            )
            world.clock.advance(1)
            world.history.revoke(grant.grant_id, by="ben")

        (rows,) = database.rows(
            "SELECT groupArray(GrantId) AS ids, groupArray(RevokedBy) AS by FROM botlogs.grants FINAL"
            " WHERE BotId = {b:String}",
            b=bot,
        )
        for grant_id, revoked_by in zip(rows["ids"], rows["by"], strict=True):
            audit = database.rows("SELECT Action FROM botlogs.audit WHERE Subject = {s:String}", s=grant_id)
            assert {row["Action"] for row in audit} >= {"grant", *(["revoke"] if revoked_by else [])}
        if not stop.was_reached:
            assert stop.statements == ["botlogs.audit", "botlogs.grants"] * 2
            return


@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_lease_is_free_again_after_a_kill_at_any_statement_of_it(database: Database, step: int) -> None:
    """Claimed, taken or given up: the one who was killed blocks the next no longer than the lease lasts."""
    stopping, name = StoppingDatabase(database), new_id("lease")
    first = StoreLease(stopping.as_database, new_id("first"), name, lease_s=1)
    second = StoreLease(database, new_id("second"), name, lease_s=60)

    with stopping.failing(step, "after") as stop:
        first.holds()
        first.holds()
        first.give_up()

    assert stop.statements == ["lease_claim", "lease_renew", "lease_renew"][:step]
    assert until(second.holds, 10)
    assert not first.holds()


def test_a_clock_set_back_makes_no_rate_be_spent_twice(world: World) -> None:
    """What was saved before the jump is older by the clock, and still the newest."""
    world.policies = policy_set("policies: [{name: one, type: per_key, per_key: {key: bot, per_hour: 2}}]")
    bot, conversations = new_id("bot"), [new_id() for _ in range(3)]
    world.clock.advance(3600 - world.clock.now_ns() // 10**9 % 3600 + 2400)
    for conversation in conversations:
        world.spans(conversation, bot=bot)
        world.end(conversation)
        world.clock.advance(DELAY_S)
        world.run()
        world.clock.set_wall(world.clock.now_ns() - 2 * DELAY_S * 10**9)  # within the hour all the same

    assert [world.visible_spans(conversation) for conversation in conversations] == [1, 1, 0]
