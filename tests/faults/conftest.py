"""At the end of a run without workers (`make faults`): the table."""

import pytest

from tests.faults.ledger import entries, table


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the fault tests of this run counted."""
    if entries:
        terminalreporter.section("told to senders against readable at the end")
        for line in table():
            terminalreporter.write_line(line)
