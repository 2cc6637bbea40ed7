"""A piece of the hold that is to become readable."""

from dataclasses import dataclass

from botlogs_collector.model.conversation import ConversationKey, TraceId


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """The rows of `trace_ids` received in (`after_ns`, `upto_ns`], all times Unix nanoseconds."""

    batch_id: str
    key: ConversationKey
    trace_ids: tuple[TraceId, ...]
    after_ns: int
    upto_ns: int
    visible_unix_nano: int
    weight: float = 1.0  # how many conversations the moved one stands for
