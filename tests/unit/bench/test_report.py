"""The benches' report: what it says of how a figure grows."""

import pytest

from tests.bench.report import Row, growth, machine, report


def _series(values: dict[int, float]) -> list[Row]:
    return [
        {"name": f"at {at}", "value": value, "unit": "ms", "series": "s", "against": "spans", "at": at}
        for at, value in values.items()
    ]


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({1_000: 5.0, 1_000_000: 6.0}, "flat"),
        ({1_000: 5.0, 10_000: 50.0}, "linear"),
        ({1_000: 5.0, 10_000: 15.0}, "less than linear"),
        ({1_000: 5.0, 10_000: 5.0, 100_000: 500.0}, "MORE THAN LINEAR"),
    ],
)
def test_growth_is_named_by_its_steepest_step(values: dict[int, float], word: str) -> None:
    """A figure that explodes at the last size is not called linear because it was flat before."""
    (row,) = growth(_series(values))

    assert str(row["growth"]).startswith(f"{word} (")


def test_the_report_holds_the_machine_and_every_row() -> None:
    """One text says what was measured, where, and how it grows."""
    rows: list[Row] = [{"name": "ingest", "value": 12.5, "unit": "µs/span", "runs": 3}, *_series({1: 1.0, 10: 1.0})]

    text = report(machine(), rows)

    assert "cores" in text
    assert "| ingest | 12.5 | µs/span | 3 |" in text
    assert "flat (size^0.00)" in text
