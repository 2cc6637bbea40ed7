"""`python -m tests.faults [pytest's arguments]`: the fault suite and its neighbours, as one table."""

import os
import sys

# The parts of the suite that are about faults and live beside what they test.
_NEIGHBOURS = (
    "tests/end_to_end/test_restart.py",
    "tests/end_to_end/test_serve_drains.py",
    "tests/integration/release/test_bad_days.py",
    "tests/integration/release/test_every_statement.py",
    "tests/integration/release/test_slow_engine.py",
    "tests/integration/release/test_two_engines.py",
    "tests/integration/release/test_conversation_life.py",  # clocks that jump
    "tests/integration/store/test_migration.py",  # an older store with data
)


def main() -> int:
    """Run all of it in its long form, or what is named."""
    os.environ.setdefault("BOTLOGS_FAULTS", "long")
    os.environ.setdefault("BOTLOGS_TESTS_REQUIRE_ROOT", "1" if os.geteuid() == 0 else "")
    from tests.faults.ledger import noted  # after the variables that it reads
    from tests.support.run_table import run

    wanted = sys.argv[1:] or ["tests/faults", *_NEIGHBOURS]
    return run("faults", ["-n0", "-p", "no:randomly", *wanted], noted)


if __name__ == "__main__":
    sys.exit(main())
