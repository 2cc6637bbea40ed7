"""The graph as it was declared: the flow's definition, and why an edge is taken."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from typing import Any, cast

import otel_botlogs
from otel_botlogs import guard

END = "__end__"
_EDGE = "edge"
_MAX_WAYS = 5000
_TYPES = {"__start__": "start", END: "end"}
_plans: weakref.WeakKeyDictionary[Any, dict[str, Plan]] = weakref.WeakKeyDictionary()


class Plan:
    """What is known of a compiled graph beforehand."""

    __slots__ = ("_branches", "_edges", "_ways", "flow", "flow_id")

    def __init__(self, graph: Any, flow_id: str) -> None:
        builder = getattr(graph, "builder", None)
        self.flow_id = flow_id
        self._edges: frozenset[tuple[str, str]] = frozenset(getattr(builder, "edges", ()))
        self._branches: Mapping[str, Mapping[str, Any]] = getattr(builder, "branches", None) or {}
        self._ways: dict[tuple[str, str], tuple[str, bool]] = {}
        self.flow = _declare(graph, flow_id) or otel_botlogs.flow({"id": flow_id}, learned=True)

    def way(self, origin: str, to: str) -> tuple[str, bool]:
        """Return why *to* comes after *origin*, and whether that is a condition.

        Else it is a plain edge, or the node's own will.
        """
        way = self._ways.get((origin, to))
        if way is None:
            if (origin, to) in self._edges:
                way = _EDGE, False
            else:
                condition = self._condition(origin, to)
                way = condition or "Command(goto)", condition is not None
            if len(self._ways) < _MAX_WAYS:
                self._ways[origin, to] = way
        return way

    def _condition(self, origin: str, to: str) -> str | None:
        """Return the name of the condition after *origin* that may have chosen *to*."""
        names = [
            name
            for name, branch in self._branches.get(origin, {}).items()
            if not getattr(branch, "ends", None) or to in branch.ends.values()
        ]
        return " | ".join(names) or None

    def can_end_after(self, origin: str) -> bool:
        """Whether the graph may be over after *origin*."""
        return (origin, END) in self._edges or bool(self._branches.get(origin))


def plan_of(graph: Any, flow_id: str) -> Plan:
    """Return the plan of *graph*, made once."""
    plans = _plans.setdefault(graph, {})
    plan = plans.get(flow_id)
    if plan is None:
        plan = plans[flow_id] = Plan(graph, flow_id)
    return plan


def _declare(graph: Any, flow_id: str) -> otel_botlogs.Flow | None:
    """Declare the flow with the edges that LangGraph draws; None if it cannot draw the graph."""
    try:
        drawn = graph.get_graph()
        nodes = [{"id": name, "name": name, "type": _type(name, node.data)} for name, node in drawn.nodes.items()]
        edges = [_edge(edge) for edge in drawn.edges]
        return otel_botlogs.flow({"id": flow_id, "name": flow_id, "nodes": nodes, "edges": edges})
    except Exception as error:  # noqa: BLE001 - drawing runs the author's schemas
        guard.note("langgraph.get_graph", error)
        return None


def _edge(edge: Any) -> dict[str, object]:
    label = str(edge.data) if edge.data is not None else "condition" if edge.conditional else None
    return {"from": edge.source, "to": edge.target, **({"label": label} if label else {})}


def _type(name: str, data: object) -> str:
    if name in _TYPES:
        return _TYPES[name]
    kinds = {kind.__name__ for kind in cast("type", type(data)).__mro__}
    return "flow" if "Pregel" in kinds else "tool" if "ToolNode" in kinds else "action"
