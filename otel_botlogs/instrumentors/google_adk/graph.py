"""The workflow's graph: the declared flow, and where an edge leads by the graph's own rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import otel_botlogs
from otel_botlogs import Flow

_DEFAULT_ROUTE: Final = "__DEFAULT__"


def next_nodes(workflow: Any, name: str, route: object) -> Iterator[tuple[str, str | None]]:
    """Give the nodes that follow *name*, by the graph's own rules: untagged edges, the route's, else the default's."""
    edges = [edge for edge in workflow.graph.edges if edge.from_node.name == name]
    routed = [edge for edge in edges if edge.route is not None and route is not None and route in _routes(edge)]
    if not routed:
        routed = [edge for edge in edges if _DEFAULT_ROUTE in _routes(edge)]
    for edge in edges:
        if edge.route is None or edge in routed:
            yield edge.to_node.name, None if edge.route is None else f"route {route}"


def _routes(edge: Any) -> list[Any]:
    return edge.route if isinstance(edge.route, list) else [edge.route]


def workflows_of(root: Any) -> Iterator[Any]:
    """Give the workflows that *root* is or holds."""
    graph = getattr(root, "graph", None)
    if graph is not None:
        yield root
        for node in graph.nodes:
            if node is not root:
                yield from workflows_of(node)


def workflow_flow(workflow: Any) -> Flow | None:
    """Declare the graph of *workflow*, with the routes as labels."""
    graph = workflow.graph
    return otel_botlogs.flow(
        {
            "id": workflow.name,
            "nodes": [{"id": node.name, "type": _type(node)} for node in graph.nodes],
            "edges": [
                {"from": edge.from_node.name, "to": edge.to_node.name}
                | ({} if edge.route is None else {"label": ", ".join(map(str, _routes(edge)))})
                for edge in graph.edges
            ],
        }
    )


def _type(node: Any) -> str:
    """Return the type by which the node's span will be known."""
    if getattr(node, "graph", None) is not None:
        return "workflow"
    return "agent" if hasattr(node, "sub_agents") else "start" if node.name == "__START__" else "function"


def agent_flow(root: Any) -> Flow | None:
    """Return the learned flow of an agent that is no workflow."""
    if getattr(root, "graph", None) is not None:
        return None
    return otel_botlogs.find_flow(root.name) or otel_botlogs.flow({"id": root.name}, learned=True)
