"""What the store tells about one conversation: never a word of its content."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NewType

TraceId = NewType("TraceId", str)  # 32 lower-case hex digits
ConversationKey = NewType("ConversationKey", str)  # see store/sql/schema: one conversation in one environment

EndRule = Literal["signal", "idle", "max_age"]
State = Literal["live", "ongoing", "held", "released", "dropped", "restored"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DueConversation:
    """A conversation whose content may now be read: one episode, the rows received in
    (`after_watermark_ns`, `watermark_ns`].
    """  # noqa: D205

    key: ConversationKey
    trace_ids: tuple[TraceId, ...]
    conversation_id: str
    bot_id: str
    environment: str
    environment_given: bool
    channel: str
    user_id: str
    previous_episode: int  # 0: none
    previous_decision: str  # keep, drop or empty
    previous_last_unix_nano: int  # the senders' last time in the previous episode
    ended_unix_nano: int
    end_rule: EndRule
    available_unix_nano: int
    after_watermark_ns: int
    watermark_ns: int
    node_ids: frozenset[str] = frozenset()
    is_whole: bool = True  # false: the hold's retention has reached its first rows


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationFacts:
    """One row a conversation and episode: all that a decision may rest on.

    Counts are of identities: a span sent twice is one span. Times are Unix nanoseconds;
    `first_unix_nano` and `last_unix_nano` are the senders' (least start, greatest end).
    `conditions` holds, for each condition that a policy compiled into the facts query, its
    aggregate: a bool, a count, a sum of bytes or a text.
    """

    key: ConversationKey
    trace_ids: tuple[TraceId, ...]
    conversation_id: str
    bot_id: str
    environment: str
    channel: str
    user_id: str
    episode: int
    first_unix_nano: int
    last_unix_nano: int
    ended_unix_nano: int
    end_rule: EndRule
    due_unix_nano: int = 0  # end + release delay, by our clock: what rates count by; 0: as `ended_unix_nano`
    spans: int
    node_actions: int
    log_events: int
    errors: int
    turns: int
    bytes: int
    conditions: Mapping[str, object] = field(default_factory=dict[str, object])
