"""Capacity on paper: the page's tables are what the model says, and the model follows from measured figures."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench import capacity


def test_the_page_shows_what_the_model_says() -> None:
    """`make capacity` writes the tables; nobody edits them by hand."""
    assert capacity.PAGE.read_text(encoding="utf-8") == capacity.page(capacity.constants())


def test_a_benchs_results_become_constants(tmp_path: Path) -> None:
    """Each figure is found by the name that the bench gives it; of several sizes the largest counts."""
    rows = [
        {"name": "gRPC, 64 x 512 spans: CPU of the service", "value": 12.0, "unit": "µs/span"},
        {"name": "gRPC, 8 x 512 spans: CPU of the service", "value": 48.0, "unit": "µs/span"},
        {"name": "gRPC, 64 x 512 spans: CPU of the service, in parses", "value": 27.0, "unit": "times"},
        {"name": "gRPC, 64 x 512 records: CPU of the service", "value": 9.0, "unit": "µs/record"},
        {"name": "released at once (100,000 held …)", "value": 900.0, "unit": "conversations/s", "at": 100_000},
        {"name": "released at once (1,000,000 held …)", "value": 700.0, "unit": "conversations/s", "at": 1_000_000},
    ]
    results = tmp_path / "20260101T000000Z.json"
    results.write_text(json.dumps({"rows": rows}), encoding="utf-8")
    known = capacity.constants()

    found = capacity.measured_from(results, known)

    assert found == ["span_us", "log_us", "released_a_second"]
    assert [known["measured"][name][0] for name in found] == [12.0, 9.0, 700.0]
    assert known["measured"]["span_us"][2].startswith("20260101T000000Z.json: gRPC, 64 x 512 spans")
    assert "| 12 | µs of CPU a span" in capacity.tables(known)


@given(day=st.integers(1, 10**9), more=st.floats(1, 100))
def test_more_conversations_never_need_less(day: int, more: float) -> None:
    """Cores, collectors, shards and disk grow with the load."""
    model = capacity.model(capacity.constants())
    larger = round(day * more)

    for figure in (
        model.ingest_cores,
        model.server_cores,
        model.collectors,
        model.shards,
        model.hold_bytes,
        model.kept_bytes,
    ):
        assert figure(larger) >= figure(day)


def test_sums_that_can_be_done_by_hand() -> None:
    """One conversation a second of one span: its microseconds, its bytes."""
    known = capacity.constants()
    values = {name: float(line[0]) for part in known.values() for name, line in part.items()}
    model = capacity.Model(
        {**values, "spans": 1, "logs": 0, "peak": 1, "span_us": 10, "span_bytes": 50, "held": 1, "hold_days": 2}
    )

    assert model.ingest_cores(86_400) == pytest.approx(10e-6)
    assert model.hold_bytes(86_400) == 86_400 * 2 * 50
