"""What goes out of released conversations: nothing before its time, nothing that was dropped, roots and weights."""

from dataclasses import dataclass

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from botlogs_collector.model.forwarding import Cursor, ForwardFilter
from botlogs_collector.otlp.batches import parsed
from botlogs_collector.store.client import Database
from botlogs_collector.store.outbox import Outbox
from tests.support.failing_store import StoppingDatabase
from tests.support.hold import MINUTE, World, add_spans, new_id, trace_of
from tests.support.otlp_receiver import items_in
from tests.support.otlp_sink import attributes_of
from tests.support.policies import policy_set

_HOUR_S = 3600
_DROP_ALL = "policies: [{name: none, type: probabilistic, probabilistic: {sampling_percentage: 0}}]"


@dataclass
class Released:
    """A world and its outbox, from the moment it was made."""

    world: World

    def __post_init__(self) -> None:
        self.outbox = Outbox(self.world.database, self.world.clock, 72 * 3600 * 10**9)
        self.start_ns = self.world.clock.now_ns()

    def spans(self) -> list[Span]:
        """Return what is forwarded of what is visible now."""
        cursor = Cursor(from_unix_nano=self.start_ns - 1, upto_unix_nano=self.world.clock.now_ns())
        found: list[Span] = []
        while (
            page := self.outbox.page("traces", cursor, ForwardFilter(), max_items=100, max_request_bytes=10**6)
        ).items:
            found += [span for body in page.requests for span in items_in(parsed("traces", body))]
            cursor = page.cursor
        return found


@pytest.fixture
def released(database: Database) -> Released:
    """A world of the test's own."""
    return Released(World(database))


def test_held_and_dropped_conversations_never_go_out_and_restored_ones_do(released: Released) -> None:
    """What is forwarded is what may be read, no row earlier."""
    world, kept, dropped = released.world, new_id("kept"), new_id("dropped")
    world.spans(kept, 2)
    held = released.spans()
    world.after(_HOUR_S)
    out = released.spans()
    world.policies = policy_set(_DROP_ALL)
    world.spans(dropped, 3)
    world.after(_HOUR_S)
    after_the_drop = released.spans()
    world.history.restore(dropped, by="me", reason="a complaint")
    world.after(1)
    restored = released.spans()

    assert held == []
    assert {span.trace_id for span in out} == {trace_of(kept)}
    assert len(after_the_drop) == len(out)
    assert {span.trace_id for span in restored} == {trace_of(kept), trace_of(dropped)}


def test_a_conversation_without_a_root_gets_one_that_its_spans_hang_below(released: Released) -> None:
    """It is marked as made, spans all of the trace, and a repeat of the release makes no second one."""
    conversation = new_id()
    ids = released.world.spans(conversation, 3)

    released.world.after(_HOUR_S)
    spans = released.spans()

    (root,) = [span for span in spans if span.span_id.hex() not in ids]
    assert (root.name, root.parent_span_id) == ("conversation", b"")
    assert {span.parent_span_id for span in spans if span is not root} == {root.span_id}
    assert attributes_of(root.attributes) == {
        "botlogs.root.synthesized": True, "gen_ai.conversation.id": conversation, "bot.id": "support",
    }  # fmt: skip
    assert root.start_time_unix_nano == min(span.start_time_unix_nano for span in spans)
    assert root.end_time_unix_nano == max(span.end_time_unix_nano for span in spans)


def test_a_conversation_with_a_root_gets_no_other(released: Released) -> None:
    """Nor does a later episode of it, whose spans alone have none."""
    world, conversation = released.world, new_id()
    request = _with_root(conversation, world)
    world.insert("traces", [request])
    world.after(_HOUR_S)
    first = len(released.spans())
    world.spans(conversation, 2)
    world.after(_HOUR_S)

    assert (first, len(released.spans())) == (2, 4)


def test_a_made_root_is_made_once_for_all_episodes(released: Released) -> None:
    """The second episode's spans hang below the first one's root, if they name the same parent."""
    world, conversation = released.world, new_id()
    for _ in range(2):
        world.spans(conversation, 1)
        world.after(_HOUR_S)

    made = [span for span in released.spans() if not span.parent_span_id]

    assert len(made) == 1


def _with_root(conversation: str, world: World, trace_state: str = "") -> bytes:
    request = ExportTraceServiceRequest()
    add_spans(request, conversation, world.clock.now_ns(), 2)
    first, second = request.resource_spans[0].scope_spans[0].spans
    first.parent_span_id = b""
    second.parent_span_id = first.span_id
    first.trace_state = second.trace_state = trace_state
    return request.SerializeToString()


@pytest.mark.parametrize(
    ("percent", "before", "threshold", "others"),
    [
        (25, "", "c", ""),
        (50, "vendor=x, rojo=00f0", "8", ",vendor=x,rojo=00f0"),
        (50, "a=1,ot=th:8;k:v", "c", ",a=1"),
        (100, "a=1", None, "a=1"),
    ],
)
def test_sampled_conversations_carry_their_weight(
    database: Database, percent: int, before: str, threshold: str | None, others: str
) -> None:
    """`ot=th:` is the rejected share of 2^56 as the specification writes it; all else stays, and R is not below T."""
    spans: list[Span] = []
    while not spans:  # which conversations a percentage keeps is a matter of their ids
        released = Released(World(database))
        released.world.policies = policy_set(
            f"policies: [{{name: some, type: probabilistic, probabilistic: {{sampling_percentage: {percent}}}}}]"
        )
        for _ in range(8):
            released.world.insert("traces", [_with_root(new_id(), released.world, before)])
        released.world.after(_HOUR_S)
        spans = released.spans()

    for span in spans:
        if threshold is None:
            assert span.trace_state == others
            continue
        ot, _, rest = span.trace_state.partition(",")
        fields = dict(field.split(":") for field in ot.removeprefix("ot=").split(";"))
        assert f",{rest}" == (others or ",")
        assert fields["th"] == threshold
        randomness = fields.get("rv") or span.trace_id.hex()[-14:]
        assert randomness >= threshold.ljust(14, "0")
        assert ("k" in fields) == ("k:v" in before)


def test_rows_that_a_crashed_release_left_go_out_after_it_is_mended(database: Database) -> None:
    """They become visible with the time of the first try: until then nothing later is forwarded either."""
    stopping = StoppingDatabase(database)
    released = Released(World(stopping.as_database))
    world = released.world
    world.spans(new_id(), 2)
    world.clock.advance(_HOUR_S)
    with stopping.failing(step=4, fault="before") as stop:  # facts, the note, receipts, and now the move
        world.run()
    stamp = released.outbox.oldest_unfinished_unix_nano()
    world.after(10 * MINUTE / 1e9)

    assert stop.statements[-1] == "move_roots"
    assert stamp is not None
    assert stamp <= world.clock.now_ns() - 10 * MINUTE
    assert len(released.spans()) == 3
