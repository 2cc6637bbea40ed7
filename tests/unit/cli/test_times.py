"""Times on the command line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botlogs_collector.cli.times import parse_time, show_duration, show_time


@given(st.integers(min_value=1, max_value=4_102_444_800 * 10**9))
def test_a_time_that_is_shown_is_taken_back(nanos: int) -> None:
    """What `logs` prints is what `--at` takes, to the nanosecond."""
    assert parse_time(show_time(nanos)) == nanos
    assert parse_time(str(nanos)) == nanos


@pytest.mark.parametrize(
    ("text", "nanos"),
    [
        ("1970-01-01T00:00:01Z", 10**9),
        ("1970-01-01T01:00:00.5+01:00", 5 * 10**8),
        ("1970-01-01 00:00:00.000000001z", 1),
    ],
)
def test_rfc3339_with_zones_and_fractions(text: str, nanos: int) -> None:
    """Zones and up to nine digits of a fraction count."""
    assert parse_time(text) == nanos


@pytest.mark.parametrize("text", ["", "yesterday", "2026-01-31", "2026-13-01T00:00:00Z", "1.5", "2026-01-31T14:02:11"])
def test_what_is_not_a_time_says_what_would_be(text: str) -> None:
    """Anything else is refused."""
    with pytest.raises(ValueError):
        parse_time(text)


def test_durations_have_two_units() -> None:
    """A wait is told in its two largest units."""
    assert [show_duration(s * 10**9) for s in (0, 59, 61, 3600 * 25 + 60)] == ["0 s", "59 s", "1 min 1 s", "1 d 1 h"]
