"""On random conversations the compiled SQL and a plain Python reading of the same condition agree."""

from collections.abc import Sequence

import pytest

from botlogs_collector.sample import conditions as c
from botlogs_collector.store.client import Database
from tests.support.condition_store import ask, hold, new_trace_id
from tests.support.plain_reading import node_path, read
from tests.support.random_records import RandomRecords
from tests.support.records import LogRecord, Span

Conversation = tuple[dict[str, Sequence[Span]], list[LogRecord]]


def _held(database: Database, made: RandomRecords, count: int) -> list[Conversation]:
    """Store *count* random conversations of one or two traces each, all at once."""
    conversations: list[Conversation] = [
        ({new_trace_id(): made.spans() for _ in range(made.pick((1, 1, 2)))}, made.logs()) for _ in range(count)
    ]
    spans = {trace_id: each for traces, _ in conversations for trace_id, each in traces.items()}
    hold(database, spans, {next(iter(traces)): logs for traces, logs in conversations})
    return conversations


@pytest.mark.parametrize("seed", range(8))
def test_the_compiled_sql_agrees_with_the_plain_reading(database: Database, seed: int) -> None:
    """For every conversation and condition, the store's answer is what reading the records gives."""
    made = RandomRecords(seed)
    conversations = _held(database, made, 60)
    conditions = [made.condition() for _ in range(50)]

    found = ask(database, conditions, [list(traces) for traces, _ in conversations])

    seen: dict[object, set[str]] = {}
    for (traces, logs), answered in zip(conversations, found, strict=True):
        for condition in conditions:
            expected = read(condition, traces, logs)
            seen.setdefault(condition, set()).add(str(expected))
            assert answered[condition.name] == expected, (condition, traces, logs)
    # The comparison is worth something only where the answers differ from one conversation to the next.
    assert sum(len(each) > 1 for each in seen.values()) > len(seen) / 2


@pytest.mark.parametrize("seed", range(3))
def test_two_conversations_have_the_same_path_hash_exactly_if_they_took_the_same_path(
    database: Database, seed: int
) -> None:
    """The hash stands for the order of nodes, for all of a conversation's traces together."""
    made = RandomRecords(seed)
    conversations = _held(database, made, 200)
    condition = c.NodePath()

    found = ask(database, [condition], [list(traces) for traces, _ in conversations])

    hashes = [answered[condition.name] for answered in found]
    paths = [node_path([span for spans in traces.values() for span in spans], logs) for traces, logs in conversations]
    assert len(set(zip(hashes, paths, strict=True))) == len(set(hashes)) == len(set(paths)) > 10
