"""A search that is led by coverage, for our own reader of OTLP/JSON: it must agree with Protobuf's, or refuse.

Atheris has wheels for Linux on x86-64 alone; elsewhere this is skipped.
"""

import re
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec

import pytest

from tests.fuzz.effort import EXAMPLES

_RUNS = 50 * EXAMPLES  # it is fast: without an engine behind it


@pytest.mark.skipif(find_spec("atheris") is None, reason="atheris is not installed")
@pytest.mark.parametrize("signal", ["traces", "logs"])
def test_no_text_breaks_the_json_reader(signal: str, record_property: Callable[[str, object], None]) -> None:
    """Whatever coverage leads it to: the bytes of a request, or InvalidRequest; no other exception, no hang."""
    record_property("effort", f"{_RUNS:,} runs")
    command = [sys.executable, "-m", "tests.fuzz.json_reader", signal, f"-runs={_RUNS}", "-timeout=20", "-max_len=400"]

    ended = subprocess.run(command, capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stderr[-3000:]
    reached = int(re.findall(r"DONE\s+cov: (\d+)", ended.stderr)[-1])
    record_property("counted", f"{reached} branches reached")
    assert reached > 40, "the search went blind: it never came behind the first brackets"
