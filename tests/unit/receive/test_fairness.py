"""Shares of the room: a sender alone gets most of it, one who comes new always finds some."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botlogs_collector.errors import Overloaded
from botlogs_collector.receive.fairness import Shares, sender_of
from botlogs_collector.telemetry import Telemetry


def _fill(shares: Shares, stack: contextlib.ExitStack, sender: str, size: int) -> int:
    """Take until refused; return how many bytes were taken."""
    taken = 0
    with contextlib.suppress(Overloaded):
        while True:
            stack.enter_context(shares.taken("traces", sender, size))
            taken += size
    return taken


def test_one_sender_alone_gets_four_fifths_and_leaves_room_for_others() -> None:
    """The noisy one is refused with a hint when to come back, counted with its reason; a new one is served."""
    telemetry = Telemetry()
    shares = Shares(1000, 1000, telemetry)
    with contextlib.ExitStack() as stack:
        noisy = _fill(shares, stack, "noisy", 10)

        with pytest.raises(Overloaded) as refused, shares.taken("traces", "noisy", 10):
            pass
        quiet = _fill(shares, stack, "quiet", 10)

    assert (noisy, quiet) == (800, 160)
    assert refused.value.retry_after_s > 0
    assert b'reason="sender_share",signal="traces"} 3.0' in telemetry.exposition()


def test_requests_are_shared_as_bytes_are() -> None:
    """Many tiny requests are as unfair as few large ones."""
    shares = Shares(1_000_000, 10, Telemetry())
    with contextlib.ExitStack() as stack:
        assert _fill(shares, stack, "noisy", 1) == 8
        assert _fill(shares, stack, "quiet", 1) == 1


def test_the_only_request_of_a_sender_has_room_however_large() -> None:
    """A share never makes a request impossible that the size limit allows."""
    shares = Shares(100, 10, Telemetry())

    with shares.taken("traces", "large", 5000), shares.taken("traces", "other", 50):
        pass


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 300), st.booleans()), max_size=40))
def test_what_was_taken_is_given_back(calls: list[tuple[str, int, bool]]) -> None:
    """After any calls, failed ones included, the whole room is there again."""
    shares = Shares(1000, 10, Telemetry())

    for sender, size, fails in calls:
        with contextlib.suppress(Overloaded, ZeroDivisionError), shares.taken("logs", sender, size):
            assert not fails or 1 / 0

    with contextlib.ExitStack() as stack:
        assert _fill(shares, stack, "after", 100) == 800


@pytest.mark.parametrize(
    ("peer", "sender"), [("ipv4:10.0.0.1:4711", "10.0.0.1"), ("ipv6:[::1]:4711", "::1"), ("unix:", "unix:")]
)
def test_a_sender_without_a_token_is_its_address(peer: str, sender: str) -> None:
    """Not its port, which changes with every connection."""
    assert sender_of(peer) == sender
