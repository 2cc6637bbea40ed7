"""The query service over the test's store, and HTTP to it in the same process."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx

from botlogs_collector.clock import Clock
from botlogs_collector.config.settings import Api, Settings
from botlogs_collector.query.http import create_app
from botlogs_collector.query.service import QueryService
from botlogs_collector.store.conversations import Conversations
from botlogs_collector.store.entries import Entries
from botlogs_collector.store.flows import Flows
from botlogs_collector.store.nodes import Nodes
from tests.support.store import Store

BUILDER_URL = "https://builder.example/{bot_id}/{flow_id}/{flow_version}?node={node_id}"


def reading_settings() -> Settings:
    """Return the default settings with a link into a bot builder."""
    return Settings(api=Api(builder_url=BUILDER_URL, cors_origins=("https://builder.example",)))


def query_service(store: Store, clock: Clock, settings: Settings | None = None) -> QueryService:
    """Return the service as app.py wires it."""
    return QueryService(
        conversations=Conversations(store.database),
        entries=Entries(store.database),
        nodes=Nodes(store.database),
        flows=Flows(store.database),
        settings=settings or reading_settings(),
        clock=clock,
    )


@asynccontextmanager
async def http_client(service: QueryService, settings: Settings | None = None) -> AsyncGenerator[httpx.AsyncClient]:
    """Yield a client whose requests go straight into the application."""
    app = create_app(service, settings or reading_settings())
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://service.test") as client:
        yield client
