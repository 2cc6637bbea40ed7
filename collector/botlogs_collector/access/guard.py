"""The one who knows the tokens: turns what a client shows into a principal, or refuses."""

import hashlib
import hmac
from pathlib import Path

from botlogs_collector.access import session as sessions
from botlogs_collector.access.principal import EVERYBODY, Principal, Role, checked_roles
from botlogs_collector.access.token import Token, id_of, is_token, make_token
from botlogs_collector.access.tokens_file import Tokens, load_tokens, save_tokens
from botlogs_collector.clock import Clock
from botlogs_collector.errors import BotLogsError, StartError, Unauthenticated
from botlogs_collector.telemetry import Telemetry

_FIRST: frozenset[Role] = checked_roles(("developer", "investigator", "operator"))


class Guard:
    """Without a tokens file it lets everybody in: app.py opens no port to others then."""

    def __init__(self, path: Path | None, clock: Clock, telemetry: Telemetry) -> None:
        self._path = path
        self._clock = clock
        self._telemetry = telemetry
        self._tokens = Tokens()
        self.first_token: str | None = None  # made at the first start; to be told once

    @property
    def is_open(self) -> bool:
        """Whether no tokens are asked for."""
        return self._path is None

    def load(self) -> None:
        """Read the file; the first time, when there is none, make it with one token for whoever starts the service.

        Raises:
            ConfigError: it is faulty; what was known still counts.
            StartError: it cannot be made.
        """
        if self._path is None:
            return
        try:
            self._tokens = load_tokens(self._path)
        except FileNotFoundError:
            self._tokens = self._first_tokens(self._path)

    def _first_tokens(self, path: Path) -> Tokens:
        if self._tokens.by_id:
            return Tokens(secret=self._tokens.secret)  # it was there and is gone: nobody is known any more
        self.first_token, kept = make_token("first-start", _FIRST, now_s=self._now_s())
        tokens = Tokens().with_token(kept)
        try:
            save_tokens(path, tokens)
        except OSError as error:
            raise StartError(f"auth.tokens_file: {path} cannot be made: {error.strerror}") from None
        return tokens

    def principal(self, authorization: str | None, session: str | None = None) -> Principal:
        """Return who shows *authorization* (a header, `Bearer TOKEN`), or else a browser's *session*.

        Raises:
            Unauthenticated: neither is good; the message says what to do.
        """
        if self._path is None:
            return EVERYBODY
        if authorization is not None:
            return self.known(_bearer(authorization)).principal
        if session:
            token = self._tokens.by_id.get(sessions.token_of(self._tokens.secret, session, self._now_s()))
            if token is not None and not token.is_over(self._now_s()):
                return token.principal
            raise Unauthenticated("the session is over; log in again")
        raise Unauthenticated("a token is needed: Authorization: Bearer TOKEN; `botlogs token add` makes one")

    def known(self, text: str) -> Token:
        """Return the token that *text* is.

        Raises:
            Unauthenticated: it is none of ours, or has expired.
        """
        kept = self._tokens.by_id.get(id_of(text))
        if not is_token(text, kept) or kept is None:
            raise Unauthenticated("this token is not known here; `botlogs token add` makes one")
        if kept.is_over(self._now_s()):
            raise Unauthenticated(f"the token {kept.name!r} has expired; `botlogs token add` makes another")
        return kept

    def session_for(self, text: str) -> tuple[str, Principal]:
        """Return a browser's session for whoever shows the token *text*, and who that is.

        Raises:
            Unauthenticated: as `known`.
        """
        token = self.known(text)
        return sessions.make_session(self._tokens.secret, token.token_id, self._now_s()), token.principal

    def refused(self, error: BotLogsError) -> None:
        """Count a call that was turned away at a door."""
        self._telemetry.turned_away("unauthenticated" if isinstance(error, Unauthenticated) else "forbidden")

    def keyed(self, purpose: str) -> bytes:
        """Return a key of our own for *purpose*, the same as long as the tokens file lives."""
        return hmac.new(self._tokens.secret, purpose.encode(), hashlib.sha256).digest()

    def _now_s(self) -> int:
        return self._clock.now_ns() // 1_000_000_000


def _bearer(authorization: str) -> str:
    scheme, _, text = authorization.partition(" ")
    if scheme.lower() != "bearer" or not text.strip():
        raise Unauthenticated("the authorization must be `Bearer TOKEN`")
    return text.strip()
