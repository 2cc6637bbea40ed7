"""The query API as its readers meet it, over HTTP and over gRPC, in one shape: that of the JSON answers."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Protocol, TypeVar, cast

import grpc
import grpc.aio
import httpx
from google.protobuf import json_format
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status

from botlogs_collector._pb.botlogs.v1 import query_pb2 as pb
from botlogs_collector._pb.botlogs.v1 import query_pb2_grpc
from botlogs_collector.access.grpc_door import GrpcDoor
from botlogs_collector.access.guard import Guard
from botlogs_collector.query.grpc_service import add_to_server
from botlogs_collector.query.service import QueryService
from tests.support.guards import open_guard
from tests.support.reading import http_client

Json = dict[str, object]
M = TypeVar("M", bound=Message)


def items_of(page: Json) -> list[Json]:
    """Return the items of a page."""
    return cast("list[Json]", page["items"])


def titles_of(page: Json) -> list[object]:
    """Return the titles of a page's items."""
    return [item["title"] for item in items_of(page)]


class Refused(Exception):  # reads as what happened
    """The API said no: `name` is the problem's, whichever way it came."""

    def __init__(self, name: str, detail: str, facts: Mapping[str, str]) -> None:
        super().__init__(f"{name}: {detail}")
        self.name = name
        self.detail = detail
        self.facts = facts


class Api(Protocol):
    """What both offer."""

    async def conversations(self, **narrowed: str | int | bool) -> Json: ...
    async def conversation(self, identifier: str) -> Json: ...
    async def timeline(self, identifier: str, **page: str | int) -> Json: ...
    async def logs(self, identifier: str, **narrowed: str | int) -> Json: ...
    async def node(self, identifier: str, at: int) -> Json: ...
    async def path(self, identifier: str, **narrowed: str | int) -> Json: ...
    async def changes(self, identifier: str, **narrowed: str | int) -> Json: ...
    async def flow(self, flow_id: str, **narrowed: str | int) -> Json: ...
    def stream(self, identifier: str, last_event_id: str = "") -> AsyncGenerator[tuple[Json, str]]: ...


class HttpApi:
    """Over HTTP."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def conversations(self, **narrowed: str | int | bool) -> Json:
        return await self._get("/conversations", narrowed)

    async def conversation(self, identifier: str) -> Json:
        return await self._get(_of(identifier))

    async def timeline(self, identifier: str, **page: str | int) -> Json:
        return await self._get(f"{_of(identifier)}/timeline", page)

    async def logs(self, identifier: str, **narrowed: str | int) -> Json:
        return await self._get(f"{_of(identifier)}/logs", narrowed)

    async def node(self, identifier: str, at: int) -> Json:
        return await self._get(f"{_of(identifier)}/node", {"at": at})

    async def path(self, identifier: str, **narrowed: str | int) -> Json:
        return await self._get(f"{_of(identifier)}/path", narrowed)

    async def changes(self, identifier: str, **narrowed: str | int) -> Json:
        return await self._get(f"{_of(identifier)}/variable-changes", narrowed)

    async def flow(self, flow_id: str, **narrowed: str | int) -> Json:
        return await self._get(f"/flows/{_quoted(flow_id)}", narrowed)

    async def stream(self, identifier: str, last_event_id: str = "") -> AsyncGenerator[tuple[Json, str]]:
        headers = {"last-event-id": last_event_id} if last_event_id else {}
        async with self.client.stream("GET", f"/api/v1{_of(identifier)}/stream", headers=headers) as response:
            if response.status_code != 200:
                await response.aread()
                _raise(response)
            event_id = ""
            async for line in response.aiter_lines():
                if line.startswith("id: "):
                    event_id = line[4:]
                elif line.startswith("data: "):
                    yield cast("Json", httpx.Response(200, text=line[6:]).json()), event_id

    async def _get(self, path: str, query: Mapping[str, str | int | bool] | None = None) -> Json:
        given = {
            name.rstrip("_"): str(value).lower() if value is True else value for name, value in (query or {}).items()
        }
        response = await self.client.get(f"/api/v1{path}", params=given)
        if response.status_code != 200:
            _raise(response)
        return cast("Json", response.json())


def _of(identifier: str) -> str:
    return f"/conversations/{_quoted(identifier)}"


def _quoted(text: str) -> str:
    return str(httpx.QueryParams({"": text}))[1:].replace("+", "%20")


def _raise(response: httpx.Response) -> None:
    assert response.headers["content-type"] == "application/problem+json", response.text
    problem = cast("dict[str, str]", response.json())
    assert problem["status"] == response.status_code
    raise Refused(problem["type"], problem["detail"], problem)


_CODES = {
    grpc.StatusCode.NOT_FOUND: "not-found",
    grpc.StatusCode.INVALID_ARGUMENT: "invalid-request",
    grpc.StatusCode.RESOURCE_EXHAUSTED: "overloaded",
    grpc.StatusCode.UNAVAILABLE: "unavailable",
    grpc.StatusCode.UNAUTHENTICATED: "unauthenticated",
    grpc.StatusCode.PERMISSION_DENIED: "forbidden",
}
_REASONS = {"NOT_RELEASED": "not-released", "SAMPLED_OUT": "sampled-out"}
_TIMES = {"from_": "from_unix_nano", "to": "to_unix_nano", "at": "at_unix_nano"}


class GrpcApi:
    """Over gRPC."""

    def __init__(self, channel: grpc.aio.Channel, token: str | None = None) -> None:
        self._stub = query_pb2_grpc.BotLogsQueryStub(channel)
        self._metadata = (("authorization", f"Bearer {token}"),) if token else ()

    async def conversations(self, **narrowed: str | int | bool) -> Json:
        return await self._call(self._stub.ListConversations, _request(pb.ListConversationsRequest, **narrowed))

    async def conversation(self, identifier: str) -> Json:
        return await self._call(self._stub.GetConversation, pb.GetConversationRequest(id=identifier))

    async def timeline(self, identifier: str, **page: str | int) -> Json:
        return await self._call(self._stub.GetTimeline, _request(pb.GetTimelineRequest, id=identifier, **page))

    async def logs(self, identifier: str, **narrowed: str | int) -> Json:
        return await self._call(self._stub.GetLogs, _request(pb.GetLogsRequest, id=identifier, **narrowed))

    async def node(self, identifier: str, at: int) -> Json:
        return await self._call(self._stub.GetNode, pb.GetNodeRequest(id=identifier, at_unix_nano=at))

    async def path(self, identifier: str, **narrowed: str | int) -> Json:
        return await self._call(self._stub.GetPath, _request(pb.GetPathRequest, id=identifier, **narrowed))

    async def changes(self, identifier: str, **narrowed: str | int) -> Json:
        request = _request(pb.GetVariableChangesRequest, id=identifier, **narrowed)
        return await self._call(self._stub.GetVariableChanges, request)

    async def flow(self, flow_id: str, **narrowed: str | int) -> Json:
        return await self._call(self._stub.GetFlow, _request(pb.GetFlowRequest, flow_id=flow_id, **narrowed))

    async def stream(self, identifier: str, last_event_id: str = "") -> AsyncGenerator[tuple[Json, str]]:
        call = self._stub.StreamTimeline(
            pb.StreamTimelineRequest(id=identifier, last_event_id=last_event_id), metadata=self._metadata
        )
        try:
            async for response in call:
                if response.HasField("item"):
                    yield _json(response.item), response.event_id
        except grpc.aio.AioRpcError as error:
            raise _refused(error) from None
        finally:
            call.cancel()

    async def _call(self, method: object, request: Message) -> Json:
        try:
            return _json(await method(request, timeout=30, metadata=self._metadata))  # pyright: ignore[reportCallIssue]  # a generated stub
        except grpc.aio.AioRpcError as error:
            raise _refused(error) from None


def _request(kind: type[M], **fields: object) -> M:
    return json_format.ParseDict({_TIMES.get(name, name): value for name, value in fields.items()}, kind())


def _json(message: Message) -> Json:
    """Return *message* in the shape of the JSON answers: unset is null, counts are numbers."""
    return cast("Json", _numbers(_with_nulls(message), ""))


def _with_nulls(message: Message) -> Json:
    raw = json_format.MessageToDict(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    return _filled(message, raw)


def _filled(message: Message, raw: Json) -> Json:
    for field in message.DESCRIPTOR.fields:
        if field.message_type is not None and field.message_type.full_name.startswith("botlogs."):
            if field.is_repeated:
                raw[field.name] = [_with_nulls(item) for item in getattr(message, field.name)]
            elif message.HasField(field.name):
                raw[field.name] = _with_nulls(getattr(message, field.name))
        if field.name not in raw:
            raw[field.name] = None
    return raw


def _numbers(value: object, name: str) -> object:
    if isinstance(value, dict):
        return {
            key: item if key in ("attributes", "body", "extra", "value", "old") else _numbers(item, key)
            for key, item in cast("Json", value).items()
        }
    if isinstance(value, list):
        return [_numbers(item, name) for item in cast("list[object]", value)]
    is_count = name in _COUNTS and isinstance(value, str)
    return int(cast("str", value)) if is_count else value


_COUNTS = frozenset(
    {"turns", "node_actions", "log_events", "errors", "spans", "bytes", "duration_ns", "visits", "conversations",
     "total", "ended_here", "drop_off", "median_duration_ns", "count"}
)  # fmt: skip


def _refused(error: grpc.aio.AioRpcError) -> Refused:
    trailing = dict(error.trailing_metadata() or ())
    status = Status.FromString(cast("bytes", trailing.get("grpc-status-details-bin", b"")))
    for detail in status.details:
        info = ErrorInfo()
        if detail.Unpack(info):
            return Refused(_REASONS[info.reason], error.details() or "", dict(info.metadata))
    return Refused(_CODES.get(error.code(), error.code().name), error.details() or "", {})


@asynccontextmanager
async def http_api(
    service: QueryService, guard: Guard | None = None, token: str | None = None
) -> AsyncGenerator[HttpApi]:
    """Serve *service* over HTTP; without *guard* anybody may ask."""
    async with http_client(service, guard=guard) as client:
        if token:
            client.headers["authorization"] = f"Bearer {token}"
        yield HttpApi(client)


@asynccontextmanager
async def grpc_api(
    service: QueryService, guard: Guard | None = None, token: str | None = None
) -> AsyncGenerator[GrpcApi]:
    """Serve *service* over gRPC on a free port of loopback; without *guard* anybody may ask."""
    server = grpc.aio.server(interceptors=[GrpcDoor(guard or open_guard())])
    add_to_server(server, service)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield GrpcApi(channel, token)
    finally:
        service.stop_streams()
        await server.stop(5)
