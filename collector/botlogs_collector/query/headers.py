"""Security headers on every answer: no inline script, no other host, no sniffing, no framing by strangers."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from botlogs_collector.config.settings import Settings
from botlogs_dashboards.files import CONTENT_SECURITY_POLICY

_OWN_FRAMES = "frame-ancestors 'self'"


class SecurityHeaders:
    """ASGI middleware; pages of the configured origins may frame ours."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        frames = " ".join((_OWN_FRAMES, *settings.api.cors_origins))
        self._headers = {
            "content-security-policy": CONTENT_SECURITY_POLICY.replace(_OWN_FRAMES, frames),
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
            "permissions-policy": "camera=(), microphone=(), geolocation=()",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, with the headers put on the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
            await send(message)

        await self._app(scope, receive, send_with_headers)
