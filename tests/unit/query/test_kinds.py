"""Titles: every event of the semantic conventions has one, and none is of an event that nobody writes."""

from botlogs_collector.query.kinds import PARTS
from otel_botlogs.semconv import EVENT_NAMES

# What is no event of ours: an exception as a span event, a log record without a name, a span.
_OTHERS = {"exception", "log", "span"}


def test_titles_and_semantic_conventions_know_the_same_events() -> None:
    """An event that is added, renamed or taken away is so in both."""
    assert PARTS.keys() - _OTHERS == EVENT_NAMES
