"""Content hidden from those who read production without the right to see it whole.

A value becomes `<masked str len=12 hash=1f2e…>`, as the plugin writes it: type, length and a keyed hash
stay, so that "the same as before" can be seen. What is structure is listed; everything else is content,
since nobody knows what a foreign sender's attributes hold.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Final

from otel_botlogs import semconv

_NOT_STRUCTURE: Final = frozenset(
    {*semconv.CONTENT_ATTRIBUTES, semconv.EXCEPTION_MESSAGE, semconv.EXCEPTION_STACKTRACE, semconv.URL_FULL}
)
# Of OpenTelemetry's conventions, what says how a system is built and how a call went.
_STRUCTURE: Final = frozenset(
    {
        *(semconv.ATTRIBUTE_NAMES - _NOT_STRUCTURE),
        *("http.route", "http.request.method", "http.response.status_code", "rpc.system", "rpc.service", "rpc.method"),
        *("messaging.system", "messaging.operation.type", "db.system", "db.system.name", "db.namespace"),
        *("gen_ai.system", "gen_ai.tool.name", "gen_ai.tool.type", "gen_ai.agent.name", "gen_ai.response.id"),
        *("server.address", "server.port", "network.protocol.name", "network.protocol.version", "thread.name"),
    }
)
_STRUCTURE_STARTS: Final = ("service.", "deployment.", "telemetry.", "otel.", "k8s.", "container.", "cloud.", "host.")
_MASKED: Final = re.compile(r"<masked [A-Za-z_]{1,30} len=\d{1,10} hash=[0-9a-f]{1,64}>")
_HASH_BYTES: Final = 6  # as many digits as the plugin's


class Mask:
    """Masks values with one key: equal values look equal, and nobody without the key can try what they are."""

    def __init__(self, key: bytes) -> None:
        self._key = key[: hashlib.blake2b.MAX_KEY_SIZE]

    def value(self, value: object) -> object:
        """Return *value* masked; what is empty, or masked already, stays."""
        if value is None or value == "":
            return value
        if isinstance(value, str):
            return value if _MASKED.fullmatch(value) else self._masked("str", len(value), value)
        if isinstance(value, bytes):
            return self._masked("bytes", len(value), value.hex())
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
        return self._masked(type(value).__name__, len(text), text)

    def text(self, text: str) -> str:
        """Return *text* masked."""
        return str(self.value(text))

    def attributes(self, attributes: Mapping[str, object]) -> dict[str, object]:
        """Return *attributes* with those masked that are no structure."""
        return {key: value if is_structure(key) else self.value(value) for key, value in attributes.items()}

    def _masked(self, kind: str, length: int, text: str) -> str:
        digest = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=_HASH_BYTES, key=self._key).hexdigest()
        return f"<masked {kind} len={length} hash={digest}>"


def is_structure(name: str) -> bool:
    """Whether the attribute *name* says how something is built or went, and nothing of what was said."""
    return name in _STRUCTURE or name.startswith(_STRUCTURE_STARTS)
