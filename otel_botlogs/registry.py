"""What this process remembers of conversations: a few numbers each, of the latest so many.

A million conversations that never end must not fill the memory, so the oldest is forgotten. Forgetting
costs little: turns count from 1 again, the start is announced once more, and a conversation that had rolled over goes
on in its first trace unless the bot says better (decision 0016).
"""

from __future__ import annotations

import os
import threading
import weakref
from dataclasses import dataclass

from opentelemetry.trace import SpanContext


@dataclass(slots=True)
class ConversationState:
    """The numbers of one conversation, as far as this process has seen it."""

    started_ns: int
    segment_started_ns: int
    segment: int = 0
    segment_spans: int = 0
    turns: int = 0
    announced: bool = False
    ended: bool = False
    last_turn: SpanContext | None = None

    def go_on_in(self, segment: int, now_ns: int) -> None:
        """Go on in another segment, of which nothing is there yet as far as this process knows."""
        self.segment, self.segment_spans, self.segment_started_ns = segment, 0, now_ns


class Registry:
    """Conversation states by id; bounded, least recently used goes first; safe over threads and forks."""

    def __init__(self, max_conversations: int) -> None:
        self._max = max_conversations
        self._states: dict[str, ConversationState] = {}
        self._lock = threading.Lock()
        _registries.add(self)

    def __len__(self) -> int:
        return len(self._states)

    def state(self, conversation_id: str, now_ns: int) -> ConversationState:
        """Return the state of *conversation_id*, a new one if it is not known."""
        with self._lock:
            state = self._states.pop(conversation_id, None) or ConversationState(now_ns, now_ns)
            self._states[conversation_id] = state
            if len(self._states) > self._max:
                del self._states[next(iter(self._states))]
            return state

    def next_turn(self, state: ConversationState) -> int:
        """Return the index of a new turn, from 1."""
        with self._lock:
            state.turns += 1
            return state.turns

    def unlock(self) -> None:
        """Replace the lock: the forked child's copy may be held by a thread that it does not have."""
        self._lock = threading.Lock()


_registries: weakref.WeakSet[Registry] = weakref.WeakSet()


def _after_fork() -> None:
    for registry in list(_registries):
        registry.unlock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
