"""The tokens file: YAML, written by `botlogs token`, readable by its owner alone; hashes, never a token.

Its `secret` signs browser sessions and keys the hashes of masked values, so that both outlive a restart.
"""

import datetime as dt
import os
import secrets
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

import yaml

from botlogs_collector.access.principal import checked_roles
from botlogs_collector.access.token import Token
from botlogs_collector.config.faults import Faults

_HEAD = "# Tokens of Bot logs: hashes only. Change it with `botlogs token add|list|remove`; SIGHUP makes it count.\n"
_KNOWN = ("id", "name", "sha256", "roles", "bots", "created", "expires")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What the file says."""

    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    by_id: Mapping[str, Token] = field(default_factory=dict[str, Token])

    def with_token(self, token: Token) -> "Tokens":
        """Return these and *token*."""
        return replace(self, by_id={**self.by_id, token.token_id: token})

    def without(self, name_or_id: str) -> tuple["Tokens", list[Token]]:
        """Return these without those of a name or an id, and the ones that went."""
        gone = [each for each in self.by_id.values() if name_or_id in (each.token_id, each.name)]
        kept = {token_id: each for token_id, each in self.by_id.items() if each not in gone}
        return replace(self, by_id=kept), gone


def load_tokens(path: Path) -> Tokens:
    """Return the tokens in *path*.

    Raises:
        FileNotFoundError: there is no such file.
        ConfigError: it cannot be read, others could change it, or a line is wrong; with every fault.
    """
    faults = Faults()
    try:
        text = path.read_text(encoding="utf-8")
        if path.stat().st_mode & 0o077:
            faults.add(f"auth.tokens_file: {path}", f"others can read it; chmod 600 {path}")
        raw: object = yaml.safe_load(text)
    except FileNotFoundError:
        raise
    except (OSError, UnicodeDecodeError) as error:
        faults.add(f"auth.tokens_file: {path}", f"cannot be read: {getattr(error, 'strerror', None) or error}")
        raw = {}
    except yaml.YAMLError:
        faults.add(f"auth.tokens_file: {path}", "is not YAML")
        raw = {}
    tokens = _parsed({} if raw is None else raw, path, faults)
    faults.raise_if_any()
    return tokens


def save_tokens(path: Path, tokens: Tokens) -> None:
    """Replace *path* in one step; only its owner can read it.

    Raises:
        OSError: it cannot be written; the old one is still there.
    """
    document = {"secret": tokens.secret.hex(), "tokens": [_line(token) for token in tokens.by_id.values()]}
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # made for the owner alone
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(_HEAD + yaml.safe_dump(document, sort_keys=False, allow_unicode=True))
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _line(token: Token) -> dict[str, object]:
    line: dict[str, object] = {
        "id": token.token_id,
        "name": token.name,
        "sha256": token.sha256,
        "roles": sorted(token.roles),
    }
    if token.bots:
        line["bots"] = sorted(token.bots)
    line["created"] = _day(token.created_unix_s)
    if token.expires_unix_s:
        line["expires"] = _day(token.expires_unix_s)
    return line


def _parsed(raw: object, path: Path, faults: Faults) -> Tokens:
    where = f"auth.tokens_file: {path}"
    if not isinstance(raw, Mapping):
        faults.add(where, "must be a mapping with `secret` and `tokens`")
        return Tokens()
    document = cast("Mapping[str, object]", raw)
    try:
        secret = bytes.fromhex(str(document.get("secret") or "")) or secrets.token_bytes(32)
    except ValueError:
        faults.add(f"{where}: secret", "must be hexadecimal")
        secret = b""
    lines = document.get("tokens") or []
    if not isinstance(lines, list):
        faults.add(f"{where}: tokens", "must be a list")
        lines = []
    by_id: dict[str, Token] = {}
    for number, line in enumerate(cast("list[object]", lines)):
        token = _token(line, f"{where}: tokens[{number}]", faults)
        if token is not None:
            if token.token_id in by_id:
                faults.add(f"{where}: tokens[{number}].id", f"{token.token_id!r} is there twice")
            by_id[token.token_id] = token
    return Tokens(secret=secret, by_id=by_id)


def _token(line: object, where: str, faults: Faults) -> Token | None:
    if not isinstance(line, Mapping):
        faults.add(where, "must be a mapping")
        return None
    fields = cast("Mapping[str, object]", line)
    for key in fields:
        if key not in _KNOWN:
            faults.unknown_key(where, str(key), _KNOWN)
    try:
        return Token(
            token_id=_text(fields, "id"),
            name=_text(fields, "name"),
            sha256=_text(fields, "sha256"),
            roles=checked_roles(_texts(fields, "roles")),
            bots=frozenset(_texts(fields, "bots")),
            created_unix_s=_unix_s(fields.get("created")),
            expires_unix_s=_unix_s(fields.get("expires")),
        )
    except ValueError as error:
        faults.add(where, str(error))
        return None


def _text(fields: Mapping[str, object], key: str) -> str:
    value = fields.get(key)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{key} must be text")
    return value


def _texts(fields: Mapping[str, object], key: str) -> Iterable[str]:
    value = fields.get(key) or []
    if not isinstance(value, list) or not all(isinstance(each, str) and each for each in cast("list[object]", value)):
        raise ValueError(f"{key} must be a list of texts")
    return cast("list[str]", value)


def _day(unix_s: int) -> str:
    return dt.datetime.fromtimestamp(unix_s, dt.UTC).isoformat()


def _unix_s(value: object) -> int:
    """Return Unix seconds of what YAML made of a time; none is 0."""
    if value is None:
        return 0
    moment = value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(str(value))
    return int((moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp())
