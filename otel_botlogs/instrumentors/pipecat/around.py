"""What goes around Pipecat's own calls: a flow's node being set up, a function of it at work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any

from otel_botlogs.instrumentors.pipecat.call import Call


class After(AbstractContextManager["After"]):
    """Does something once the call that it goes around has worked."""

    def __init__(self, then: Callable[[], object]) -> None:
        self._then = then

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._then()


class Working(AbstractContextManager["Working"]):
    """Makes the call's node the current one while a function of the flow runs; tells what it changed or raised."""

    def __init__(self, call: Call, manager: Any) -> None:
        self._call = call
        self._state: dict[str, Any] = manager.state
        self._active = call.node.active() if call.node is not None else None

    def __enter__(self) -> Working:
        if self._active is not None:
            self._active.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._active is not None:
            self._active.__exit__(kind, error, trace)
        self._call.tell_state(self._state)
        if isinstance(error, Exception):
            self._call.failed_with(error)


class Entering(AbstractContextManager["Entering"]):
    """The set-up of a node: its actions run in it."""

    def __init__(self, call: Call, node_id: str, config: Mapping[str, Any]) -> None:
        self._call = call
        self._waits = not config.get("respond_immediately", True)
        self._active = call.enter(node_id).active()

    def __enter__(self) -> Entering:
        self._active.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._active.__exit__(kind, error, trace)
        if isinstance(error, Exception):
            self._call.failed_with(error)
        elif self._waits:
            self._call.wait()
