"""Callers who give up: a gRPC client's deadline or cancel ends its call at once, and leaves no work in the queue."""

import asyncio
import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import grpc
import grpc.aio
import pytest

from botlogs_collector._pb.botlogs.v1 import query_pb2 as pb
from botlogs_collector._pb.botlogs.v1 import query_pb2_grpc
from botlogs_collector.access.grpc_door import GrpcDoor
from botlogs_collector.clock import ManualClock
from botlogs_collector.query.grpc_service import add_to_server
from botlogs_collector.query.pool import StorePool
from tests.support.guards import open_guard
from tests.support.reading import query_service
from tests.support.store import Store

pytestmark = pytest.mark.anyio
_ASKED = pb.GetConversationRequest(id="nobody")


class _Busy:
    """A service whose only thread is at work until `free` is set."""

    def __init__(self, stub: query_pb2_grpc.BotLogsQueryStub, pool: StorePool) -> None:
        self.stub = stub
        self.free = threading.Event()
        self.work = asyncio.create_task(pool.run(self.free.wait, 60))

    async def answers(self) -> None:
        """Return when a call is answered again."""
        self.free.set()
        await self.work
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await self.stub.GetConversation(_ASKED, timeout=30)
        assert refused.value.code() is grpc.StatusCode.NOT_FOUND


@asynccontextmanager
async def _busy(store: Store, clock: ManualClock) -> AsyncGenerator[_Busy]:
    pool = StorePool(threads=1, max_pending=2)
    service = query_service(store, clock, pool=pool)
    server = grpc.aio.server(interceptors=[GrpcDoor(open_guard())])
    add_to_server(server, service)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        busy = _Busy(query_pb2_grpc.BotLogsQueryStub(channel), pool)
        try:
            yield busy
        finally:
            busy.free.set()
            await busy.work
            await server.stop(5)
            pool.close()


async def test_a_clients_deadline_ends_its_call_and_frees_its_place(store: Store, clock: ManualClock) -> None:
    """It is answered at its deadline; with room for one, the next and the next are not refused as too many."""
    async with _busy(store, clock) as busy:
        for _ in range(3):
            with pytest.raises(grpc.aio.AioRpcError) as ended:
                await busy.stub.GetConversation(_ASKED, timeout=0.2)
            assert ended.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED

        await busy.answers()


async def test_a_cancelled_call_frees_its_place(store: Store, clock: ManualClock) -> None:
    """The same when the client cancels."""
    async with _busy(store, clock) as busy:
        for _ in range(3):
            with pytest.raises(TimeoutError):  # this wait's own, which cancels the call
                await asyncio.wait_for(busy.stub.GetConversation(_ASKED, timeout=30), 0.2)

        await busy.answers()
