"""The way in by LangChain's public callbacks, for a LangGraph whose private runner has changed.

Callbacks are not around the node's code, so log lines in it belong to the turn, and what it wrote is its output.
"""

from __future__ import annotations

import threading
from importlib import import_module
from typing import Any, Final

import otel_botlogs
from otel_botlogs.instrumentors.langgraph.run import Run, current_run
from otel_botlogs.instrumentors.patches import Patches
from otel_botlogs.scope import current_scope

_MAX_OPEN: Final = 10_000


def observe_callbacks(patches: Patches, control_flow: type[BaseException]) -> None:
    """Add a handler to every callback manager that LangChain makes."""
    base: Any = import_module("langchain_core.callbacks").BaseCallbackHandler
    nodes = OpenNodes(control_flow)

    class Handler(base):
        run_inline = True  # in the caller's thread and context, also where the graph is async

        def on_chain_start(self, *_: Any, **about: Any) -> None:
            nodes.started(**about)

        def on_chain_end(self, *_: Any, **about: Any) -> None:
            nodes.ended(about["run_id"], None)

        def on_chain_error(self, error: BaseException, **about: Any) -> None:
            nodes.ended(about["run_id"], error)

    handler: Any = Handler()

    def add(wrapped: Any, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        wrapped(*args, **kwargs)
        of_langchain = type(instance).__module__.startswith("langchain_core.")  # LangGraph has managers of its own
        if of_langchain and handler not in instance.inheritable_handlers:
            instance.add_handler(handler, inherit=True)

    patches.wrap("langchain_core.callbacks", "BaseCallbackManager.__init__", add)


class OpenNodes:
    """The node actions that have started and not ended, by LangChain's run id; bounded."""

    def __init__(self, control_flow: type[BaseException]) -> None:
        self._control_flow = control_flow
        self._open: dict[Any, tuple[Run, otel_botlogs.Node]] = {}
        self._lock = threading.Lock()

    def started(self, *, run_id: Any, name: str | None = None, metadata: Any = None, **_: Any) -> None:
        """Start the node action if the chain is a node: the runs inside it have its metadata too, and other names."""
        node_name, run = (metadata or {}).get("langgraph_node"), current_run()
        if run is None or node_name is None or name != node_name or len(self._open) >= _MAX_OPEN:
            return
        scope = current_scope()
        if isinstance(scope, otel_botlogs.Node) and scope.name == node_name:
            return  # one of the two private names is there, and this task came through it
        node = otel_botlogs.current_turn().node(node_name, flow=run.plan.flow, not_errors=(self._control_flow,)).start()
        with self._lock:
            self._open[run_id] = run, node

    def ended(self, run_id: Any, error: BaseException | None) -> None:
        """Finish it."""
        with self._lock:
            run, node = self._open.pop(run_id, (None, None))
        if run is None or node is None:
            return
        if isinstance(error, self._control_flow) and error.args and isinstance(error.args[0], (list, tuple)):
            for interrupt in error.args[0]:
                if run.asks(interrupt):
                    node.reply(interrupt.value, message_type="interrupt")
                    node.wait("interrupt")
        node.finish(error)
