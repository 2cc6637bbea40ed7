"""When to try again what failed: later each time, and until then it holds nothing else up."""

from collections.abc import Collection

from botlogs_collector.clock import Clock

_FIRST_S, _LONGEST_S = 2.0, 600.0
_MOST = 10_000  # names remembered; one more forgets the oldest, which is then tried at once


class Patience:
    """The tries of things by name, in this process: a restart tries everything at once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until_s: dict[str, tuple[float, float]] = {}  # by name: when to try again, the wait before that

    def failed(self, name: str) -> float:
        """Note that a try failed; return in how many seconds the next one may come."""
        wait_s = min(_LONGEST_S, 2 * self._until_s.pop(name, (0.0, _FIRST_S / 2))[1])
        while len(self._until_s) >= _MOST:
            del self._until_s[next(iter(self._until_s))]
        self._until_s[name] = (self._clock.monotonic_s() + wait_s, wait_s)
        return wait_s

    def waits(self, name: str) -> bool:
        """Return whether it is too early for another try."""
        return self._clock.monotonic_s() < self._until_s.get(name, (0.0, 0.0))[0]

    def waiting(self) -> int:
        """Return how many things it is too early for."""
        return sum(self.waits(name) for name in self._until_s)

    def forget(self, names: Collection[str]) -> None:
        """Note that these need no patience any more."""
        for name in names:
            self._until_s.pop(name, None)

    def remember_only(self, names: Collection[str]) -> None:
        """Forget all but *names*."""
        self.forget(self._until_s.keys() - set(names))
