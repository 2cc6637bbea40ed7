"""The engine answers slowly: statements hang, or are cut off at their deadline with part of their work done."""

import contextlib
import itertools
import threading
from collections.abc import Generator, Mapping
from typing import Any

from botlogs_collector.errors import Retryable
from botlogs_collector.store import statements
from botlogs_collector.store.client import Database, Row
from tests.support.hanging_store import HangingDatabase
from tests.support.hold import HOUR, World, new_id
from tests.support.policies import policy_set
from tests.support.processes import until
from tests.support.truth import Outcome, outcomes

DELAY_S = 15 * 60
_ERRORS_ONLY = "policies: [{name: errors, type: status_code, status_code: {status_codes: [ERROR]}}]"
_DEADLINE = "max_execution_time = 300"


def test_while_the_store_hangs_nothing_is_half_open_and_rows_are_taken(database: Database) -> None:
    """At whichever statement it hangs: the gate shows all of a conversation or nothing, and others may write."""
    for step in itertools.count(1):
        slow = HangingDatabase(database, step)
        world = World(database, policies=policy_set(_ERRORS_ONLY))
        releasing = World(slow.as_database, policies=world.policies, clock=world.clock)
        kept, dropped, other = new_id("kept"), new_id("dropped"), new_id("other")
        world.spans(kept, 2, error=True)
        world.spans(dropped, 2)
        world.end(kept)
        world.end(dropped)
        world.clock.advance(DELAY_S)
        round_ = threading.Thread(target=releasing.run)

        round_.start()
        until(lambda slow=slow, round_=round_: slow.hangs.is_set() or not round_.is_alive())
        state, stored = world.state(kept), world.stored_spans(kept)
        world.spans(other)
        slow.let_go.set()
        round_.join(60)

        assert state == "held" or stored == 2
        assert outcomes(database, [kept, dropped]) == {
            kept: Outcome(spans=2, records=1, receipts=(("released", 2, 0),)),
            dropped: Outcome(spans=0, records=0, receipts=(("dropped", 2, 0),)),
        }
        assert world.state(other) == "ongoing"
        if not slow.hangs.is_set():
            assert step > 5
            return


class ImpatientDatabase:
    """The real store; it works in small pieces, and moves are cut off after *deadline_s*."""

    def __init__(self, database: Database, deadline_s: float) -> None:
        self._database = database
        self.deadline_s = deadline_s
        self.cut_off: list[str] = []

    def run(self, name: str, settings: Mapping[str, object] | None = None, **parameters: object) -> None:
        """As of the real one."""
        pieces = {**(settings or {}), "max_block_size": 2000, "min_insert_block_size_rows": 2000}
        with self._within(name) as sql:
            self._database.command(sql, pieces, **parameters)

    def query(self, name: str, **parameters: object) -> list[Row]:
        """As of the real one."""
        with self._within(name) as sql:
            return self._database.rows(sql, **parameters)

    @contextlib.contextmanager
    def _within(self, name: str) -> Generator[str]:
        """Yield the statement, a move with another deadline; note that it was cut off."""
        sql = statements.query(name)
        try:
            yield sql.replace(_DEADLINE, f"max_execution_time = {self.deadline_s}") if "move" in name else sql
        except Retryable as error:
            if "Timeout exceeded" in str(error):
                self.cut_off.append(name)
            raise

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)


def test_moves_cut_off_at_their_deadline_are_made_once(database: Database) -> None:
    """A large conversation over two days, cut off again and again with part of it moved, is there once in the end."""
    world = World(database)
    conversation = new_id()
    world.clock.advance((24 * HOUR - world.clock.now_ns() % (24 * HOUR)) / 1e9 - 60)
    world.spans(conversation, 20_000)
    world.clock.advance(120)  # another day: another part
    world.spans(conversation, 20_000)
    world.end(conversation)
    world.clock.advance(DELAY_S)
    slow = ImpatientDatabase(database, 0.01)
    engine = World(slow, clock=world.clock).engine()  # pyright: ignore[reportArgumentType]

    seen: list[tuple[str, int]] = []
    while not (receipts := world.receipts(conversation)) or receipts[0].status != "released":
        with contextlib.suppress(Retryable):
            engine.run_round()
        seen.append((world.state(conversation), world.stored_spans(conversation)))
        slow.deadline_s *= 1.7
        world.clock.advance(700)

    assert "move_traces" in slow.cut_off
    assert all(state == "held" for state, _ in seen[:-1])
    assert (world.stored_spans(conversation), world.visible_spans(conversation)) == (40_000, 40_000)
    assert world.receipt(conversation).spans == 40_000
