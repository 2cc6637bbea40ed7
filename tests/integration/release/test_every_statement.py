"""Killed at every single statement of a release that has everything in it: the next engine comes to the same end."""

import itertools
from dataclasses import dataclass, field

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from botlogs_collector.store.client import Database
from tests.faults.ledger import LONG
from tests.support.failing_store import Fault, StoppingDatabase
from tests.support.hold import MINUTE, World, add_event, add_spans, new_id
from tests.support.policies import policy_set
from tests.support.truth import Outcome, assert_none_is_half_open, outcomes

DELAY_S = 15 * 60
IDLE_S = 30 * 60
# Errors are kept, and of those that visit a node one an hour.
_POLICIES = """
policies:
  - {name: errors, type: status_code, status_code: {status_codes: [ERROR]}}
  - {name: one, type: per_key, per_key: {key: node, per_hour: 1}}
"""
_KEPT, _DROPPED = ("released", 2, 0), ("dropped", 2, 0)
# What a restore and the round behind it write.
_STATEMENTS = [
    "botlogs.audit", "botlogs_held.batches", "botlogs.receipts",  # the restore
    "move_roots", "move_traces", "move_logs", "botlogs.receipts",  # its move
    "botlogs_held.batches",  # what facts are asked of
    "botlogs_held.rate_notes", "botlogs_held.batches", "botlogs.receipts", "botlogs_held.rate_state",  # the decisions
    "move_roots", "move_traces", "move_logs", "botlogs.receipts",  # their move
]  # fmt: skip


@dataclass
class Day:
    """A world in which, at one moment, one of everything is due; and what is to become of each."""

    database: StoppingDatabase
    expected: dict[str, Outcome] = field(default_factory=dict[str, Outcome])

    def __post_init__(self) -> None:
        self.world = World(self.database.as_database, policies=policy_set(_POLICIES))
        self.node = new_id("node")
        # Within one hour of the clock all that is due at that moment, and one more after it.
        self.world.clock.advance(3600 - self.world.clock.now_ns() // 10**9 % 3600)
        self._talks = (ExportTraceServiceRequest(), ExportLogsServiceRequest())
        engine = self.world.engine()
        late_of_kept, late_error, late_of_dropped, continued = self._first_episodes()
        self.world.clock.advance(DELAY_S)
        assert engine.run_round() == 5

        self._late(late_of_kept)
        self._late(late_error, error=True)
        self._late(late_of_dropped)
        self._arrive()
        self.world.clock.advance(IDLE_S)
        self._talk(Outcome(spans=2, records=1, receipts=(_KEPT,)), error=True)
        self._talk(Outcome(spans=0, records=0, receipts=(_DROPPED,)))
        self.rated = [self._talk(Outcome(spans=2, records=1, receipts=(_KEPT,)), node=self.node) for _ in range(2)]
        self._talk(self.expected[continued], continued, error=True)
        self._arrive()
        self.world.clock.advance(DELAY_S - 1)
        assert engine.run_round() == 0, "it is early"
        self.world.clock.advance(1)
        self.before = outcomes(self.database.as_database, list(self.expected))

    def _first_episodes(self) -> tuple[str, str, str, str]:
        with_late = Outcome(spans=3, records=1, receipts=(("released", 3, 1),))
        late_of_kept = self._talk(with_late, error=True)
        late_error = self._talk(with_late)
        late_of_dropped = self._talk(Outcome(spans=0, records=0, receipts=(("dropped", 3, 1),)))
        continued = self._talk(Outcome(spans=4, records=2, receipts=(_KEPT, _KEPT)), error=True)
        self.restored = self._talk(Outcome(spans=2, records=1, receipts=(("restored", 2, 0),)))
        self._arrive()
        return late_of_kept, late_error, late_of_dropped, continued

    def _talk(self, expected: Outcome, conversation: str = "", *, error: bool = False, node: str = "") -> str:
        """Let two spans and an end mark come with the next arrival."""
        conversation = conversation or new_id()
        now_ns = self.world.clock.now_ns()
        visits = {"bot__node__id": node} if node else {}
        add_spans(self._talks[0], conversation, now_ns, 2, error=error, **visits)  # pyright: ignore[reportArgumentType]
        add_event(self._talks[1], conversation, now_ns, "bot.conversation.end")
        self.expected[conversation] = expected
        return conversation

    def _late(self, conversation: str, *, error: bool = False) -> None:
        """Let a span of before the end come with the next arrival."""
        now_ns = self.world.clock.now_ns()
        add_spans(self._talks[0], conversation, now_ns, 1, error=error, start_ns=now_ns - 20 * MINUTE)

    def _arrive(self) -> None:
        for signal, request in zip(("traces", "logs"), self._talks, strict=True):
            self.world.insert(signal, [request.SerializeToString()])
            request.Clear()

    def release(self) -> None:
        """Ask for a dropped conversation, then run a round."""
        self.world.history.restore(self.restored, by="ana", reason="ticket 4")
        self.world.run()

    def go_on(self) -> None:
        """Do what people and a new process do after a crash: ask once more, run rounds; later one more talks."""
        world = World(self.database.as_database, policies=self.world.policies, clock=self.world.clock)
        world.history.restore(self.restored, by="ana", reason="ticket 4")
        engine = world.engine()
        engine.run_round()
        self._talk(Outcome(spans=0, records=0, receipts=(_DROPPED,)), node=self.node)
        self._arrive()
        world.clock.advance(DELAY_S)
        assert engine.run_round() == 1, "the round before released all"


@pytest.mark.timeout(600)
@pytest.mark.parametrize("fault", ["after", *(["unanswered", "before"] if LONG else [])])
def test_killed_at_any_statement_a_release_comes_to_the_same_end(database: Database, fault: Fault) -> None:
    """Kept, dropped, limited by a rate, late, late with an error, continued, restored: as if nothing had happened.

    Before a statement is after the one before it: the store cannot tell.
    """
    for step in itertools.count(1):
        day = Day(StoppingDatabase(database))

        with day.database.failing(step, fault) as stop:
            day.release()
        assert_none_is_half_open(day.world, day.before, day.expected)
        day.go_on()

        found = outcomes(database, list(day.expected))
        (dropped,) = (c for c in day.rated if found[c].receipts == (_DROPPED,))  # the rate was spent once
        expected = {**day.expected, dropped: Outcome(spans=0, records=0, receipts=(_DROPPED,))}
        assert found == expected, f"{fault} statement {step}, {stop.statements[-1]}"
        if not stop.was_reached:
            assert stop.statements == _STATEMENTS
            return
