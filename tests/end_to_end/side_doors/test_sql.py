"""The release delay has no side door in SQL: the whole store, asked with exactly the rights of a reader.

The engine refuses and filters by the GRANTs and row policies of `botlogs ddl --grants` (tests/support/rights.py).
"""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.guarded import OPEN, SHUT_ID, guarded
from tests.support.rights import as_role
from tests.support.sender import T0
from tests.support.service import ask_store
from tests.support.side_doors import OF, ask, assert_silent


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The stopped store, and the ids of its conversations by state."""

    folder: Path
    ids: dict[str, str]


# What of the public database is asked with parameters.
_VIEWS = {
    "conversation_state": "(now_ns = 9000000000000000000, since = toDate('1970-01-02'), include_live = 1)",
    "conversation_state_of": (
        "(now_ns = 9000000000000000000, since = toDate('1970-01-02'), include_live = 1, traces = [], keys = [])"
    ),
    "log_at": "(conversation = '{id}', ts = fromUnixTimestamp64Nano(toInt64({at})))",
    "node_at": "(conversation = '{id}', ts = fromUnixTimestamp64Nano(toInt64({at})))",
}  # fmt: skip
# Where ids that a bot's author gave, never a word of content, are told of everything received (decision 0001).
_AUTHORED_IN = {"totals", "trace_state", "conversations", "conversation_state", "conversation_state_of"}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """What a service with conversations of every state leaves behind, and who read in it."""
    folder = tmp_path_factory.mktemp("sql")
    with guarded(folder) as service:
        ids = {state: talk.conversation_id for state, talk in service.talks.items()}
        for name, state in (("investigator", "released"), ("analyst", "released"), ("investigator", "held")):
            ask(service, "GET", f"{OF}/timeline", ids[state], "", None, name)
    return Told(folder=folder / "data", ids=ids)


def test_a_reader_gets_nothing_that_is_closed_from_any_table_or_view(told: Told) -> None:
    """Each table and view of the whole store is read whole: what answers has no byte of it, what would is refused."""
    (tables,) = ask_store(told.folder, "SELECT database, name FROM system.tables WHERE database LIKE 'botlogs%'")
    names = [f"{row['database']}.`{row['name']}`" for row in tables]
    asked = [(name, each) for name in names for each in (told.ids.values() if _view(name) in _VIEWS else [""])]

    answers = as_role(
        "botlogs_reader",
        told.folder,
        *(f"SELECT * FROM {name}{_VIEWS.get(_view(name), '').format(id=each, at=T0)}" for name, each in asked),
    )

    for (name, _), answer in zip(asked, answers, strict=True):
        assert_silent(answer.text, name, asked=SHUT_ID if _view(name) in _AUTHORED_IN else "")
    open_in = {_view(name) for (name, _), answer in zip(asked, answers, strict=True) if OPEN in answer.text}
    assert {"otel_traces", "otel_logs", "timeline", "log_at"} <= open_in
    refused = {name for (name, _), answer in zip(asked, answers, strict=True) if answer.refused}
    assert {name for name in names if name.startswith(("botlogs_held.", "botlogs_ingest."))} <= refused


def test_reading_production_is_on_record(told: Told) -> None:
    """Who read a released conversation, and whether masked; a refused reading is none."""
    (audited,) = ask_store(told.folder, "SELECT By, Subject, Detail FROM botlogs.audit WHERE Action = 'read'")

    read = {(row["By"], row["Subject"], json.loads(row["Detail"])["masked"]) for row in audited}
    assert read == {("investigator", told.ids["released"], False), ("analyst", told.ids["released"], True)}


def _view(name: str) -> str:
    return name.partition(".")[2].strip("`")
