"""A run of a graph: a turn of the thread's conversation, or the inside of a node that runs a subgraph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from opentelemetry.context import Context, create_key, get_current, set_value

import otel_botlogs
from otel_botlogs import active, semconv
from otel_botlogs.activity import Active, Activity
from otel_botlogs.instrumentors.langgraph.plan import Plan, plan_of
from otel_botlogs.instrumentors.langgraph.words import user_words
from otel_botlogs.noop import NOOP_CONVERSATION, NOOP_TURN
from otel_botlogs.turn import Turn

_DEFAULT_NAME = "LangGraph"
_KEY: Final = create_key("otel_botlogs.langgraph.run")


class Run:
    """What `drive` runs as an activity: started, made current piece by piece, finished."""

    __slots__ = ("_asked", "_context", "_resumes", "_turn", "interrupted", "plan", "with_subgraph")

    def __init__(self, plan: Plan, turn: Turn | None, *, resumes: bool = False, asked: set[str] | None = None) -> None:
        self.plan = plan
        self.interrupted = False
        self.with_subgraph: set[int] = set()  # the open node actions that ran a graph, by `id`
        self._turn = turn
        self._context: Context = Context()
        self._resumes = resumes
        self._asked: set[str] = set() if asked is None else asked

    def inside(self, plan: Plan) -> Run:
        """Return the run of a subgraph: no turn of its own, questions are asked once in both."""
        return Run(plan, None, asked=self._asked)

    def start(self) -> Run:
        """Start the turn, if it has one."""
        if self._turn is not None:
            self._turn.conversation.start()
            self._turn.start()
            if not self._resumes:
                self._turn.flow_start(self.plan.flow_id)
            with self._turn.active():
                self._context = set_value(_KEY, self)
        else:
            self._context = set_value(_KEY, self)
        return self

    def finish(self, error: BaseException | None = None) -> None:
        """Finish the turn, if it has one."""
        if self._turn is not None:
            if error is None and not self.interrupted:
                self._turn.flow_complete(self.plan.flow_id)
            self._turn.finish(error)

    def active(self) -> Active:
        """Return a context manager in which the run is current, and its turn."""
        return Active(self._context)

    def item(self, item: Any) -> None:
        """Look at what the graph streams: a breakpoint (`interrupt_before`) shows there alone."""
        part: Any = item[-1] if isinstance(item, tuple) else item
        if not isinstance(part, dict) or "__interrupt__" not in part or self._turn is None or self.interrupted:
            return
        if part["__interrupt__"] == ():
            self.interrupted = True
            self._turn.event(semconv.EVENT_NODE_WAIT, "a breakpoint of the graph")

    def asks(self, interrupt: Any) -> bool:
        """Whether the question *interrupt* comes up for the first time; a subgraph's goes up through its parents."""
        self.interrupted = True
        key = str(getattr(interrupt, "id", None) or id(interrupt))
        if key in self._asked:
            return False
        self._asked.add(key)
        return True


def look_at(run: Any, item: object) -> None:
    """Let *run* look at what its graph streams."""
    run.item(item)


def current_run() -> Run | None:
    """Return the run that the running code belongs to."""
    return cast("Run | None", get_current().get(_KEY))


def open_run(graph: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Activity | None:
    """Give the run that `graph.stream(input, config)` is."""
    if active.pipeline() is None:
        return None
    value = args[0] if args else kwargs.get("input")
    configurable = _configurable(graph, args[1] if len(args) > 1 else kwargs.get("config"))
    outer = current_run()
    if outer is not None:
        node = otel_botlogs.current_node()
        outer.with_subgraph.add(id(node))
        inner_id = f"{outer.plan.flow_id}/{node.name}" if graph.name == _DEFAULT_NAME else graph.name
        return cast("Activity", outer.inside(plan_of(graph, inner_id)))
    plan = plan_of(graph, graph.name)
    if otel_botlogs.current_turn() is not NOOP_TURN:
        return cast("Activity", Run(plan, None))  # the turn of a channel, or the author's own
    message, resumes = user_words(value)
    conversation = _conversation(configurable)
    kind = "resume" if resumes else None
    return cast("Activity", Run(plan, conversation.turn(message, message_type=kind), resumes=resumes))


def _conversation(configurable: Mapping[str, Any]) -> otel_botlogs.Conversation:
    """Return the conversation of the thread; the one that is open if it is the same, or the graph has none."""
    thread = configurable.get("thread_id")
    current = otel_botlogs.current_conversation()
    if current is not NOOP_CONVERSATION and (thread is None or current.id == str(thread)):
        return current
    user = configurable.get("user_id")
    return otel_botlogs.conversation(
        None if thread is None else str(thread), user_id=None if user is None else str(user)
    )


def _configurable(graph: Any, config: Any) -> dict[str, Any]:
    own = (getattr(graph, "config", None) or {}).get("configurable") or {}
    return {**own, **((config or {}).get("configurable") or {})}
