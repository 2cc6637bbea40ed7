"""The processor's decisions that ours are compared with are what the processor says."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.stacks.conftest import BUILT, HERE, build, needs

pytestmark = pytest.mark.toolchain
DATA = HERE.parent / "data" / "tail_sampling"


def test_the_processor_says_what_is_written_down(tmp_path: Path) -> None:
    """Asked again, the OpenTelemetry processor decides as tests/data/tail_sampling has it."""
    needs("go")
    build("go", "build", "-trimpath", "-o", f"{BUILT}/", ".", cwd=HERE / "tail_sampling")
    for name in ("configurations.yaml", "traces.jsonl"):
        shutil.copy(DATA / name, tmp_path)

    subprocess.run([BUILT / "tailsampling", tmp_path], check=True, timeout=120)

    for name in ("decisions.json", "hashes.json"):
        assert (tmp_path / name).read_bytes() == (DATA / name).read_bytes()
