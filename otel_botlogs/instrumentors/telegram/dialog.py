"""A `ConversationHandler` at work: its flow, the state it is in, and the steps that its handlers take.

States and callbacks are the flow's nodes. Which callbacks a state accepts is declared; the next state is what a
callback returns, so those edges are learned.
"""

from __future__ import annotations

from contextvars import ContextVar, Token
from types import TracebackType
from typing import Any, Final

import otel_botlogs
from otel_botlogs import semconv
from otel_botlogs.instrumentors.telegram.updates import end_conversation
from otel_botlogs.noop import NOOP_CONVERSATION
from otel_botlogs.scope import current_scope

_END: Final = -1
_NAMED: Final = {_END: "END", -2: "TIMEOUT", -3: "WAITING"}
_MAX_HANDLERS: Final = 1000
_flows: dict[int, tuple[Any, otel_botlogs.Flow | None]] = {}  # the handler is kept, or its id would be given again
_place: ContextVar[Place | None] = ContextVar("otel_botlogs_telegram_place", default=None)


class Place:
    """A conversation handler in a state, while it handles an update; nested, a node of the one around it."""

    def __init__(self, handler: Any, state: object, outer: Place | None) -> None:
        self.handler = handler
        self.flow = flow_of(handler)
        self.flow_id = flow_id(handler)
        self.state = state
        self._outer = outer
        self._token: Token[Place | None] | None = None
        self._node = None if outer is None else _parent().node(self.flow_id, type="flow", flow=outer.flow)

    @property
    def is_nested(self) -> bool:
        """Whether it is a handler of another conversation handler."""
        return self._outer is not None

    def __enter__(self) -> Place:
        if self._node is not None:
            self._node.__enter__()
        self._token = _place.set(self)
        if self.state is None:
            _parent().flow_start(self.flow_id)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._token is not None:
            _place.reset(self._token)
        if self._node is not None:
            self._node.__exit__(kind, error, trace)

    def returned(self, state: object) -> None:
        """Tell where the outer handler goes: `map_to_parent` of what this one ended with."""
        if self._outer is not None and self._node is not None:
            self._outer.go(self._node, state)

    def go(self, node: otel_botlogs.Node, state: object) -> None:
        """Say that *node* leads to *state*, and waits there for the user; None stays in the state."""
        if state is None:
            if self.state is not None and self.state not in _NAMED:
                node.wait(f"still in state {_name(self.handler, self.state)}")
            return
        node.transition(state_id(state), "returned by the callback")
        if state != _END:
            node.wait(f"in state {_name(self.handler, state)}")
            return
        _parent().flow_complete(self.flow_id)
        if not self.is_nested:
            end_conversation("ConversationHandler.END")


class Step:
    """The node action of a handler's callback."""

    def __init__(self, place: Place | None, handler: Any, stop: type[BaseException]) -> None:
        self._place = place
        self._stop = stop
        self._is_fallback = place is not None and handler in place.handler.fallbacks
        self.node = _parent().node(
            callback_name(handler),
            type="handler",
            flow=None if place is None else place.flow,
            not_errors=(stop,),
            attributes=None if place is None or place.state is None else {semconv.BOT_STATE: state_id(place.state)},
        )

    def __enter__(self) -> Step:
        self.node.__enter__()
        if self._is_fallback and self._place is not None:
            self.node.fallback(f"no handler of {state_id(self._place.state)} took the update")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if isinstance(error, self._stop):
                self.returned(getattr(error, "state", None))
        finally:
            self.node.__exit__(kind, error, trace)

    def returned(self, state: object) -> None:
        """Tell what the callback's return value means."""
        if self._place is not None:
            self._place.go(self.node, state)


def open_place(handler: Any, state: object) -> Place:
    """Give the place that *handler* is at; a time-out's job runs in a copy of the context that made it."""
    outer = _place.get()
    return Place(handler, state, None if outer is None or outer.handler is handler else outer)


def current_place() -> Place | None:
    """Return where the running code is, None outside of conversation handlers."""
    return _place.get()


def flow_of(handler: Any) -> otel_botlogs.Flow | None:
    """Return the handler's flow, declared once."""
    known = _flows.get(id(handler))
    if known is None:
        known = handler, otel_botlogs.flow(_definition(handler), learned=True)
        if len(_flows) < _MAX_HANDLERS:
            _flows[id(handler)] = known
    return known[1]


def flow_id(handler: Any) -> str:
    """Return the handler's name; it is optional, its first entry point's name stands for it."""
    return str(handler.name or callback_name(handler.entry_points[0]))


def state_id(state: object) -> str:
    """Return a state's node id."""
    return f"state:{_NAMED.get(state, state) if isinstance(state, int) else state}"


def callback_name(handler: Any) -> str:
    """Return the name of what a handler calls; of a nested conversation handler its flow's."""
    if hasattr(handler, "entry_points"):
        return flow_id(handler)
    callback = handler.callback
    return str(getattr(callback, "__qualname__", type(callback).__name__)).rpartition("<locals>.")[2]


def _definition(handler: Any) -> dict[str, object]:
    nodes: dict[str, dict[str, object]] = {}
    edges: list[dict[str, object]] = []

    def accepts(origin: str, handlers: Any, label: str | None = None) -> None:
        for one in handlers:
            name = callback_name(one)
            nodes[name] = {"id": name, "type": "flow" if hasattr(one, "entry_points") else "handler"}
            edges.append({"from": origin, "to": name, "label": label or _accepted(one)})

    nodes["start"] = {"id": "start", "type": "start"}
    accepts("start", handler.entry_points)
    for state, handlers in handler.states.items():
        nodes[state_id(state)] = {"id": state_id(state), "name": _name(handler, state), "type": "state"}
        accepts(state_id(state), handlers)
        accepts(state_id(state), handler.fallbacks, "fallback")
    nodes[state_id(_END)] = {"id": state_id(_END), "name": "END", "type": "end"}
    return {"id": flow_id(handler), "nodes": list(nodes.values()), "edges": edges}


def _accepted(handler: Any) -> str:
    """Return what a handler takes: its commands, else its filters, else its kind."""
    if commands := getattr(handler, "commands", None):
        return " ".join(f"/{command}" for command in sorted(commands))
    return str(getattr(getattr(handler, "filters", None), "name", None) or type(handler).__name__)


def _name(handler: Any, state: object) -> str:
    """Return the constant that stands for a state (`ASK, TELL = range(2)`), if the bot's module has just one."""
    if not isinstance(state, int) or state in _NAMED:
        return str(_NAMED.get(state, state) if isinstance(state, int) else state)
    callbacks = (getattr(one, "callback", None) for one in handler.entry_points)
    scopes: list[dict[str, object]] = [getattr(callback, "__globals__", {}) for callback in callbacks]
    names = {name for scope in scopes for name, value in scope.items() if name.isupper() and value is state}
    return names.pop() if len(names) == 1 else str(state)


def _parent() -> Any:
    """Return the innermost open node, turn or conversation."""
    return current_scope() or NOOP_CONVERSATION
