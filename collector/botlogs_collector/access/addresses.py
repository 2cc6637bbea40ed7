"""Which addresses only this machine can reach, and what may stand in the Host header of who asks there.

A page in a browser can make its own name mean 127.0.0.1 (DNS rebinding) and so talk to a service that
trusts this machine. It cannot change the Host header, which still says its own name.
"""

import ipaddress
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from botlogs_collector.config.settings import Endpoint
from botlogs_collector.errors import StartError


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach *host*, a name or an address without its port."""
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def refuse_strangers(endpoints: Mapping[str, Endpoint]) -> None:
    """Refuse to open, without tokens, a port that other machines can reach.

    Raises:
        StartError: for the first of *endpoints* that is one.
    """
    for path, endpoint in endpoints.items():
        if not is_loopback(endpoint.endpoint.rpartition(":")[0]):
            msg = (
                f"{path}: {endpoint.endpoint} can be reached from other machines, and no tokens are configured: "
                "set auth.tokens_file (BOTLOGS_AUTH__TOKENS_FILE=tokens.yaml; the first start makes it and prints a "
                "login), or listen on 127.0.0.1"
            )
            raise StartError(msg)


class KnownHosts:
    """ASGI middleware: who asks for a name that is not this machine's, nor one of *names*, gets 421."""

    def __init__(self, app: ASGIApp, names: Sequence[str] = ()) -> None:
        self._app = app
        self._names = frozenset(name.lower() for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is meant for us."""
        if scope["type"] == "http" and not self._is_known(Headers(scope=scope).get("host", "")):
            text = "this name is not served here without tokens; ask 127.0.0.1, or see api.allowed_hosts\n"
            await PlainTextResponse(text, 421)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_known(self, given: str) -> bool:
        if not given:
            return True  # HTTP/1.0 and tools; a browser always sends one
        try:
            host = urlsplit(f"//{given}").hostname or ""
        except ValueError:
            return False
        return is_loopback(host) or host in self._names
