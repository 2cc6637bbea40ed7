"""A flow as authored, and what conversations did in it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowScope:
    """Which conversations' steps count: of one bot and environment or all, between two instants (Unix ns)."""

    version: str = ""
    bot: str = ""
    environment: str = ""
    from_unix_nano: int
    to_unix_nano: int
    bots: tuple[str, ...] = ()  # the only ones that whoever asks may know of; empty: all
    live: bool | None = None  # the only environments that whoever asks may know of: live ones, or others


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowVersion:
    """One version of a flow's definition; `definition` is the JSON text as it was sent."""

    flow_id: str
    flow_version: str
    bot_id: str
    environment: str
    definition: str
    learned: bool
    seen_unix_nano: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowNode:
    """A node of the graph; `extra` are the definition's own keys."""

    id: str
    name: str
    type: str
    extra: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowEdge:
    """An edge of the graph; `from_` is called `from` on the wire."""

    from_: str
    to: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeUse:
    """What conversations did at a node. `ended_here`: it was the last node of the flow that they came to."""

    node_id: str
    node_name: str
    node_type: str
    visits: int
    conversations: int
    errors: int
    ended_here: int
    drop_off: int  # ended here although edges lead on
    median_duration_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """How often one node followed another; `declared`: an edge of the graph says so."""

    from_: str
    to: str
    count: int
    declared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What happened in a flow between two instants, in readable conversations alone."""

    from_unix_nano: int
    to_unix_nano: int
    nodes: tuple[NodeUse, ...]
    transitions: tuple[Transition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionSeen:
    """A version, and when its definition was last sent."""

    flow_version: str
    bot_id: str
    environment: str
    learned: bool
    seen_unix_nano: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A flow in one version; `faults` says what is wrong with its definition, in words."""

    flow_id: str
    flow_version: str
    name: str
    bot_id: str
    environment: str
    learned: bool
    is_newest: bool
    newest_version: str
    nodes: tuple[FlowNode, ...]
    edges: tuple[FlowEdge, ...]
    faults: tuple[str, ...]
    versions: tuple[VersionSeen, ...]
    observed: Observed
