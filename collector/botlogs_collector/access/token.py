"""A bearer token: what a client keeps, and what we keep to recognise it.

`bl_ID_SECRET`: the id finds the line of the tokens file, the secret has 256 random bits. So one round
of SHA-256 is enough: there is nothing to guess that a slow hash would have to slow down.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from botlogs_collector.access.principal import Principal, Role

_TOKEN = re.compile(r"bl_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_NOBODY = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One line of the tokens file; `expires_unix_s` 0 means never."""

    token_id: str
    name: str
    sha256: str
    roles: frozenset[Role]
    bots: frozenset[str] = frozenset()
    created_unix_s: int = 0
    expires_unix_s: int = 0

    @property
    def principal(self) -> Principal:
        """Return who the token stands for."""
        return Principal(name=self.name, roles=self.roles, bots=self.bots)

    def is_over(self, now_s: float) -> bool:
        """Whether it has expired."""
        return 0 < self.expires_unix_s <= now_s


def make_token(
    name: str, roles: frozenset[Role], bots: frozenset[str] = frozenset(), *, now_s: int, expires_unix_s: int = 0
) -> tuple[str, Token]:
    """Return a new token, to be told once, and what is kept of it."""
    token_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    text = f"bl_{token_id}_{secret}"
    return text, Token(
        token_id=token_id,
        name=name,
        sha256=_digest(text),
        roles=roles,
        bots=bots,
        created_unix_s=now_s,
        expires_unix_s=expires_unix_s,
    )


def id_of(text: str) -> str:
    """Return the id in a token's text, empty if it is none."""
    match = _TOKEN.fullmatch(text)
    return match[1] if match else ""


def is_token(text: str, kept: Token | None) -> bool:
    """Whether *text* is the token of which *kept* is kept; takes the same time whatever is wrong."""
    expected = _NOBODY if kept is None else kept.sha256
    return hmac.compare_digest(_digest(text), expected) and kept is not None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
