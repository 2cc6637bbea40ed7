"""Choosing benches: help tells which there are and runs none, and a name that is none says so."""

import pytest

from tests.bench.__main__ import benches, main


def test_help_names_every_bench_and_runs_none(capsys: pytest.CaptureFixture[str]) -> None:
    """Each bench is there with one line of what it measures."""
    with pytest.raises(SystemExit) as ended:
        main(["--help"])

    told = capsys.readouterr().out
    assert ended.value.code == 0
    assert {"ingest", "live", "viewers", "release", "queries", "decisions", "plugin", "start"} <= benches().keys()
    assert [name for name in benches() if f"  {name} " not in told] == []


def test_a_name_that_is_no_bench_says_which_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing runs, and the exit code is that of wrong usage."""
    with pytest.raises(SystemExit) as ended:
        main(["ingst"])

    assert ended.value.code == 2
    assert "ingst" in (told := capsys.readouterr().err)
    assert "ingest" in told
