"""A plugin of pytest: what Hypothesis says of a test goes along with its last report, from a worker too."""

from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Send what Hypothesis says along with the last report of a test, from a worker too."""
    report = yield
    if report.when == "teardown":
        report.user_properties.append(("hypothesis", getattr(item, "hypothesis_statistics", "")))
    return report
