"""A browser's session: a signed note that a token was shown. It names the token, so it ends with it.

Signed with the secret of the tokens file and kept nowhere, so every collector knows it and a restart
ends none.
"""

import hashlib
import hmac
from typing import Final

COOKIE: Final = "botlogs_session"
LIFETIME_S: Final = 12 * 3600


def make_session(secret: bytes, token_id: str, now_s: int) -> str:
    """Return the cookie's value for whoever has shown the token *token_id*."""
    claim = f"{token_id}.{now_s + LIFETIME_S}"
    return f"{claim}.{_signature(secret, claim)}"


def token_of(secret: bytes, session: str, now_s: float) -> str:
    """Return the id of the token that was shown, empty for a session that is over, or none."""
    claim, _, signature = session.rpartition(".")
    token_id, _, until = claim.partition(".")
    if not hmac.compare_digest(signature.encode("utf-8", "replace"), _signature(secret, claim).encode()):
        return ""
    return token_id if now_s < int(until) else ""


def _signature(secret: bytes, claim: str) -> str:
    return hmac.new(secret, b"session " + claim.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
