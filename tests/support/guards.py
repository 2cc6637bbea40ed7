"""Guards of a door: one that lets everybody in, and one that knows some tokens."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from botlogs_collector.access.guard import Guard
from botlogs_collector.access.principal import checked_roles
from botlogs_collector.access.token import make_token
from botlogs_collector.access.tokens_file import Tokens, save_tokens
from botlogs_collector.clock import Clock, SystemClock
from botlogs_collector.telemetry import Telemetry


def open_guard() -> Guard:
    """Return a guard that asks nobody."""
    return Guard(None, SystemClock(), Telemetry())


@dataclass(frozen=True, slots=True)
class Keys:
    """A guard, and the token of everybody it knows by name."""

    guard: Guard
    tokens: Mapping[str, str]
    telemetry: Telemetry

    def headers(self, name: str) -> dict[str, str]:
        """Return the header that *name* shows."""
        return {"authorization": f"Bearer {self.tokens[name]}"}


def keys(file: Path, clock: Clock | None = None, /, **known: Collection[str]) -> Keys:
    """Return a guard over *file* who knows each of *known* by its roles; what begins with `bot:` is one of its bots."""
    clock = clock or SystemClock()
    tokens, texts = Tokens(), dict[str, str]()
    for name, words in known.items():
        roles = checked_roles(word for word in words if not word.startswith("bot:"))
        bots = frozenset(word.removeprefix("bot:") for word in words if word.startswith("bot:"))
        texts[name], kept = make_token(name, roles, bots, now_s=clock.now_ns() // 10**9)
        tokens = tokens.with_token(kept)
    save_tokens(file, tokens)
    telemetry = Telemetry()
    guard = Guard(file, clock, telemetry)
    guard.load()
    return Keys(guard, texts, telemetry)
