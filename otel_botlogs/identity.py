"""Trace ids that every process of a bot computes alike, without talking.

A keyed hash, because a conversation id is often a phone number, and a bare hash of one can be
undone by trying them all. The derivation is a public contract: copies of it in other languages
must give the same ids (`tests/unit/plugin/test_identity.py` holds known answers).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Final, NamedTuple

PUBLIC_KEY: Final = b"otel-botlogs public id key, set BOTLOGS_ID_KEY to your own"


class TraceIdentity(NamedTuple):
    """The trace of one segment of a conversation, and the id of its root span."""

    trace_id: int
    root_span_id: int


def derive(key: bytes, *, bot_id: str, environment: str, conversation_id: str, segment: int = 0) -> TraceIdentity:
    """Return HMAC-SHA256(key, bot NUL environment NUL conversation NUL segment) as two ids.

    The first 16 bytes are the trace id, the next 8 the id of the root span.

    The W3C random flag must not be set for these ids: they are uniform, not random.
    """
    message = "\0".join((bot_id, environment, conversation_id, str(segment)))
    digest = hmac.digest(key, message.encode("utf-8", "surrogatepass"), hashlib.sha256)
    return TraceIdentity(int.from_bytes(digest[:16], "big"), int.from_bytes(digest[16:24], "big"))


def invent() -> TraceIdentity:
    """Return random ids, for a conversation that has no id of its own."""
    return TraceIdentity(secrets.randbits(128) or 1, secrets.randbits(64) or 1)


def keyed_hash(key: bytes, purpose: str, value: bytes, *, digits: int) -> str:
    """Return *digits* hex digits that tell two values apart without telling either."""
    return hmac.digest(key, purpose.encode() + b"\0" + value, hashlib.sha256).hex()[:digits]
