"""Facts about made-up conversations: only what a test says differs from one quiet default."""

from dataclasses import replace

from botlogs_collector.model.conversation import ConversationFacts, ConversationKey, TraceId

NOW = 1_700_000_000_000_000_000
SECOND = 1_000_000_000

_QUIET = ConversationFacts(
    key=ConversationKey("production/conv-1"),
    trace_ids=(TraceId("0102030405060708090a0b0c0d0e0f10"),),
    conversation_id="conv-1",
    bot_id="support",
    environment="production",
    channel="web",
    user_id="u-1",
    episode=0,
    first_unix_nano=NOW - 60 * SECOND,
    last_unix_nano=NOW - 30 * SECOND,
    ended_unix_nano=NOW,
    end_rule="idle",
    due_unix_nano=NOW,
    spans=10,
    node_actions=6,
    log_events=20,
    errors=0,
    turns=3,
    bytes=5_000,
)


def facts(**changed: object) -> ConversationFacts:
    """Return the quiet conversation with *changed* fields."""
    return replace(_QUIET, **changed)  # pyright: ignore[reportArgumentType]  # field names and types are the test's
