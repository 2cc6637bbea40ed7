"""What a conversation's variables were, and the way it took."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A variable as it was last set before an instant, and by which node action."""

    name: str
    value: object
    old: object
    set_unix_nano: int
    log_id: str
    node_action_id: str | None
    node_id: str | None
    node_name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One node action on a conversation's way; `next` is where it said that it goes on."""

    node_action_id: str
    flow_id: str | None
    flow_version: str | None
    node_id: str | None
    node_name: str
    node_type: str | None
    turn_index: int | None
    started_unix_nano: int
    ended_unix_nano: int | None
    status: str
    outcome: str | None
    transition_to: str | None
    transition_reason: str | None
