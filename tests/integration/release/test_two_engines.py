"""Two engines judge the same conversation at once, since one stood still beyond its lease: one truth comes out."""

import itertools
import threading

import pytest

from botlogs_collector.sample.policies import PolicySet
from botlogs_collector.store.client import Database
from tests.support.hanging_store import HangingDatabase
from tests.support.hold import World, new_id
from tests.support.policies import policy_set
from tests.support.processes import until
from tests.support.truth import Outcome, outcomes

DELAY_S = 15 * 60
_KEEP, _DROP = "policies: []", "policies: [{name: none, type: probabilistic, probabilistic: {sampling_percentage: 0}}]"


def _policies(text: str) -> PolicySet:
    return PolicySet() if text == _KEEP else policy_set(text)


@pytest.mark.parametrize(("sleeper", "other"), [(_KEEP, _KEEP), (_KEEP, _DROP), (_DROP, _KEEP)])
def test_an_engine_that_wakes_up_behind_another_contradicts_nothing(
    database: Database, sleeper: str, other: str
) -> None:
    """Whatever it was about to write: kept is kept whole and once, and the one receipt says so too."""
    for step in itertools.count(1):
        slow = HangingDatabase(database, step)
        asleep = World(slow.as_database, policies=_policies(sleeper))
        awake = World(database, policies=_policies(other), clock=asleep.clock)
        conversation = new_id()
        awake.spans(conversation, 2)
        awake.end(conversation)
        awake.clock.advance(DELAY_S)
        round_ = threading.Thread(target=asleep.run)

        round_.start()
        until(lambda slow=slow, round_=round_: slow.hangs.is_set() or not round_.is_alive())
        awake.after(1)
        slow.let_go.set()
        round_.join(60)
        awake.after(1)

        found = outcomes(database, [conversation])[conversation]
        kept = Outcome(spans=2, records=1, receipts=(("released", 2, 0),))
        dropped = Outcome(spans=0, records=0, receipts=(("dropped", 2, 0),))
        assert found == kept or (found == dropped and _DROP in (sleeper, other)), f"asleep before statement {step}"
        if not slow.hangs.is_set():
            assert step > 2
            return


def test_a_restore_is_not_lost_to_a_late_row_of_the_same_moment(database: Database) -> None:
    """The engine read `dropped` and is about to write it again with a late row; a person asked for it meanwhile."""
    slow = HangingDatabase(database, 2)  # the facts' batch, then the receipt
    world = World(database, policies=_policies(_DROP))
    engine = World(slow.as_database, policies=world.policies, clock=world.clock)
    conversation = new_id()
    world.spans(conversation, 2)
    world.end(conversation)
    world.after(DELAY_S)
    world.spans(conversation, start_ns=world.clock.now_ns() - 20 * 60 * 10**9)
    world.clock.advance(3600)
    round_ = threading.Thread(target=engine.run)

    round_.start()
    until(slow.hangs.is_set)
    world.history.restore(conversation, by="ana", reason="ticket 4")
    slow.let_go.set()
    round_.join(60)
    world.after(2)
    world.after(2)

    assert world.receipt(conversation).status == "restored"
    assert world.visible_spans(conversation) == 3
