"""`make test-runtimes`: real bots on the real runtimes, each in an environment of its own, into the real collector.

Every folder here with a `requirements.txt` is a runtime; `oldest.txt` names its oldest supported version. Names of
folders as arguments run those only.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
import xml.etree.ElementTree as ET

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.runtimes.venvs import HERE, REPOSITORY, Venv, venvs

MADE_AT_ONCE = 4  # waits for the network, most of the time
SHARED = ("test_readme.py", "test_as_without.py", "test_renamed.py")  # one test a folder in each
TESTED_AT_ONCE = min(4, os.cpu_count() or 2)


def main(folders: list[str]) -> int:
    """Make the environments, run the tests, and say in the last line how many passed; return the exit code.

    Where all runtimes are asked for, a test that is skipped has failed.
    """
    wanted = list(venvs(folders))
    if unknown := set(folders) - {venv.folder for venv in wanted}:
        known = ", ".join(sorted({venv.folder for venv in venvs([])}))
        print(f"no such runtime: {', '.join(sorted(unknown))}; there are {known}")
        return 2
    broken = _make(wanted)
    passed, failed, skipped = _test(sorted({venv.folder for venv in wanted}))
    if not folders:
        failed, skipped = failed + skipped, 0
    print(f"{passed} passed, {failed + broken} failed, {skipped} skipped")
    return 1 if failed or broken or not passed else 0


def _make(wanted: list[Venv]) -> int:
    """Make the environments, some at once; return how many could not be made."""
    with ThreadPoolExecutor(MADE_AT_ONCE) as pool:
        return sum(pool.map(_make_one, wanted))


def _make_one(venv: Venv) -> bool:
    started = time.monotonic()
    try:
        venv.make()
    except (RuntimeError, OSError, subprocess.SubprocessError) as error:
        print(f"· {venv.path.name}: {error}", flush=True)
        return True
    print(f"· {venv.path.name} ready ({time.monotonic() - started:.0f} s)", flush=True)
    return False


def _test(folders: list[str]) -> tuple[int, int, int]:
    """Run the tests of *folders*; return how many passed, failed and were skipped."""
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.xml"
        command = [
            sys.executable, "-m", "pytest", "-n", str(TESTED_AT_ONCE), "--dist", "loadfile", "-o", "norecursedirs=.*",
            "-o", "timeout=300", f"--junitxml={report}",
            *(str(HERE / name) for name in (*SHARED, *folders)),
        ]  # fmt: skip
        subprocess.run(command, cwd=REPOSITORY, check=False)
        if not report.is_file():
            return 0, 1, 0
        counts = [suite.attrib for suite in ET.parse(report).getroot().iter("testsuite")]
    total, failed, errors, skipped = (
        sum(int(suite[name]) for suite in counts) for name in ("tests", "failures", "errors", "skipped")
    )
    return total - failed - errors - skipped, failed + errors, skipped


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
