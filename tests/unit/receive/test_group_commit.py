"""Group commit: an answer means durable, memory is bounded, one request's fault stays its own."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from botlogs_collector.clock import Clock, ManualClock
from botlogs_collector.errors import InvalidRequest, Overloaded, Retryable
from botlogs_collector.receive.group_commit import CommitLimits, GroupCommit
from botlogs_collector.telemetry import Telemetry
from tests.support.fake_sink import FakeSink

GOOD = b""  # an empty export request
POISON = b"\x0a\x7f"  # longer than it is
ROOMY = CommitLimits(max_pending_bytes=1_000_000, max_pending_requests=1_000, max_commit_bytes=100_000)


class HurryingClock(ManualClock):
    """A second passes whenever somebody looks: every commit is a slow one."""

    def monotonic_s(self) -> float:
        """See `Clock`."""
        self.advance(1)
        return super().monotonic_s()


def _sized(size: int) -> bytes:
    """A readable request of *size* bytes: one unknown field of text."""
    return b"\xfa\x07" + bytes([size - 3]) + b"x" * (size - 3)


@asynccontextmanager
async def _running(
    sink: FakeSink, limits: CommitLimits = ROOMY, clock: Clock | None = None
) -> AsyncGenerator[GroupCommit]:
    commit = GroupCommit("traces", sink, limits, clock or ManualClock(), Telemetry())
    commit.start()
    try:
        yield commit
    finally:
        sink.gate.set()
        await commit.stop(10)


async def _until(event: object) -> None:
    """Wait for a threading.Event without holding up the loop."""
    assert await asyncio.to_thread(event.wait, 10)  # pyright: ignore[reportAttributeAccessIssue]


def test_the_answer_comes_after_the_data_is_stored() -> None:
    """While the store works, the sender waits; when it has its answer, the data is there."""

    async def scenario() -> None:
        sink = FakeSink()
        sink.gate.clear()
        async with _running(sink) as commit:
            waiting = asyncio.create_task(commit.submit(GOOD, 1))
            await _until(sink.entered)
            assert not waiting.done()

            sink.gate.set()
            await waiting

            assert sink.stored == [GOOD]

    asyncio.run(scenario())


def test_requests_that_come_during_a_commit_share_the_next() -> None:
    """A hundred requests are two commits, in the order in which they came."""

    async def scenario() -> None:
        sink = FakeSink()
        sink.gate.clear()
        bodies = [_sized(10 + n) for n in range(100)]
        async with _running(sink) as commit:
            first = asyncio.create_task(commit.submit(GOOD, 1))
            await _until(sink.entered)
            rest = [asyncio.create_task(commit.submit(body, 1)) for body in bodies]
            await asyncio.sleep(0)

            sink.gate.set()
            await asyncio.gather(first, *rest)

        assert [len(requests) for _, requests in sink.commits] == [1, 100]
        assert sink.stored[1:] == bodies

    asyncio.run(scenario())


def test_senders_that_send_again_at_their_answer_are_awaited_and_not_longer() -> None:
    """Eight senders in a row of requests each are eight a commit, and nobody waits for a ninth."""

    async def scenario() -> None:
        sink = FakeSink()
        async with _running(sink, clock=HurryingClock()) as commit:

            async def sender() -> None:
                for _ in range(50):
                    await commit.submit(GOOD, 1)

            started = asyncio.get_running_loop().time()
            await asyncio.gather(*(sender() for _ in range(8)))
            took_s = asyncio.get_running_loop().time() - started

        assert {len(requests) for _, requests in sink.commits[:-1]} == {8}
        assert took_s < 50 * 0.12 / 2

    asyncio.run(scenario())


def test_stamps_only_grow() -> None:
    """Each commit's arrival is later than the one before, although the clock stands still."""

    async def scenario() -> None:
        sink = FakeSink()
        async with _running(sink) as commit:
            for _ in range(5):
                await commit.submit(GOOD, 1)

        stamps = [stamp for stamp, _ in sink.commits]
        assert stamps == sorted(set(stamps))

    asyncio.run(scenario())


def test_a_commit_under_way_holds_the_watermark_back() -> None:
    """The oldest stamp in flight is the running commit's; when it is done there is none."""

    async def scenario() -> None:
        sink = FakeSink()
        sink.gate.clear()
        async with _running(sink) as commit:
            waiting = asyncio.create_task(commit.submit(GOOD, 1))
            await _until(sink.entered)
            in_flight = commit.oldest_in_flight_unix_nano()
            sink.gate.set()
            await waiting

            assert in_flight == sink.commits[0][0]
            assert commit.oldest_in_flight_unix_nano() is None

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("limits", "what"),
    [
        (CommitLimits(max_pending_bytes=100, max_pending_requests=1_000, max_commit_bytes=50), "bytes"),
        (CommitLimits(max_pending_bytes=10_000, max_pending_requests=3, max_commit_bytes=50), "requests"),
    ],
)
def test_a_full_queue_refuses_with_a_hint_and_loses_nothing(limits: CommitLimits, what: str) -> None:
    """What does not fit is refused at once; what was taken is stored."""

    async def scenario() -> None:
        sink = FakeSink()
        sink.gate.clear()
        async with _running(sink, limits) as commit:
            first = asyncio.create_task(commit.submit(_sized(40), 1))
            await _until(sink.entered)
            taken = [asyncio.create_task(commit.submit(_sized(30), 1)) for _ in range(3)]
            await asyncio.sleep(0)

            with pytest.raises(Overloaded, match=f"too many {what} wait") as refused:
                await commit.submit(_sized(30), 1)

            assert refused.value.retry_after_s > 0
            sink.gate.set()
            await asyncio.gather(first, *taken)
            assert len(sink.stored) == 4

    asyncio.run(scenario())


def test_no_commit_is_larger_than_its_limit() -> None:
    """A large queue becomes several commits; a single larger request goes alone."""

    async def scenario() -> None:
        sink = FakeSink()
        sink.gate.clear()
        limits = CommitLimits(max_pending_bytes=10_000, max_pending_requests=1_000, max_commit_bytes=100)
        async with _running(sink, limits) as commit:
            first = asyncio.create_task(commit.submit(GOOD, 1))
            await _until(sink.entered)
            sizes = [60, 60, 30, 120, 20]
            rest = [asyncio.create_task(commit.submit(_sized(size), 1)) for size in sizes]
            await asyncio.sleep(0)
            sink.gate.set()
            await asyncio.gather(first, *rest)

        assert [[len(body) for body in requests] for _, requests in sink.commits] == [[0], [60], [60, 30], [120], [20]]

    asyncio.run(scenario())


def test_a_request_counts_for_what_it_weighs_in_the_store() -> None:
    """Small requests that are large there do not share a commit, and fill the queue."""

    async def scenario() -> None:
        sink = FakeSink()
        sink.gate.clear()
        limits = CommitLimits(max_pending_bytes=150, max_pending_requests=1_000, max_commit_bytes=100)
        async with _running(sink, limits) as commit:
            first = asyncio.create_task(commit.submit(GOOD, 1))
            await _until(sink.entered)
            rest = [asyncio.create_task(commit.submit(_sized(10), 1, 70)) for _ in range(2)]
            await asyncio.sleep(0)
            with pytest.raises(Overloaded, match="too many bytes wait"):
                await commit.submit(_sized(10), 1, 70)
            sink.gate.set()
            await asyncio.gather(first, *rest)

        assert [len(requests) for _, requests in sink.commits] == [1, 1, 1]

    asyncio.run(scenario())


def test_one_poison_request_harms_no_other() -> None:
    """The unreadable one is refused for good; all its neighbours in the commit are stored, once each."""

    async def scenario() -> None:
        sink = FakeSink()
        sink.gate.clear()
        good = [_sized(10 + n) for n in range(9)]
        async with _running(sink) as commit:
            first = asyncio.create_task(commit.submit(GOOD, 1))
            await _until(sink.entered)
            poison = asyncio.create_task(commit.submit(POISON, 1))
            rest = [asyncio.create_task(commit.submit(body, 1)) for body in good]
            await asyncio.sleep(0)
            sink.gate.set()

            with pytest.raises(InvalidRequest, match="cannot read"):
                await poison
            await asyncio.gather(first, *rest)

        assert sorted(sink.stored) == sorted([GOOD, *good])

    asyncio.run(scenario())


@pytest.mark.parametrize("error", [Retryable("ClickHouse: down", retry_after_s=3), RuntimeError("surprise")])
def test_a_store_that_fails_is_told_as_retryable_and_the_next_commit_goes_on(error: Exception) -> None:
    """Any failure reaches the sender as one that may pass, with no word of the unforeseen."""

    async def scenario() -> None:
        sink = FakeSink()
        sink.fails_with = error
        async with _running(sink) as commit:
            with pytest.raises(Retryable) as failed:
                await commit.submit(GOOD, 1)
            assert "surprise" not in str(failed.value)

            sink.fails_with = None
            await commit.submit(GOOD, 1)

        assert len(sink.stored) == 1

    asyncio.run(scenario())


def test_a_sender_that_hangs_up_disturbs_nobody() -> None:
    """The request of a caller that went away may be stored; the others are answered."""

    async def scenario() -> None:
        sink = FakeSink()
        sink.gate.clear()
        async with _running(sink) as commit:
            gone = asyncio.create_task(commit.submit(_sized(10), 1))
            await _until(sink.entered)
            stays = asyncio.create_task(commit.submit(_sized(20), 1))
            await asyncio.sleep(0)
            gone.cancel()
            sink.gate.set()
            await stays

        assert _sized(20) in sink.stored

    asyncio.run(scenario())


def test_stopping_stores_what_waits_and_takes_no_more() -> None:
    """Drained: every request that was taken is stored and answered; a later one is told to come again."""

    async def scenario() -> None:
        sink = FakeSink()
        sink.gate.clear()
        async with _running(sink) as commit:
            waiting = [asyncio.create_task(commit.submit(_sized(10 + n), 1)) for n in range(5)]
            await _until(sink.entered)
            stopping = asyncio.create_task(commit.stop(10))
            await asyncio.sleep(0)
            with pytest.raises(Retryable, match="stopping"):
                await commit.submit(GOOD, 1)

            sink.gate.set()
            await asyncio.gather(stopping, *waiting)

            assert len(sink.stored) == 5
            await commit.stop(10)  # again: harmless

    asyncio.run(scenario())


def test_a_store_that_hangs_cannot_hold_senders_past_the_deadline() -> None:
    """At the deadline everyone who waits is told to come again, those of the commit under way too."""

    async def scenario() -> None:
        sink = FakeSink()
        sink.gate.clear()
        async with _running(sink) as commit:
            under_way = asyncio.create_task(commit.submit(_sized(10), 1))
            await _until(sink.entered)
            queued = asyncio.create_task(commit.submit(_sized(20), 1))
            await asyncio.sleep(0)
            stopping = asyncio.create_task(commit.stop(0.05))

            for waiting in (under_way, queued):
                with pytest.raises(Retryable):
                    await asyncio.wait_for(waiting, 10)
            assert not stopping.done(), "the store still works: what it works on must not be closed"

            sink.gate.set()
            await stopping

    asyncio.run(scenario())
