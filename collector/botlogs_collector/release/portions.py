"""How many conversations are decided at once, so that one that cannot be holds up no other.

A batch that fails is halved, in the end to one conversation; that one is set aside for a while (hidden, reported) and
the batches grow again. A store that is slow gets smaller questions the same way.
"""

from collections.abc import Sequence

from botlogs_collector.clock import Clock
from botlogs_collector.model.conversation import ConversationKey, DueConversation
from botlogs_collector.release.patience import Patience


class Portions:
    """The size of the next batch, and who is not to be in it."""

    def __init__(self, clock: Clock, most: int) -> None:
        self._most = most
        self._size = most
        self._aside = Patience(clock)

    @property
    def limit(self) -> int:
        """How many conversations to ask the store for: those set aside come first, for they have been due for long."""
        return self._size + self._aside.waiting()

    @property
    def set_aside(self) -> int:
        """How many conversations wait for another try."""
        return self._aside.waiting()

    def cut(self, due: Sequence[DueConversation]) -> list[DueConversation]:
        """Return of *due* what is to be decided now."""
        return [conversation for conversation in due if not self._aside.waits(conversation.key)][: self._size]

    def succeeded(self, keys: Sequence[ConversationKey]) -> None:
        """Grow again."""
        self._size = min(self._most, 2 * self._size)
        self._aside.forget(keys)

    def failed(self, keys: Sequence[ConversationKey]) -> float:
        """Shrink; return for how many seconds the one conversation is set aside, 0.0 where there were more."""
        self._size = max(1, len(keys) // 2)
        return self._aside.failed(keys[0]) if len(keys) == 1 else 0.0
