"""Servers on their ports: started when they answer, stopped by the stack that they are given.

A busy port is found before anything is served, and named with its setting.
"""

import asyncio
import contextlib
import errno
import functools
import socket
from typing import Any

import grpc.aio
import uvicorn
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1._async import HealthServicer
from grpc_reflection.v1alpha import reflection
from starlette.types import ASGIApp

from botlogs_collector.access.tls import Certificates
from botlogs_collector.bounded_http import BoundedHttp
from botlogs_collector.config.settings import Endpoint
from botlogs_collector.errors import StartError
from botlogs_collector.grpc_refusals import UnknownMethod

DRAIN_S = 20.0  # how long a call under way may take when the service stops


async def serve_grpc(
    stack: contextlib.AsyncExitStack,
    server: grpc.aio.Server,
    endpoint: Endpoint,
    key: str,
    services: tuple[str, ...],
    *,
    certificates: Certificates,
) -> None:
    """Serve *server* with health and reflection on *endpoint*, the setting *key*; *services* are its names.

    Raises:
        StartError: the port is busy or no port, or a certificate is no good.
    """
    credentials = certificates.for_grpc(endpoint, key)
    health = HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(health, server)
    names = (*services, "grpc.health.v1.Health", reflection.SERVICE_NAME)
    reflection.enable_server_reflection(names, server)
    server.add_generic_rpc_handlers((UnknownMethod(names),))
    listen(endpoint.endpoint, key).close()
    try:
        if credentials is None:
            server.add_insecure_port(endpoint.endpoint)
        else:
            server.add_secure_port(endpoint.endpoint, credentials)
    except RuntimeError:
        raise StartError(_busy(endpoint.endpoint, key)) from None
    await server.start()
    for name in ("", *services):
        await health.set(name, health_pb2.HealthCheckResponse.SERVING)

    async def stop() -> None:
        await health.enter_graceful_shutdown()
        await server.stop(DRAIN_S)

    stack.push_async_callback(stop)


async def serve_http(
    stack: contextlib.AsyncExitStack,
    app: ASGIApp,
    endpoint: Endpoint,
    key: str,
    *,
    certificates: Certificates,
    request_timeout_s: float = 30.0,
) -> None:
    """Serve *app* on *endpoint*, the setting *key*; who has not sent a whole request in time is cut off.

    Raises:
        StartError: the port is busy or no port, or a certificate is no good.
    """
    context = certificates.for_http(endpoint, key)
    listener = listen(endpoint.endpoint, key)
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="off", server_header=False,
        timeout_graceful_shutdown=int(DRAIN_S), timeout_keep_alive=75, backlog=1024, ws="none",
        http=functools.partial(_Impatient, request_timeout_s),  # pyright: ignore[reportArgumentType]
    )  # fmt: skip
    config.load()
    config.ssl = context
    server = _Uvicorn(config)
    task = asyncio.create_task(server.serve(sockets=[listener]), name=key)
    while not server.started:
        if task.done():
            await task
        await asyncio.sleep(0.005)

    async def stop() -> None:
        server.should_exit = True
        await task

    stack.push_async_callback(stop)


class _Impatient(BoundedHttp):
    """Cuts a connection whose request, or whose first byte, does not come in time: uvicorn would wait for ever."""

    def __init__(self, timeout_s: float, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._timeout_s = timeout_s
        self._give_up: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        """A first request should come."""
        super().connection_made(transport)
        self._wait()

    def on_message_begin(self) -> None:
        """The rest of the request should come."""
        super().on_message_begin()
        self._wait()

    def on_message_complete(self) -> None:
        """It came; an idle connection is uvicorn's business."""
        self._stop_waiting()
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing more will come."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._stop_waiting()
        self._give_up = self.loop.call_later(self._timeout_s, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._give_up is not None:
            self._give_up.cancel()


class _Uvicorn(uvicorn.Server):
    """Signals belong to the command line, not to one of the servers."""

    @contextlib.contextmanager
    def capture_signals(self):  # as the parent's
        yield


def _address(endpoint: str, key: str) -> tuple[str, int]:
    host, _, port = endpoint.rpartition(":")
    if not host or not port.isdigit():
        raise StartError(f"{_setting(key)}: {endpoint!r} is not host:port, such as 127.0.0.1:4317")
    return host.strip("[]"), int(port)


def listen(endpoint: str, key: str) -> socket.socket:
    """Return a socket bound to *endpoint*, the setting *key*.

    Raises:
        StartError: the port is busy or no port.
    """
    host, port = _address(endpoint, key)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named asyncio sends small answers at once; without, each waits 40 ms for an acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise StartError(_busy(endpoint, key)) from None
        raise StartError(f"{_setting(key)}: cannot listen on {endpoint}: {error.strerror}") from None
    return listener


def _busy(endpoint: str, key: str) -> str:
    variable = "BOTLOGS_" + _setting(key).upper().replace(".", "__")
    return (
        f"{_setting(key)}: {endpoint} is busy; stop what listens there, or set another with {variable}=127.0.0.1:PORT"
    )


def _setting(key: str) -> str:
    """Return where the address of the endpoint *key* is set: those of the API are set as plain text."""
    return key if key.startswith("api.") else f"{key}.endpoint"
