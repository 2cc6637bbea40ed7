"""Whatever happens: nothing lost, nothing doubled, nothing half, nothing early, and a receipt for everything."""

from botlogs_collector.model.conversation import ConversationFacts
from botlogs_collector.sample.policies import PolicySet
from botlogs_collector.sample.policy import Answer, answer
from botlogs_collector.store.client import Database
from tests.support.hold import World, new_id
from tests.support.policies import policy_set

DELAY_S = 15 * 60


def test_ten_thousand_due_at_once_are_all_released(world: World) -> None:
    """A pile of conversations due in the same second is worked off in one round, each with its receipt."""
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    from tests.support.hold import add_spans

    bot = new_id("bot")
    request = ExportTraceServiceRequest()
    for _ in range(10_000):
        add_spans(request, new_id(), world.clock.now_ns(), 1, bot=bot)
    world.insert("traces", [request.SerializeToString()])

    world.after(45 * 60)

    visible = world.database.rows("SELECT count() AS n FROM botlogs.otel_traces WHERE BotId = {b:String}", b=bot)
    receipts = world.database.rows("SELECT count() AS n FROM botlogs.receipts FINAL WHERE BotId = {b:String}", b=bot)
    assert visible == [{"n": 10_000}]
    assert receipts == [{"n": 10_000}]


def test_a_conversation_of_200_000_spans_comes_out_whole(world: World) -> None:
    """Size alone neither splits nor drops a conversation."""
    conversation = new_id()
    for _ in range(10):
        world.spans(conversation, 20_000)

    world.after(45 * 60)

    assert world.visible_spans(conversation) == 200_000
    assert world.receipt(conversation).spans == 200_000


class _Raises:
    name = "broken"
    conditions = ()

    def evaluate(self, facts: ConversationFacts, rates: object) -> Answer:
        raise RuntimeError("a bug in a policy")


class _Drops:
    name = "drops"
    conditions = ()

    def evaluate(self, facts: ConversationFacts, rates: object) -> Answer:
        return answer(self.name, "not_sampled", "never")


def test_a_policy_that_raises_keeps(world: World) -> None:
    """Sampling fails open: a broken policy is on the receipt, and the conversation is kept."""
    world.policies = PolicySet(policies=(_Raises(), _Drops()), hash="test")  # pyright: ignore[reportArgumentType]
    conversation = new_id()
    world.spans(conversation)
    world.end(conversation)

    world.after(DELAY_S)

    receipt = world.receipt(conversation)
    assert world.visible_spans(conversation) == 1
    assert receipt.decision.decided_by == "error:broken"
    assert [(vote.policy, vote.vote) for vote in receipt.decision.votes] == [
        ("broken", "error"),
        ("drops", "not_sampled"),
    ]


def test_a_request_sent_three_times_is_counted_once(world: World) -> None:
    """Facts count identities: a retried request makes no second span, line or byte."""
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    from tests.support.hold import add_spans

    conversation = new_id()
    request = ExportTraceServiceRequest()
    add_spans(request, conversation, world.clock.now_ns(), 5)
    for _ in range(3):
        world.insert("traces", [request.SerializeToString()])

    world.after(45 * 60)

    assert world.receipt(conversation).spans == 5
    assert (world.visible_spans(conversation), world.stored_spans(conversation)) == (5, 5)


def test_a_conversation_of_a_torn_commit_is_not_dropped_for_rows_that_are_missing(database: Database) -> None:
    """Killed between the tables of a commit, state is there without rows: kept; what comes again is judged."""
    policies = policy_set("policies: [{name: errors, type: status_code, status_code: {status_codes: [ERROR]}}]")
    world = World(database, policies=policies)
    conversation = new_id()
    world.spans(conversation, 2)
    table = "botlogs_held.otel_traces_local" if database.cluster else "botlogs_held.otel_traces"
    database.command(
        f"ALTER TABLE {table} DELETE WHERE ConversationId = {{c:String}}",
        {"mutations_sync": 2},
        c=conversation,
    )

    world.after(45 * 60)
    first = world.receipt(conversation)
    world.spans(conversation, 2)
    world.after(45 * 60)

    assert (first.status, first.decision.decided_by, first.spans) == ("released", "error:no_rows", 0)
    assert [receipt.status for receipt in world.receipts(conversation)] == ["released", "dropped"]
    assert world.visible_spans(conversation) == 0
