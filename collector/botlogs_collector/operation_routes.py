"""What an operator's tools ask of every HTTP port: /healthz, /readyz and /metrics."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from botlogs_collector.health import Health
from botlogs_collector.telemetry import Telemetry


def operation_routes(health: Health, telemetry: Telemetry) -> list[BaseRoute]:
    """Return the routes; they need no token."""

    async def healthz(_request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(_request: Request) -> Response:
        return PlainTextResponse(f"{health.explain()}\n", 200 if health.is_ready else 503)

    async def metrics(_request: Request) -> Response:
        return Response(telemetry.exposition(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]
