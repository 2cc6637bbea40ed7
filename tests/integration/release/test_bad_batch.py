"""One batch, or one conversation, that cannot be released holds up no other; it stays hidden, and that is said."""

from collections.abc import Sequence

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from botlogs_collector.errors import Retryable
from botlogs_collector.model.conversation import ConversationFacts, ConversationKey, DueConversation
from botlogs_collector.sample.conditions import Condition
from tests.support.hold import World, add_spans, new_id

DELAY_S = 15 * 60


class FailingHold:
    """A real hold that cannot move, or cannot tell the facts of, what is `bad`."""

    def __init__(self, world: World) -> None:
        self._hold = world.hold
        self.unmovable: set[str] = set()
        self.unreadable: set[str] = set()

    def __getattr__(self, name: str) -> object:
        return getattr(self._hold, name)

    def move(self, batch_id: str, keys: Sequence[ConversationKey]) -> None:
        if self.unmovable & set(keys):
            raise Retryable("ClickHouse: memory limit exceeded")
        self._hold.move(batch_id, keys)

    def facts(self, batch: Sequence[DueConversation], conditions: Sequence[Condition]) -> list[ConversationFacts]:
        if self.unreadable & {due.conversation_id for due in batch}:
            raise Retryable("ClickHouse: memory limit exceeded")
        return self._hold.facts(batch, conditions)


def _talk(world: World) -> str:
    conversation = new_id()
    world.spans(conversation, 2)
    world.end(conversation)
    world.clock.advance(1)
    return conversation


def _counted(world: World, name: str) -> str:
    lines = world.telemetry.exposition().decode().splitlines()
    return next(line.split()[1] for line in lines if line.startswith(f"botlogs_{name} "))


def test_a_batch_that_cannot_be_moved_holds_up_no_other(world: World) -> None:
    """It is reported and tried later each time, hidden until then; the others come out in the same round."""
    hold, bad = FailingHold(world), _talk(world)
    engine = world.engine(hold)  # pyright: ignore[reportArgumentType]
    world.clock.advance(DELAY_S)
    hold.unmovable = {due.key for due in world.hold.due(world.clock.now_ns(), world.clock.now_ns(), 10)}
    engine.run_round()
    good = _talk(world)
    world.clock.advance(DELAY_S)

    engine.run_round()
    seen = (world.visible_spans(good), world.visible_spans(bad), world.state(bad))
    told = (_counted(world, "move_failures_total"), _counted(world, "unfinished_batches"))
    hold.unmovable = set()
    world.clock.advance(3)
    engine.run_round()
    soon = world.visible_spans(bad)
    world.clock.advance(2)
    engine.run_round()

    assert seen == (2, 0, "held")
    assert told == ("2.0", "1.0")
    assert (soon, world.visible_spans(bad)) == (0, 2), "the second wait is 4 s"
    assert (world.receipt(good).status, world.receipt(bad).status) == ("released", "released")
    assert _counted(world, "unfinished_batches") == "0.0"


def test_a_conversation_that_cannot_be_decided_holds_up_no_other(world: World) -> None:
    """Batches get smaller until it is alone; then it is set aside, and the others come out, older and younger ones."""
    hold = FailingHold(world)
    conversations = [_talk(world) for _ in range(9)]
    bad = conversations[3]
    hold.unreadable = {bad}
    engine = world.engine(hold)  # pyright: ignore[reportArgumentType]
    world.clock.advance(DELAY_S)

    failed_rounds = 0
    while world.visible_spans(conversations[-1]) == 0:
        try:
            engine.run_round()
        except Retryable:
            failed_rounds += 1
    seen = [world.visible_spans(conversation) for conversation in conversations]
    told = (_counted(world, "set_aside_conversations_total"), _counted(world, "conversations_aside"))
    lag_s = float(_counted(world, "release_lag_seconds"))
    hold.unreadable = set()
    world.clock.advance(3)
    engine.run_round()

    assert failed_rounds <= 5
    assert seen == [2, 2, 2, 0, 2, 2, 2, 2, 2]
    assert told == ("1.0", "1.0")
    assert lag_s > 0, "what is hidden for too long shows in the lag"
    assert world.visible_spans(bad) == 2
    assert world.receipt(bad).status == "released"


def test_a_batch_of_senders_with_broken_clocks_is_decided(world: World) -> None:
    """Receipts lie by the month in which conversations say that they began: a batch may say any number of them."""
    months = 150  # the store refuses rows of more than 100 at once unless it is told to
    conversations = [new_id() for _ in range(months)]
    request = ExportTraceServiceRequest()
    for number, conversation in enumerate(conversations):
        add_spans(request, conversation, world.clock.now_ns(), 1, start_ns=(number + 1) * 31 * 86_400 * 10**9)
    world.insert("traces", [request.SerializeToString()])

    world.after(45 * 60)

    receipts = world.database.rows(
        "SELECT uniqExact(toYYYYMM(StartedAt)) AS months, count() AS n FROM botlogs.receipts FINAL"
        " WHERE ConversationId IN {ids:Array(String)} AND Status = 'released'",
        ids=conversations,
    )
    assert receipts == [{"months": months, "n": months}]
