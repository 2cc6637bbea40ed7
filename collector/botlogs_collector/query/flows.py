"""A flow's graph in the version asked for, with what conversations did in it; bad definitions are told, not fatal."""

import asyncio
import dataclasses
import json
from typing import Final, cast

from botlogs_collector.access.principal import current
from botlogs_collector.clock import Clock
from botlogs_collector.errors import InvalidRequest, NotFound
from botlogs_collector.model.flow import (
    Flow,
    FlowEdge,
    FlowNode,
    FlowScope,
    FlowVersion,
    NodeUse,
    Observed,
    Transition,
    VersionSeen,
)
from botlogs_collector.ports import FlowReader
from botlogs_collector.query.pool import StorePool

_DAY: Final = 24 * 3600 * 10**9
_MAX_RANGE: Final = 92 * _DAY
_MAX_ID: Final = 512
_MAX_NODES: Final = 10_000
_MAX_FAULTS: Final = 20


class Flows:
    """Flows with their use."""

    def __init__(self, reader: FlowReader, pool: StorePool, clock: Clock) -> None:
        self._reader = reader
        self._pool = pool
        self._clock = clock

    async def get(
        self,
        flow_id: str,
        *,
        version: str = "",
        bot: str = "",
        environment: str = "",
        from_unix_nano: int | None = None,
        to_unix_nano: int | None = None,
    ) -> Flow:
        """Return a flow in *version* (the newest if empty) and its use between two instants (the last 24 hours).

        Raises:
            Unauthenticated, Forbidden: whoever asks may not know of flows.
            NotFound: neither a definition nor a step of it is readable.
            InvalidRequest: the range is empty or longer than 92 days.
        """
        principal = current()
        principal.demand("list")
        if max(len(flow_id), len(version), len(bot), len(environment)) > _MAX_ID:
            msg = f"ids have at most {_MAX_ID} characters"
            raise InvalidRequest(msg)
        to = self._clock.now_ns() + _DAY if to_unix_nano is None else to_unix_nano
        scope = FlowScope(
            version=version,
            bot=bot,
            environment=environment,
            from_unix_nano=max(0, to - 2 * _DAY if from_unix_nano is None else from_unix_nano),
            to_unix_nano=to,
            bots=tuple(sorted(principal.bots)),
            live=principal.sees_live,
        )
        if not 0 <= scope.to_unix_nano - scope.from_unix_nano <= _MAX_RANGE:
            msg = "`from` must lie before `to`, and at most 92 days before it"
            raise InvalidRequest(msg)
        versions, uses, transitions = await asyncio.gather(
            self._pool.run(self._reader.versions, flow_id, scope),
            self._pool.run(self._reader.node_uses, flow_id, scope),
            self._pool.run(self._reader.transitions, flow_id, scope),
        )
        chosen = next((each for each in versions if version in ("", each.flow_version)), None)
        if chosen is None and not uses:
            raise NotFound(_missing(flow_id, version, versions))
        graph = parse_definition(chosen.definition) if chosen else _seen_graph(uses, transitions)
        return _flow(flow_id, graph, chosen, versions, _observed(graph, chosen, scope, uses, transitions))


def _missing(flow_id: str, version: str, versions: list[FlowVersion]) -> str:
    if versions:
        known = ", ".join(each.flow_version for each in versions[:5])
        return f"flow {flow_id!r} has no version {version!r}; known are {known}"
    return f"there is no flow {flow_id!r} in readable logs; declare it with otel_botlogs.flow(…)"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """A flow's nodes and edges; `faults` says what is wrong with its definition, in words."""

    name: str = ""
    nodes: tuple[FlowNode, ...] = ()
    edges: tuple[FlowEdge, ...] = ()
    faults: tuple[str, ...] = ()


def _seen_graph(uses: list[NodeUse], transitions: list[Transition]) -> Graph:
    """Return the graph that was seen, where nobody declared one."""
    return Graph(
        nodes=tuple(FlowNode(id=use.node_id, name=use.node_name, type=use.node_type, extra={}) for use in uses),
        edges=tuple(FlowEdge(from_=t.from_, to=t.to, label="") for t in transitions),
    )


def parse_definition(text: str) -> Graph:
    """Return the graph of a definition's JSON *text*.

    Edges from or to nobody are left out and told; cycles are fine. Never raises.
    """
    try:
        raw: object = json.loads(text)
    except (ValueError, RecursionError):
        return Graph(faults=("the definition is not JSON",))
    if not isinstance(raw, dict):
        return Graph(faults=("the definition is not a JSON object with `nodes` and `edges`",))
    definition = cast("dict[str, object]", raw)
    faults: list[str] = []
    nodes = _nodes(definition, faults)
    edges = _edges(definition, nodes, faults)
    if len(faults) > _MAX_FAULTS:
        faults[_MAX_FAULTS:] = [f"and {len(faults) - _MAX_FAULTS} more faults"]
    return Graph(
        name=str(definition.get("name") or ""), nodes=tuple(nodes.values()), edges=tuple(edges), faults=tuple(faults)
    )


def _nodes(definition: dict[str, object], faults: list[str]) -> dict[str, FlowNode]:
    nodes: dict[str, FlowNode] = {}
    for entry in _dicts(definition.get("nodes"), "nodes", faults):
        node_id = str(entry.get("id") or "")
        if not node_id or node_id in nodes:
            faults.append(f"node {node_id!r} is declared twice" if node_id else "a node has no id")
            continue
        if len(nodes) >= _MAX_NODES:
            faults.append(f"only the first {_MAX_NODES} nodes are shown")
            break
        extra = {key: value for key, value in entry.items() if key not in ("id", "name", "type")}
        name, kind = str(entry.get("name") or node_id), str(entry.get("type") or "")
        nodes[node_id] = FlowNode(id=node_id, name=name, type=kind, extra=extra)
    return nodes


def _edges(definition: dict[str, object], nodes: dict[str, FlowNode], faults: list[str]) -> list[FlowEdge]:
    edges: list[FlowEdge] = []
    for entry in _dicts(definition.get("edges"), "edges", faults):
        ends = str(entry.get("from") or ""), str(entry.get("to") or "")
        lost = [end for end in ends if end not in nodes]
        if lost:
            faults.append(f"the edge {ends[0]!r} to {ends[1]!r} leads to no node: {lost[0]!r}")
        else:
            edges.append(FlowEdge(from_=ends[0], to=ends[1], label=str(entry.get("label") or "")))
    return edges


def _dicts(value: object, name: str, faults: list[str]) -> list[dict[str, object]]:
    if value is None:
        return []
    if not isinstance(value, list):
        faults.append(f"`{name}` is not a list")
        return []
    entries = [cast("dict[str, object]", entry) for entry in cast("list[object]", value) if isinstance(entry, dict)]
    if len(entries) < len(cast("list[object]", value)):
        faults.append(f"some entries of `{name}` are not objects")
    return entries


def _observed(
    graph: Graph, chosen: FlowVersion | None, scope: FlowScope, uses: list[NodeUse], transitions: list[Transition]
) -> Observed:
    leads_on = {edge.from_ for edge in graph.edges}
    declared = {(edge.from_, edge.to) for edge in graph.edges} if chosen else set[tuple[str, str]]()
    return Observed(
        from_unix_nano=scope.from_unix_nano,
        to_unix_nano=scope.to_unix_nano,
        nodes=tuple(
            dataclasses.replace(use, drop_off=use.ended_here if use.node_id in leads_on else 0) for use in uses
        ),
        transitions=tuple(dataclasses.replace(t, declared=(t.from_, t.to) in declared) for t in transitions),
    )


def _flow(
    flow_id: str, graph: Graph, chosen: FlowVersion | None, versions: list[FlowVersion], observed: Observed
) -> Flow:
    newest = versions[0].flow_version if versions else ""
    return Flow(
        flow_id=flow_id,
        flow_version=chosen.flow_version if chosen else "",
        name=graph.name or flow_id,
        bot_id=chosen.bot_id if chosen else "",
        environment=chosen.environment if chosen else "",
        learned=chosen.learned if chosen else True,
        is_newest=chosen is None or chosen.flow_version == newest,
        newest_version=newest,
        nodes=graph.nodes,
        edges=graph.edges,
        faults=graph.faults,
        versions=tuple(
            VersionSeen(
                flow_version=each.flow_version,
                bot_id=each.bot_id,
                environment=each.environment,
                learned=each.learned,
                seen_unix_nano=each.seen_unix_nano,
            )
            for each in versions
        ),
        observed=observed,
    )
