"""The query API over the real engine, once over HTTP and once over gRPC."""

from collections.abc import AsyncGenerator, Iterator

import pytest

from botlogs_collector.clock import ManualClock
from botlogs_collector.query.pool import StorePool
from botlogs_collector.query.service import QueryService
from tests.support.api import Api, HttpApi, grpc_api, http_api
from tests.support.reading import NOW, query_service
from tests.support.store import Store


@pytest.fixture
def anyio_backend() -> str:
    """The event loop that the service runs on."""
    return "asyncio"


@pytest.fixture(scope="session")
def pool() -> Iterator[StorePool]:
    """Threads that keep their clients from test to test."""
    pool = StorePool()
    yield pool
    pool.close()


@pytest.fixture
def clock() -> ManualClock:
    """The readers' clock."""
    return ManualClock(NOW)


@pytest.fixture
def service(store: Store, clock: ManualClock, pool: StorePool) -> QueryService:
    """The query service."""
    return query_service(store, clock, pool=pool)


@pytest.fixture(params=["http", "grpc"])
async def api(request: pytest.FixtureRequest, service: QueryService) -> AsyncGenerator[Api]:
    """The API, over one of its two ways."""
    way = http_api if request.param == "http" else grpc_api
    async with way(service) as opened:
        yield opened


@pytest.fixture
async def http(service: QueryService) -> AsyncGenerator[HttpApi]:
    """The API over HTTP, for what only HTTP has."""
    async with http_api(service) as opened:
        yield opened
