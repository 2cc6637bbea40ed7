"""Flows: the graph of nodes and edges that a bot was authored as, versioned by the hash of its content.

A declared flow is whole from the beginning. A learned one knows its nodes, if those, from the runtime
and adds the transitions that it sees; it is marked as learned, keeps the version of what it was
declared with, and is published again when it has grown.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final, cast

from otel_botlogs import guard, semconv
from otel_botlogs.plain import cut, valid_text

if TYPE_CHECKING:
    from otel_botlogs.recorder import Recorder

_MAX_FLOWS: Final = 1000
_MAX_NODES: Final = 2000
_MAX_EDGES: Final = 5000
_MAX_DEFINITION_BYTES: Final = 1_000_000
_flows: dict[str, Flow] = {}

FlowNode = dict[str, str]
FlowEdge = dict[str, str]


class Flow:
    """A flow's graph; give it, or its id, to `turn.node(…, flow=…)`."""

    __slots__ = ("_edges", "_nodes", "id", "learned", "name", "revision", "version")

    def __init__(
        self,
        id: str,  # noqa: A002 - the name on the outside
        name: str,
        nodes: Iterable[FlowNode],
        edges: Iterable[FlowEdge],
        *,
        learned: bool,
    ) -> None:
        self.id = id
        self.name = name
        self.learned = learned
        self.revision = 0  # grows with every node or edge learned
        self._nodes = {node["id"]: node for node in nodes}
        self._edges = {(edge["from"], edge["to"], edge.get("label", "")): edge for edge in edges}
        self.version = hashlib.sha256(self.to_json().encode()).hexdigest()[:16]

    def to_json(self) -> str:
        """Return the definition as canonical JSON: `id`, `name`, `nodes` and `edges`."""
        definition = {
            "id": self.id,
            "name": self.name,
            "nodes": list(self._nodes.values()),
            "edges": list(self._edges.values()),
        }
        return json.dumps(definition, sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    def node_type(self, node_id: str) -> str | None:
        """Return the declared type of a node, None if it is not known."""
        node = self._nodes.get(node_id)
        return node.get("type") if node else None

    def learn_node(self, node_id: str, name: str, node_type: str) -> None:
        """Add a node that was seen running, to a learned flow."""
        if self.learned and node_id not in self._nodes and len(self._nodes) < _MAX_NODES:
            self._nodes[node_id] = {"id": node_id, "name": name, "type": node_type}
            self.revision += 1

    def learn_edge(self, origin: str, to: str, reason: str | None = None) -> None:
        """Add a transition that was seen, to a learned flow."""
        label = cut(reason, 200) if reason else ""
        key = (origin, to, label)
        if self.learned and key not in self._edges and len(self._edges) < _MAX_EDGES:
            self._edges[key] = {"from": origin, "to": to, **({"label": label} if label else {})}
            self.revision += 1


def flow(definition: Mapping[str, object], *, learned: bool = False) -> Flow | None:
    """Declare a flow: its `id`, `name`, `nodes` (`id`, `name`, `type`) and `edges` (`from`, `to`, `label`).

    Its definition leaves as one `bot.flow.definition` event a process and version, in the first
    conversation that uses it. Of a node only `id` is needed, of an edge `from` and `to`; `reason` is read
    as `label`. Other keys with text values are kept. With *learned*, transitions are added as they are
    seen. A definition that cannot be read is told once and gives None, which is fine as `flow=`.
    """
    try:
        declared = _parse(definition, learned=learned)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        guard.drop(
            "flow",
            f"a flow's definition is not used ({type(error).__name__}: {error}); right is "
            "{'id': …, 'nodes': [{'id': …, 'name': …, 'type': …}], 'edges': [{'from': …, 'to': …}]}",
        )
        return None
    if declared.id in _flows or len(_flows) < _MAX_FLOWS:
        known = _flows.get(declared.id)
        if known is not None and known.version == declared.version:
            return known
        _flows[declared.id] = declared
    return declared


def find_flow(flow_id: str) -> Flow | None:
    """Return the flow that was declared last under *flow_id*."""
    return _flows.get(flow_id)


def publish(graph: Flow, at: Recorder) -> None:
    """Write the flow's definition in the conversation *at*, unless this process has already, as it now is."""
    published = at._pipeline.published_flows  # noqa: SLF001 - one family
    key = (graph.id, graph.version, graph.revision)
    if key in published:
        return
    if len(published) > _MAX_FLOWS * 10:
        published.clear()
    published.add(key)
    definition = valid_text(graph.to_json())
    if len(definition) > _MAX_DEFINITION_BYTES:
        guard.drop(
            "flow.size",
            f"the definition of flow {graph.id!r} has over {_MAX_DEFINITION_BYTES} bytes and is not sent",
        )
        return
    at._write(  # noqa: SLF001 - the definition is the author's, not content, and larger than a value may be
        semconv.EVENT_FLOW_DEFINITION,
        definition,
        {
            semconv.BOT_FLOW_ID: graph.id,
            semconv.BOT_FLOW_NAME: graph.name,
            semconv.BOT_FLOW_VERSION: graph.version,
            semconv.BOT_FLOW_LEARNED: graph.learned,
        },
    )


def _parse(definition: Mapping[str, object], *, learned: bool) -> Flow:
    flow_id = str(definition["id"])
    nodes = [_texts(node, "id") for node in _maps(definition.get("nodes"))]
    edges = [_texts(edge, "from", "to") for edge in _maps(definition.get("edges"))]
    for node in nodes:
        node.setdefault("name", node["id"])
        node.setdefault("type", "action")
    for edge in edges:
        if "label" not in edge and "reason" in edge:
            edge["label"] = edge.pop("reason")
    return Flow(flow_id, str(definition.get("name", flow_id)), nodes, edges, learned=learned)


def _maps(value: object) -> list[Mapping[str, object]]:
    return list(cast("Iterable[Mapping[str, object]]", value or ()))


def _texts(source: Mapping[str, object], *needed: str) -> dict[str, str]:
    for name in needed:
        if source.get(name) is None:
            raise ValueError(f"{name!r} is missing in {dict(source)!r}"[:200])
    return {key: str(value) for key, value in source.items() if isinstance(value, (str, int, float, bool))}
