"""A waterfall as a flow: how its steps are called, and the order that is declared."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Any

import otel_botlogs
from otel_botlogs import Flow


def step_name(waterfall: Any, index: int) -> str:
    """Return the name of a step without the class that it is defined in."""
    return str(waterfall.get_step_name(index)).rpartition(".")[2]


def flow_id(dialogs: Any, waterfall_id: str | None = None) -> str:
    """Return the waterfall's id under those of the dialogs that contain it: `Main/Booking`."""
    names = [waterfall_id or dialogs.active_dialog.id]
    outer = dialogs.parent
    while outer is not None:
        if outer.active_dialog is not None:
            names.insert(0, outer.active_dialog.id)
        outer = outer.parent
    return "/".join(names)


def waterfall_flow(waterfall: Any, flow_id: str) -> Flow | None:
    """Return the flow that *waterfall* is; what the steps begin is learned."""
    count = len(getattr(waterfall, "_steps", ()))  # no public name; without it all is learned
    return _declare(flow_id, tuple(step_name(waterfall, index) for index in range(count)))


@lru_cache(maxsize=1000)
def _declare(flow_id: str, steps: tuple[str, ...]) -> Flow | None:
    """Declare the steps and their order; which prompts they begin is seen at run time."""
    nodes = [{"id": step, "type": "step"} for step in steps]
    edges = [{"from": one, "to": next_one, "label": "next step"} for one, next_one in pairwise(steps)]
    return otel_botlogs.flow({"id": flow_id, "nodes": nodes, "edges": edges}, learned=True)
