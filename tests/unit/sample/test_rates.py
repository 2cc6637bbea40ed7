"""Token buckets and windows: the processor's limits, as values that outlive a process."""

from hypothesis import given
from hypothesis import strategies as st

from botlogs_collector.sample.rates import HOUR_NS, SECOND_NS, Rates, changed_cells, still_needed

T0 = 1_700_000_000 * SECOND_NS


def test_an_unused_bucket_is_full_and_refills_continuously() -> None:
    """Tokens come back at the rate, half a second's worth in half a second."""
    rates = Rates({})

    assert rates.take("b", 20, 10, 20, T0) == (True, 20.0)
    assert rates.take("b", 6, 10, 20, T0 + SECOND_NS // 2) == (False, 5.0)
    assert rates.take("b", 5, 10, 20, T0 + SECOND_NS // 2) == (True, 5.0)


def test_more_than_the_burst_never_passes() -> None:
    """What is larger than the bucket is refused even when it is full."""
    rates = Rates({})

    assert rates.take("b", 21, 10, 20, T0)[0] is False
    assert rates.take("b", 21, 10, 20, T0 + HOUR_NS)[0] is False


def test_a_refused_take_changes_nothing() -> None:
    """Nothing is spent by what was not sampled, so a smaller conversation may follow."""
    rates = Rates({})
    rates.take("b", 15, 10, 20, T0)
    before = rates.state()

    rates.take("b", 10, 10, 20, T0)

    assert rates.state() == before


def test_a_clock_set_back_an_hour_does_not_stop_the_refill() -> None:
    """After a jump of the clock the bucket refills from the new time on, without a gift."""
    rates = Rates({})
    rates.take("b", 20, 10, 20, T0)

    assert rates.take("b", 1, 10, 20, T0 - HOUR_NS)[0] is False
    rates.take("b", 0, 10, 20, T0 - HOUR_NS)
    assert rates.take("b", 10, 10, 20, T0 - HOUR_NS + SECOND_NS) == (True, 10.0)


def test_a_little_out_of_order_refills_nothing_twice() -> None:
    """Going back and forth by a second gives no tokens that time did not give."""
    rates = Rates({})
    rates.take("b", 20, 10, 20, T0)

    for _ in range(10):
        assert rates.take("b", 1, 10, 20, T0 - SECOND_NS)[0] is False
        assert rates.take("b", 1, 10, 20, T0)[0] is False


def test_a_window_forgets_when_it_is_over() -> None:
    """Counts belong to their hour."""
    rates = Rates({})
    rates.count("c", 2, HOUR_NS, T0)

    assert rates.counted("c", HOUR_NS, T0)[0] == 2
    assert rates.counted("c", HOUR_NS, T0 + HOUR_NS)[0] == 0


def test_the_given_state_is_never_changed() -> None:
    """State goes in and comes out as a value."""
    state = Rates({})
    state.take("b", 1, 10, 20, T0)
    given_state = dict(state.state())
    copy = dict(given_state)

    Rates(given_state).take("b", 5, 10, 20, T0)

    assert given_state == copy


def test_a_cell_that_says_nothing_any_more_is_not_kept() -> None:
    """A bucket that is full again, and a window that is over, need no memory."""
    rates = Rates({})
    rates.take("b", 20, 10, 20, T0)
    rates.count("c", 1, SECOND_NS, T0)

    assert set(still_needed(rates.state(), T0 + SECOND_NS)) == {"b", "c"}
    assert still_needed(rates.state(), T0 + HOUR_NS) == {}


def test_only_the_cells_that_a_batch_wrote_are_saved() -> None:
    """What a batch did not touch need not be written again."""
    before = Rates({})
    before.count("old", 1, HOUR_NS, T0)
    before.count("used", 1, HOUR_NS, T0)
    batch = Rates(before.state())
    batch.count("used", 1, HOUR_NS, T0)
    batch.count("new", 1, HOUR_NS, T0)

    assert set(changed_cells(before.state(), batch.state())) == {"used", "new"}


@given(st.lists(st.tuples(st.integers(0, 3_000), st.integers(0, 40)), max_size=40))
def test_never_more_than_burst_and_rate_allow(steps: list[tuple[int, int]]) -> None:
    """Over any stretch of time at most burst + rate * time passes."""
    rates, at, passed = Rates({}), T0, 0
    for wait_ms, amount in steps:
        at += wait_ms * 1_000_000
        if rates.take("b", amount, 10, 30, at)[0]:
            passed += amount

        assert passed <= 30 + 10 * (at - T0) / SECOND_NS + 1e-6
