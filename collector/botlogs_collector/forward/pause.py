"""How long to wait before the same request again: exponential, with jitter, never shorter than the endpoint asked."""

import random

_MAX_ASKED_S = 600.0  # no endpoint may put us to sleep for longer


class Pauses:
    """The pauses of one series of failures; pure but for the randomness given."""

    def __init__(self, first_s: float = 1.0, longest_s: float = 30.0, random_: random.Random | None = None) -> None:
        self._next_s = first_s
        self._longest_s = longest_s
        self._random = random_ or random.Random()  # jitter

    def next_s(self, asked_s: float | None = None) -> float:
        """Return the next pause: half to one and a half of twice the last one, at least what was asked for."""
        pause_s = self._next_s * self._random.uniform(0.5, 1.5)
        self._next_s = min(self._longest_s, self._next_s * 2)
        return max(pause_s, min(asked_s or 0.0, _MAX_ASKED_S))
