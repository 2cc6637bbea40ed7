"""LangGraph: a run of a graph is a turn, a task of it a node action, an interrupt a wait for the user.

The tasks are seen at `run_with_retry`, which is private; where it is not there, LangChain's callbacks tell of the
nodes, with less detail. The conversation is the thread. LangGraph has no end of a conversation, idleness ends it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from otel_botlogs.instrumentors.base import RuntimeInstrumentor
from otel_botlogs.instrumentors.langgraph.callbacks import observe_callbacks
from otel_botlogs.instrumentors.langgraph.run import current_run, look_at, open_run
from otel_botlogs.instrumentors.langgraph.task import TaskAction
from otel_botlogs.instrumentors.patches import Patches

_RUNNER = "langgraph.pregel._runner"
_HIDDEN = ("__start__", "__end__")


class LangGraphInstrumentor(RuntimeInstrumentor):
    """Records the runs of LangGraph graphs, sync, async and streamed, with subgraphs."""

    supported = ("langgraph >= 1.0, < 2",)

    def _patch(self, patches: Patches) -> None:
        self._control_flow = import_module("langgraph.errors").GraphBubbleUp
        for name in ("stream", "astream"):
            patches.observe_stream("langgraph.pregel.main", f"Pregel.{name}", open_run, look_at)
        # `_runner` imports them by name, so they are wrapped there and not where they are defined.
        found = [
            patches.observe(_RUNNER, name, self._task, TaskAction.ran) for name in ("run_with_retry", "arun_with_retry")
        ]
        if not all(found):
            observe_callbacks(patches, self._control_flow)

    def _task(self, _: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> TaskAction | None:
        """Give the node action that a task is; LangGraph's own start node is none."""
        task = args[0] if args else kwargs["task"]
        run = current_run()
        if run is None or task.name in _HIDDEN:
            return None
        return TaskAction(run, task, self._control_flow)
