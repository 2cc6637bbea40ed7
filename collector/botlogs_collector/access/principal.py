"""Who asks, and what that allows: roles add up, a list of bots narrows all of them.

Whoever handles a call finds out with `current()`. It is set at the door, for the call's own task; where
no door was passed there is nobody, and nobody may do anything.
"""

from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final, Literal, cast, get_args

from botlogs_collector.errors import Forbidden, Unauthenticated

Role = Literal["sender", "developer", "analyst", "investigator", "operator"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)

Right = Literal["send", "list", "read_live", "read_released", "unmasked", "grant", "see_grants", "what_if", "operate"]

RIGHTS: Final[dict[Role, frozenset[Right]]] = {
    "sender": frozenset({"send"}),
    "developer": frozenset({"list", "read_live"}),
    "analyst": frozenset({"list", "read_released"}),
    "investigator": frozenset(
        {"list", "read_live", "read_released", "unmasked", "grant", "see_grants", "what_if"}
    ),
    "operator": frozenset({"list", "see_grants", "what_if", "operate"}),
}  # fmt: skip
"""What each role may: `list` is conversations without a word of content."""

MEANINGS: Final[dict[Role, str]] = {
    "sender": "sends OTLP",
    "developer": "reads live environments (sandbox, staging)",
    "analyst": "reads released production, content masked",
    "investigator": "reads everything readable, unmasked; restores; grants",
    "operator": "metrics, receipts, grants and what-ifs; no content",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """One who asks; `bots` empty means all of them."""

    name: str
    roles: frozenset[Role]
    bots: frozenset[str] = frozenset()

    @property
    def rights(self) -> frozenset[Right]:
        """Return everything that its roles allow."""
        return frozenset(right for role in self.roles for right in RIGHTS[role])

    def may(self, right: Right) -> bool:
        """Whether it may do what *right* names, to its bots."""
        return any(right in RIGHTS[role] for role in self.roles)

    def demand(self, right: Right) -> None:
        """Raise Forbidden, naming the roles that would do, unless it may."""
        if not self.may(right):
            fitting = " or ".join(role for role in ROLES if right in RIGHTS[role])
            msg = f"the token {self.name!r} has the role {', '.join(sorted(self.roles))}; this takes {fitting}"
            raise Forbidden(msg)

    def demand_all_bots(self) -> None:
        """Raise Forbidden for a token of some bots where the answer is about all."""
        if self.bots:
            msg = f"the token {self.name!r} is for {', '.join(sorted(self.bots))} alone; this is about every bot"
            raise Forbidden(msg)

    def knows(self, bot_id: str) -> bool:
        """Whether *bot_id* is one of its bots."""
        return not self.bots or bot_id in self.bots

    @property
    def searches_content(self) -> bool:
        """Whether a search may look at what was said: never at what it would only get masked."""
        return self.may("unmasked") or self.sees_live is True

    def masks(self, *, is_live: bool) -> bool:
        """Whether it gets content masked: of production, without the right to see it whole."""
        return not is_live and not self.may("unmasked")

    @property
    def sees_live(self) -> bool | None:
        """Which conversations it is told of: live ones (True), others (False), or both (None)."""
        if self.may("operate") or self.may("read_live") == self.may("read_released"):
            return None
        return self.may("read_live")

    def demand_facts(self, *, is_live: bool) -> None:
        """Raise Forbidden unless it may know of a live, or of another, conversation at all."""
        self.demand("list")
        if self.sees_live not in (None, is_live):
            self.demand("read_live" if is_live else "read_released")

    def demand_content(self, *, is_live: bool) -> None:
        """Raise Forbidden unless it may read the content of a live, or of a released, conversation."""
        self.demand("read_live" if is_live else "read_released")


EVERYBODY: Final = Principal(name="", roles=frozenset(ROLES))
"""Whoever asks where no tokens are configured: only on this machine."""

_current: ContextVar[Principal | None] = ContextVar("botlogs_principal", default=None)


def current() -> Principal:
    """Return who asks.

    Raises:
        Unauthenticated: nobody came through a door; fails closed.
    """
    principal = _current.get()
    if principal is None:
        msg = "nobody asks: the call came through no door that knows who it is"
        raise Unauthenticated(msg)
    return principal


def enter(principal: Principal) -> None:
    """Say who asks, for the rest of the current task."""
    _current.set(principal)


def leave() -> None:
    """Say that nobody asks: a connection's tasks may begin where an earlier one of it left off."""
    _current.set(None)


def checked_roles(names: Iterable[str]) -> frozenset[Role]:
    """Return *names* as roles.

    Raises:
        ValueError: one of them is none; or there is none.
    """
    roles = frozenset(names)
    if unknown := sorted(roles - set(ROLES)):
        raise ValueError(f"unknown role {unknown[0]!r}; known are {', '.join(ROLES)}")
    if not roles:
        raise ValueError(f"a token needs a role: {', '.join(ROLES)}")
    return cast("frozenset[Role]", roles)
