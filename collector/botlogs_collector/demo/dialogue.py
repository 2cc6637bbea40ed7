"""The sample bot's runtime: walks the flow from node to node, and the plugin's only place of use.

What a node does is in `nodes.py`; what is recorded of it beside that is here, in a few lines:
a conversation, a turn, a node action with its transition, and the error that ends one.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

import otel_botlogs
from botlogs_collector.demo.flow import NODE_NAMES, SUPPORT

_MAX_SESSIONS: Final = 2000
_MAX_STEPS: Final = 50  # of one turn: a flow that loops is stopped


@dataclass(slots=True)
class Session:
    """What the bot remembers of one dialogue."""

    conversation_id: str
    channel: str
    user_id: str
    next_node: str = "welcome"
    variables: dict[str, str] = field(default_factory=dict[str, str])
    attempts: int = 0  # at a valid order id
    misunderstood: int = 0  # in a row
    ended: bool = False
    turn_lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True, slots=True)
class Next:
    """Where a node leads, why, and whether the user speaks first or the dialogue is over."""

    node: str
    reason: str | None = None
    then: Literal["go", "wait", "end"] = "go"


@dataclass(slots=True)
class Work:
    """All that a node works with."""

    session: Session
    node: otel_botlogs.Node
    text: str
    replies: list[str]

    def say(self, text: str) -> None:
        """Reply to the user."""
        self.node.reply(text)
        self.replies.append(text)

    def remember(self, name: str, value: str) -> None:
        """Set a variable of the session."""
        self.node.set_variable(name, value, old=self.session.variables.get(name))
        self.session.variables[name] = value


Step = Callable[[Work], Next]


class Dialogue:
    """One deployment of the bot: its sessions, and the turns that it takes."""

    def __init__(self, steps: dict[str, Step], pause: Callable[[], None]) -> None:
        """*pause* passes the time that a node would take, so that a person can watch it live."""
        self._steps = steps
        self._pause = pause
        self._flow = otel_botlogs.flow(SUPPORT)
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._sessions_lock = threading.Lock()

    def session(self, conversation_id: str, *, channel: str, user_id: str) -> Session:
        """Return the session of this id, a new one if there is none; the least recently used are forgotten."""
        with self._sessions_lock:
            session = self._sessions.setdefault(conversation_id, Session(conversation_id, channel, user_id))
            self._sessions.move_to_end(conversation_id)
            while len(self._sessions) > _MAX_SESSIONS:
                self._sessions.popitem(last=False)
            return session

    def take_turn(self, session: Session, text: str | None) -> list[str]:
        """Return the bot's replies to *text*; None: the user has only opened the chat."""
        with session.turn_lock:
            if session.ended:
                return []
            replies: list[str] = []
            with otel_botlogs.conversation(
                session.conversation_id, channel=session.channel, user_id=session.user_id
            ) as conversation:
                with conversation.turn(user_message=text) as turn:
                    self._walk(session, turn, text or "", replies)
                if session.ended:
                    conversation.end()
            return replies

    def _walk(self, session: Session, turn: otel_botlogs.Turn, text: str, replies: list[str]) -> None:
        for _ in range(_MAX_STEPS):
            follows = self._run(session, turn, text, replies)
            session.next_node = follows.node
            session.ended = follows.then == "end"
            if follows.then != "go":
                return
        raise RuntimeError(f"the flow did not come to rest within {_MAX_STEPS} nodes")

    def _run(self, session: Session, turn: otel_botlogs.Turn, text: str, replies: list[str]) -> Next:
        node_id = session.next_node
        node = turn.node(NODE_NAMES[node_id], id=node_id, flow=self._flow)
        try:
            with node:
                self._pause()
                follows = self._steps[node_id](Work(session, node, text, replies))
                if follows.then == "wait":
                    node.wait("for the user's answer")
                if follows.then != "end":
                    node.transition(follows.node, follows.reason)
        except Exception as error:  # noqa: BLE001 - a node that breaks must not break the dialogue; the plugin has recorded it
            node.transition("sorry", type(error).__name__)
            return Next("sorry")
        return follows
