"""Filters of an endpoint: environments and bots choose spans and log records, event names choose log records."""

import itertools
from collections.abc import Callable
from contextlib import ExitStack

import pytest

from botlogs_collector.config.exporters import ExporterFilters
from botlogs_collector.store.client import Database
from botlogs_collector.store.ingest import OtlpTables
from tests.support.forwarding import Stretch, exporter
from tests.support.otlp_receiver import OtlpReceiver, otlp_receiver
from tests.support.sender import Talk
from tests.support.store import unique

_KINDS = ("bot.message.user", "bot.error", "bot.log")
Row = tuple[str, str, str]  # environment, bot, what: `span` or the event's name
_ALL = set(itertools.product(("sandbox", "staging"), ("shop", "bank"), ("span", *_KINDS)))
_WANTED: dict[str, tuple[ExporterFilters, Callable[[Row], bool]]] = {
    "none": (ExporterFilters(), lambda _row: True),
    "environment": (ExporterFilters(environments=("staging",)), lambda row: row[0] == "staging"),
    "bot": (ExporterFilters(bots=("shop",)), lambda row: row[1] == "shop"),
    "event": (ExporterFilters(events=("bot.error",)), lambda row: row[2] in ("span", "bot.error")),
    "all together": (
        ExporterFilters(environments=("sandbox",), bots=("bank",), events=_KINDS[:2]),
        lambda row: row[:2] == ("sandbox", "bank") and row[2] != "bot.log",
    ),
    "nobody": (ExporterFilters(bots=("unheard of",)), lambda _row: False),
}


@pytest.fixture
def stretch(database: Database) -> Stretch:
    """Some time of the test's own, with a conversation of every bot in every environment."""
    stretch = Stretch(database)
    tables = OtlpTables(database)
    for environment, bot in itertools.product(("sandbox", "staging"), ("shop", "bank")):
        talk = Talk(unique(), environment=environment, bot=bot)
        talk.span("node", where=environment)
        for kind in _KINDS:
            talk.log(kind, "a line", where=environment)
        tables.insert("traces", [talk.spans.SerializeToString()], stretch.next_ns)
        tables.insert("logs", [talk.logs.SerializeToString()], stretch.next_ns)
    return stretch


def test_each_endpoint_gets_what_its_filters_name(stretch: Stretch) -> None:
    """Spans and log records, six endpoints at once: an empty list means everything, several lists all count."""
    with ExitStack() as servers:
        receivers = {name: servers.enter_context(otlp_receiver()) for name in _WANTED}
        targets = [
            exporter(receivers[name].endpoint, filters=filters, signals=("traces", "logs"))
            for name, (filters, _) in _WANTED.items()
        ]
        with stretch.forwarding(*targets):
            for name, (_, is_wanted) in _WANTED.items():
                wanted = {row for row in _ALL if is_wanted(row)}
                receivers[name].wait(lambda r, wanted=wanted: _rows(r) >= wanted)

        for name, (_, is_wanted) in _WANTED.items():
            assert _rows(receivers[name]) == {row for row in _ALL if is_wanted(row)}, name


def _rows(receiver: OtlpReceiver) -> set[Row]:
    found: set[Row] = set()
    for item in receiver.items:
        named = {pair.key: pair.value for pair in item.attributes}
        what = getattr(item, "event_name", "span")
        found.add((named["where"].string_value, named["bot.id"].string_value, what))
    return found
