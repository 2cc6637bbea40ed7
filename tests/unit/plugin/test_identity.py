"""Trace ids that every process computes alike."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from otel_botlogs.identity import PUBLIC_KEY, derive, keyed_hash


def test_derivation_is_a_public_contract() -> None:
    """Known answers, so that a copy in another language can be checked; they must never change."""
    first = derive(PUBLIC_KEY, bot_id="support", environment="sandbox", conversation_id="conv-42")
    second = derive(b"secret", bot_id="support", environment="production", conversation_id="+49 170 1", segment=3)

    assert (f"{first.trace_id:032x}", f"{first.root_span_id:016x}") == (
        "b57bf48ac424b0a866aa4197f7c5cf6b",
        "beea2e3920b42ca2",
    )
    assert (f"{second.trace_id:032x}", f"{second.root_span_id:016x}") == (
        "1f807ef39cf1a6a3583a3f7c34085d30",
        "6cce51e4b00abba7",
    )


@given(st.text(), st.text(), st.text(), st.integers(0, 5))
def test_ids_are_valid_and_differ_by_key(bot: str, environment: str, name: str, segment: int) -> None:
    """Any text makes valid ids, another key makes other ids."""
    one = derive(b"one", bot_id=bot, environment=environment, conversation_id=name, segment=segment)
    two = derive(b"two", bot_id=bot, environment=environment, conversation_id=name, segment=segment)

    assert 0 < one.trace_id < 1 << 128
    assert 0 < one.root_span_id < 1 << 64
    assert one != two


def test_hash_tells_purposes_apart() -> None:
    """The same value hashed for two purposes cannot be joined."""
    assert keyed_hash(b"k", "user", b"x", digits=16) != keyed_hash(b"k", "mask", b"x", digits=16)
