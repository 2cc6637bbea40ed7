"""`python -m tests.fuzz [pytest's arguments]`: every search for input that breaks it, as one table."""

import os
import sys

_TESTS = ("tests/fuzz", "tests/contract/test_fuzz.py")


def main() -> int:
    """Run all of it, BOTLOGS_FUZZ examples a test, or what is named."""
    os.environ.setdefault("BOTLOGS_FUZZ", "20000")
    from tests.support.run_table import run  # after the variable, which tests read when they are imported

    arguments = sys.argv[1:]
    named = [argument for argument in arguments if argument.startswith("tests/")]
    return run("fuzz", ["--timeout", "7200", *arguments, *(() if named else _TESTS)])


if __name__ == "__main__":
    sys.exit(main())
