"""What each kind of frame tells of a call; a frame passes every processor of the pipeline, and counts once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from otel_botlogs import guard, semconv
from otel_botlogs.instrumentors.pipecat.call import Call

_SEEN: Final = 256
Message = Mapping[str, object]


class Watch:
    """Looks at the frames of one call."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._seen: deque[int] = deque(maxlen=_SEEN)

    def pushed(self, data: Any) -> None:
        """Look at a frame that a processor pushes."""
        frame = data.frame
        look = _LOOKS.get(type(frame).__name__)
        if look is None or frame.id in self._seen or (data.direction.name != "DOWNSTREAM" and look is not _error):
            return
        self._seen.append(frame.id)
        look(self._call, frame)


def make_observer(watch: Watch) -> Any:
    """Return an observer of the public kind."""
    from pipecat.observers.base_observer import BaseObserver  # pyright: ignore[reportMissingImports]

    class Observer(BaseObserver):
        async def on_push_frame(self, data: Any) -> None:
            try:
                watch.pushed(data)
            except Exception as error:  # noqa: BLE001 - guard
                guard.note("pipecat.frame", error)

    return Observer()


def _user_turn(call: Call, frame: Any) -> None:
    call.said_by_user(frame.text)


def _appended(call: Call, frame: Any) -> None:
    """A typed message; what flows append for a node has no `run_llm`."""
    last = frame.messages[-1] if frame.messages else {}
    if frame.run_llm and isinstance(last, Mapping) and cast("Message", last).get("role") == "user":
        call.said_by_user(str(cast("Message", last).get("content")))


def _error(call: Call, frame: Any) -> None:
    if isinstance(frame.exception, Exception):
        call.failed_with(frame.exception)
    else:
        kind = getattr(getattr(frame, "category", None), "value", None) or type(frame).__name__
        call.where.event(semconv.EVENT_ERROR, frame.error, level="ERROR", **{semconv.ERROR_TYPE: kind})


def _functions_started(call: Call, frame: Any) -> None:
    context = frame.function_calls[0].context if frame.function_calls else None
    call.functions_started(frame.function_calls, str(getattr(context, "model", None) or "unknown"))


_LOOKS: Final[dict[str, Callable[[Call, Any], None]]] = {
    "LLMContextUserTurnFrame": _user_turn,
    "LLMMessagesAppendFrame": _appended,
    "LLMFullResponseStartFrame": lambda call, _: call.response_began(),
    "LLMTextFrame": lambda call, frame: call.text_came(frame.text),
    "LLMFullResponseEndFrame": lambda call, _: call.response_ended(),
    "TTSSpeakFrame": lambda call, frame: call.said_by_bot(frame.text),
    "FunctionCallsStartedFrame": _functions_started,
    "FunctionCallResultFrame": lambda call, frame: call.function_done(frame),
    "ErrorFrame": _error,
    "FatalErrorFrame": _error,
}
"""What is done at which kind of frame; all others (audio, fifty a second) cost one look into this table."""
