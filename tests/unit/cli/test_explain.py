"""The receipt in words."""

from typing import Any

import pytest

from botlogs_collector.cli.explain import explanation

_NOW = 1_790_000_000_000_000_000
_MINUTE = 60 * 10**9


def _told(state: str, receipt: dict[str, Any] | None = None, **changed: object) -> str:
    found: dict[str, object] = {
        "conversation_id": "c-1", "bot_id": "support", "environment": "production", "state": state, "turns": 3,
        "started_unix_nano": str(_NOW - 9 * _MINUTE), "last_activity_unix_nano": str(_NOW - 5 * _MINUTE),
        "ended_unix_nano": str(_NOW - 5 * _MINUTE), "end_rule": "idle", "receipt": receipt, **changed,
    }  # fmt: skip
    return "\n".join(explanation(found, _NOW))


def test_held_tells_when_it_can_be_read() -> None:
    """A held conversation says by which rule it ended and how long it still waits."""
    told = _told("held", available_unix_nano=str(_NOW + 10 * _MINUTE))

    assert "idleness" in told
    assert "in 10 min" in told


def test_dropped_tells_every_vote_and_the_way_back() -> None:
    """A dropped conversation says which policy, what the others said, and how to have it back."""
    votes = [{"policy": "chatter", "vote": "drop", "because": "1 turn"}, {"policy": "errors", "vote": "not sampled"}]

    told = _told("dropped", {"decision": "drop", "decided_by": "chatter", "votes": votes})

    assert "decided by policy chatter" in told
    assert "chatter: drop, because 1 turn" in told
    assert "errors: not sampled" in told
    assert "botlogs restore c-1" in told


@pytest.mark.parametrize(
    ("decided_by", "words"),
    [
        ("grant:g1", "grant g1"),
        ("error:p", "fails open"),
        ("default", "what is not dropped is kept"),
        ("late_error", "brought back"),
    ],
)
def test_who_decided_is_told_in_words(decided_by: str, words: str) -> None:
    """Every kind of decider has its sentence."""
    assert words in _told("released", {"decision": "keep", "decided_by": decided_by})


def test_a_missing_environment_says_how_to_set_it() -> None:
    """What came without an environment is hidden and says how to change that."""
    assert "BOTLOGS_ENVIRONMENT" in _told("held", {"environment_given": False})


def test_ongoing_has_no_end() -> None:
    """An ongoing conversation says that nothing has ended it."""
    assert "has not ended" in _told("ongoing", ended_unix_nano=None, end_rule=None)
