"""The query service over the test's store, and HTTP to it in the same process."""

import asyncio
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager

import httpx
import uvicorn
from starlette.routing import BaseRoute

from botlogs_collector.access.guard import Guard
from botlogs_collector.clock import Clock
from botlogs_collector.config.settings import Api, Settings
from botlogs_collector.query.access import Access
from botlogs_collector.query.history import HistoryApi
from botlogs_collector.query.http import PREFIX, create_app
from botlogs_collector.query.pool import StorePool
from botlogs_collector.query.service import QueryService
from botlogs_collector.release.history import History
from botlogs_collector.release.what_if import WhatIf
from botlogs_collector.servers import listen
from botlogs_collector.store.conversations import Conversations
from botlogs_collector.store.entries import Entries
from botlogs_collector.store.flows import Flows
from botlogs_collector.store.held import Hold
from botlogs_collector.store.history import HistoryTables
from botlogs_collector.store.nodes import Nodes
from botlogs_collector.store.whole import Whole
from botlogs_collector.telemetry import Telemetry
from tests.support.guards import open_guard
from tests.support.sender import SECOND, T0
from tests.support.store import Store

# When the tests read: ten minutes after made-up conversations begin.
NOW = T0 + 600 * SECOND
BUILDER_URL = "https://builder.example/{bot_id}/{flow_id}/{flow_version}?node={node_id}"


def reading_settings() -> Settings:
    """Return the default settings with a link into a bot builder."""
    return Settings(api=Api(builder_url=BUILDER_URL, cors_origins=("https://builder.example",)))


def query_service(
    store: Store, clock: Clock, settings: Settings | None = None, pool: StorePool | None = None
) -> QueryService:
    """Return the service as app.py wires it."""
    return QueryService(
        conversations=Conversations(store.database),
        entries=Entries(store.database),
        nodes=Nodes(store.database),
        flows=Flows(store.database),
        whole=Whole(store.database),
        settings=settings or reading_settings(),
        clock=clock,
        pool=pool,
    )


def history_routes(store: Store, clock: Clock) -> list[BaseRoute]:
    """Return the routes of the complete history as app.py wires them."""
    hold = Hold(store.database, clock, store.settings.storage.hold_retention)
    retention_ns = store.settings.storage.hold_retention
    history = History(HistoryTables(store.database, hold), clock, retention_ns, Telemetry())
    access = Access(Conversations(store.database), StorePool(), clock)
    return HistoryApi(history, WhatIf(hold, clock, retention_ns), access, PREFIX).routes()


@asynccontextmanager
async def http_client(
    service: QueryService,
    settings: Settings | None = None,
    guard: Guard | None = None,
    extra_routes: Sequence[BaseRoute] = (),
) -> AsyncGenerator[httpx.AsyncClient]:
    """Serve the API on a free port of loopback and yield a client of it; without *guard* anybody may ask."""
    listener = listen("127.0.0.1:0", "api.http")
    app = create_app(service, settings or reading_settings(), guard or open_guard(), extra_routes=extra_routes)
    config = uvicorn.Config(app, log_config=None, lifespan="off", ws="none", timeout_graceful_shutdown=5)
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with httpx.AsyncClient(base_url=address, timeout=30) as client:
            yield client
    finally:
        service.stop_streams()
        server.should_exit = True
        await task


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield
