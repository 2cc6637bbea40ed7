"""The graph of a flow: declared where the flow is data, learned where its nodes are made as it goes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import otel_botlogs
from otel_botlogs import Flow


def declared(flows: Iterable[Any], node_id: str, config: Any) -> Flow | None:
    """Return the flow that was loaded from a file or built as data, if the node's configuration is of one."""
    for flow in flows:
        if node_id in flow.config.nodes and flow.node(node_id) is config:
            return otel_botlogs.flow(_definition(flow.config))
    return None


def learned(first_node: str) -> Flow | None:
    """Return the flow of a bot that makes its nodes as it goes."""
    flow_id = f"flow:{first_node}"
    return otel_botlogs.find_flow(flow_id) or otel_botlogs.flow({"id": flow_id}, learned=True)


def branch_of(flows: Iterable[Any], node_id: str | None, function_name: str) -> Any:
    """Return the branch by which a function of a flow that is data decides, if it does."""
    for flow in flows:
        node = flow.config.nodes.get(node_id)
        for function in [*(node.functions if node else ()), *flow.config.global_functions]:
            if function.name == function_name and hasattr(function.transition_to, "cases"):
                return function.transition_to
    return None


def _definition(config: Any) -> dict[str, object]:
    """Return the graph of a flow that is data: its functions are the edges, its branches their cases."""
    nodes = [{"id": name, "type": "prompt"} for name in config.nodes]
    edges: list[dict[str, str]] = []
    for name, node in config.nodes.items():
        for function in [*node.functions, *config.global_functions]:
            edges += [{"from": name, "to": to, "label": label} for to, label in _ways(function)]
    return {"id": f"flow:{config.initial_node}", "nodes": nodes, "edges": edges}


def _ways(function: Any) -> list[tuple[str, str]]:
    to = function.transition_to
    if to is None or isinstance(to, str):
        return [(to, function.name)] if to else []
    ways = [(node, f"{function.name}: {to.field} = {value}") for value, node in to.cases.items()]
    return [*ways, (to.default, f"{function.name}: otherwise")] if to.default else ways
