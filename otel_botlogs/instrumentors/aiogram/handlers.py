"""Handlers as node actions: their names, their flow, and where they leave the state."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Final, cast

import otel_botlogs
from otel_botlogs import semconv
from otel_botlogs.instrumentors.aiogram.machine import Machine, current_machine, state_id, state_name
from otel_botlogs.noop import NOOP_CONVERSATION
from otel_botlogs.scope import current_scope

_MAX_ROUTERS: Final = 1000
_NOT_MESSAGES: Final = ("update", "error")
_flows: dict[int, tuple[Any, otel_botlogs.Flow | None]] = {}  # the router is kept, or its id would be given again


class HandlerAction:
    """The node action of a handler; afterwards it says which state it left the conversation in."""

    def __init__(self, handler: Any, about: dict[str, Any], control_flow: tuple[type[BaseException], ...]) -> None:
        router = about.get("event_router")
        self._state = about.get("raw_state")
        self._machine = current_machine()
        if self._machine is not None:
            self._machine.found(self._state)
            self._machine.reason = None
        self.node = _parent().node(
            callback_name(handler.callback),
            type="handler",
            flow=None if router is None else flow_of(router),
            not_errors=control_flow,
            attributes=None if self._state is None else {semconv.BOT_STATE: state_id(self._state)},
        )

    def __enter__(self) -> HandlerAction:
        self.node.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None and self._machine is not None:
                self._leave(self._machine)
        finally:
            self.node.__exit__(kind, error, trace)

    def _leave(self, machine: Machine) -> None:
        if machine.changed and machine.state != self._state:
            self.node.transition(state_id(machine.state), machine.reason or "set_state")
            if machine.state is None:
                self.node.flow_complete(str(self.node.attributes.get(semconv.BOT_FLOW_ID)))
        if machine.state is not None:
            self.node.wait(f"in state {machine.state}" if machine.changed else f"still in state {machine.state}")


class SceneAction:
    """The node action that entering, leaving or exiting a scene is."""

    def __init__(self, called: Any, control_flow: tuple[type[BaseException], ...]) -> None:
        self.node = _parent().node(callback_name(called.callback), type="scene", not_errors=control_flow)

    def __enter__(self) -> SceneAction:
        self.node.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.node.__exit__(kind, error, trace)


def callback_name(callback: Any) -> str:
    """Return the name of what a handler calls; of a scene's handler the method's."""
    if hasattr(callback, "scene") and hasattr(callback, "handler"):
        callback = callback.handler.callback
    name = getattr(callback, "__qualname__", None) or type(callback).__name__
    return str(name).rpartition("<locals>.")[2]


def flow_of(router: Any) -> otel_botlogs.Flow | None:
    """Return the router's flow, declared once: the states that its handlers ask for, and what they accept."""
    known = _flows.get(id(router))
    if known is None:
        known = router, otel_botlogs.flow(_definition(router), learned=True)
        if len(_flows) < _MAX_ROUTERS:
            _flows[id(router)] = known
    return known[1]


def _definition(router: Any) -> dict[str, object]:
    nodes: dict[str, dict[str, object]] = {
        "start": {"id": "start", "type": "start"},
        "end": {"id": "end", "type": "end"},
    }
    edges: list[dict[str, object]] = []
    for kind, observer in router.observers.items():
        for handler in () if kind in _NOT_MESSAGES else observer.handlers:
            name = callback_name(handler.callback)
            nodes[name] = {"id": name, "type": "handler"}
            states, label = _accepted([*(handler.filters or ()), *_filters_of_all(observer)])
            for state in states or [None]:
                origin = "start" if state is None else state_id(state)
                nodes.setdefault(origin, {"id": origin, "name": str(state), "type": "state"})
                edges.append({"from": origin, "to": name, "label": label or kind})
    return {"id": _flow_id(router), "nodes": list(nodes.values()), "edges": edges}


def _filters_of_all(observer: Any) -> list[Any]:
    """Return the filters that hold for all handlers of a router; a scene asks for its state so."""
    return list(getattr(getattr(observer, "_handler", None), "filters", None) or ())


def _accepted(filters: list[Any]) -> tuple[list[str | None], str | None]:
    """Return the states that filters ask for, and the commands."""
    states: list[str | None] = []
    label: str | None = None
    for one in filters:
        accepted = one.callback
        if commands := getattr(accepted, "commands", None):
            label = " ".join(f"/{command}" for command in commands)
        elif hasattr(accepted, "__states__"):
            states += [state_name(state) for state in cast("tuple[Any, ...]", accepted.__states__)]
        elif hasattr(accepted, "states"):
            states += [state_name(state) for state in accepted.states]
        elif type(accepted).__name__ == "State":
            states.append(state_name(accepted))
    return states, label


def _flow_id(router: Any) -> str:
    """Return the router's name; one that its author did not name is called by the module of its handlers."""
    if not router.name.startswith("0x"):
        return str(router.name)
    modules = (
        handler.callback.__module__
        for observer in router.observers.values()
        for handler in observer.handlers
        if callback_name(handler.callback) != "Dispatcher._listen_update"
    )
    return str(next(modules, "dispatcher"))


def _parent() -> Any:
    """Return the innermost open node, turn or conversation."""
    return current_scope() or NOOP_CONVERSATION
