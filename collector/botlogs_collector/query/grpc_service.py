"""The query API over gRPC: the same service as over HTTP, errors as codes with their details."""

import contextlib
import dataclasses
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Final, TypeVar, cast

import grpc
import grpc.aio
from google.protobuf import json_format
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import ErrorInfo

from botlogs_collector import errors
from botlogs_collector._pb.botlogs.v1 import query_pb2 as pb
from botlogs_collector._pb.botlogs.v1 import query_pb2_grpc
from botlogs_collector.model.reading import ConversationFilter
from botlogs_collector.otlp.status import grpc_code, public_message, status_details
from botlogs_collector.query.params import checked_state
from botlogs_collector.query.service import QueryService

log = logging.getLogger("botlogs.query")
SERVICE_NAME: Final = "botlogs.v1.BotLogsQuery"
M = TypeVar("M", bound=Message)
if TYPE_CHECKING:
    Context = grpc.aio.ServicerContext[Message, Message]


def server_options() -> list[tuple[str, int]]:
    """Return the channel options of a query server: questions are small."""
    return [
        ("grpc.so_reuseport", 0),  # a second service on the port must fail, not share it
        ("grpc.max_receive_message_length", 256 * 1024),
        ("grpc.max_metadata_size", 16 * 1024),
        ("grpc.max_concurrent_streams", 256),  # of one connection
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.keepalive_timeout_ms", 20_000),  # half-open connections are noticed
        ("grpc.http2.max_ping_strikes", 0),
    ]


def add_to_server(server: grpc.aio.Server, service: QueryService) -> None:
    """Register the service on *server*; health and reflection are the caller's."""
    query_pb2_grpc.add_BotLogsQueryServicer_to_server(_Servicer(service), server)


class _Servicer(query_pb2_grpc.BotLogsQueryServicer):
    """One method a call; what each promises is said in query.proto."""

    def __init__(self, service: QueryService) -> None:
        self._service = service

    async def ListConversations(self, request: pb.ListConversationsRequest, context: "Context") -> Message:  # noqa: N802
        wanted = ConversationFilter(
            environment=request.environment,
            bot=request.bot,
            channel=request.channel,
            user=request.user,
            flow=request.flow,
            node=request.node,
            tag=request.tag,
            text=request.q,
            has_error=request.has_error if request.HasField("has_error") else None,
        )

        async def answer() -> Message:
            narrowed = dataclasses.replace(
                wanted,
                state=checked_state(request.state),
                from_unix_nano=_time(request.from_unix_nano),
                to_unix_nano=_time(request.to_unix_nano),
            )
            page = await self._service.conversations.page(narrowed, request.limit or None, request.cursor or None)
            return to_message(page, pb.ListConversationsResponse)

        return await _answered(answer, context)

    async def GetConversation(self, request: pb.GetConversationRequest, context: "Context") -> Message:  # noqa: N802
        async def answer() -> Message:
            return to_message(await self._service.conversations.get(request.id), pb.Conversation)

        return await _answered(answer, context)

    async def GetTimeline(self, request: pb.GetTimelineRequest, context: "Context") -> Message:  # noqa: N802
        async def answer() -> Message:
            since = self._service.follow.now()
            page = await self._service.timeline.page(
                request.id,
                request.after or None,
                request.limit or None,
                before=request.before or None,
                at=_instant(request.at_unix_nano) if request.HasField("at_unix_nano") else None,
            )
            message = to_message(page, pb.GetTimelineResponse)
            message.stream_id = await self._service.follow.beginning(request.id, since)
            return message

        return await _answered(answer, context)

    async def GetLogs(self, request: pb.GetLogsRequest, context: "Context") -> Message:  # noqa: N802
        async def answer() -> Message:
            page = await self._service.logs.page(
                request.id,
                at=_instant(request.at_unix_nano) if request.HasField("at_unix_nano") else None,
                node_action_id=request.node_action_id or None,
                event_name=request.event_name or None,
                text=request.q or None,
                limit=request.limit or None,
                cursor=request.cursor or None,
            )
            return to_message(page, pb.GetLogsResponse)

        return await _answered(answer, context)

    async def GetNode(self, request: pb.GetNodeRequest, context: "Context") -> Message:  # noqa: N802
        async def answer() -> Message:
            return to_message(await self._service.nodes.at(request.id, _instant(request.at_unix_nano)), pb.NodeAction)

        return await _answered(answer, context)

    async def GetPath(self, request: pb.GetPathRequest, context: "Context") -> Message:  # noqa: N802
        async def answer() -> Message:
            page = await self._service.walk.path(
                request.id,
                node=request.node,
                flow=request.flow,
                limit=request.limit or 200,
                cursor=request.cursor or None,
            )
            return to_message(page, pb.GetPathResponse)

        return await _answered(answer, context)

    async def GetVariableChanges(  # noqa: N802
        self, request: pb.GetVariableChangesRequest, context: "Context"
    ) -> Message:
        async def answer() -> Message:
            page = await self._service.walk.changes(
                request.id,
                variable=request.variable,
                limit=request.limit or None,
                cursor=request.cursor or None,
            )
            return to_message(page, pb.GetVariableChangesResponse)

        return await _answered(answer, context)

    async def GetFlow(self, request: pb.GetFlowRequest, context: "Context") -> Message:  # noqa: N802
        async def answer() -> Message:
            flow = await self._service.flows.get(
                request.flow_id,
                version=request.version,
                bot=request.bot,
                environment=request.environment,
                from_unix_nano=_time(request.from_unix_nano),
                to_unix_nano=_time(request.to_unix_nano),
            )
            return to_message(flow, pb.Flow)

        return await _answered(answer, context)

    async def StreamTimeline(  # noqa: N802
        self, request: pb.StreamTimelineRequest, context: "Context"
    ) -> AsyncGenerator[Message]:
        try:
            events = await self._service.follow.open(request.id, request.last_event_id)
            async with contextlib.aclosing(events):
                async for event in events:
                    if event.dropped:
                        raise errors.Overloaded(event.dropped)
                    response = pb.StreamTimelineResponse(event_id=event.event_id)
                    if event.item is not None:
                        response.item.CopyFrom(to_message(event.item, pb.TimelineItem))
                    yield response
        except grpc.aio.AbortError:
            raise
        except Exception as error:  # noqa: BLE001  # the edge: whatever it is, readers get a code and no internals
            await _refuse(error, context)


async def _answered(answer: Callable[[], Awaitable[Message]], context: "Context") -> Message:
    try:
        return await answer()
    except Exception as error:  # noqa: BLE001  # the edge: whatever it is, readers get a code and no internals
        await _refuse(error, context)
        raise AssertionError("abort does not return") from None


async def _refuse(error: BaseException, context: "Context") -> None:
    status = status_details(error)
    if not isinstance(error, (errors.BotLogsError, TimeoutError)):
        log.error("a call of the query API failed", exc_info=error)
    if isinstance(error, errors.NotReleased):
        available = error.available_unix_nano
        metadata = {} if available is None else {"available_unix_nano": str(available)}
        status.details.add().Pack(ErrorInfo(reason="NOT_RELEASED", domain="botlogs", metadata=metadata))
    elif isinstance(error, errors.SampledOut):
        status.details.add().Pack(ErrorInfo(reason="SAMPLED_OUT", domain="botlogs", metadata={"policy": error.policy}))
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    await context.abort(grpc_code(error), public_message(error))


def to_message(value: object, kind: type[M]) -> M:
    """Return *value*, a value of the model or a mapping, as the message whose fields are called the same."""
    return json_format.ParseDict(cast("dict[str, object]", _plain(value)), kind())


def _plain(value: object) -> object:
    """Return what ParseDict reads; None is left out, so that it stays unset."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name.rstrip("_"): getattr(value, field.name) for field in dataclasses.fields(value)}
        return _plain(fields)
    if isinstance(value, Mapping):
        return {
            str(key): item if key in ("attributes", "extra", "body", "value", "old") else _plain(item)
            for key, item in cast("Mapping[object, object]", value).items()
            if item is not None
        }
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in cast("list[object]", value)]
    return value


def _time(unix_nano: int) -> int | None:
    return _instant(unix_nano) if unix_nano else None


def _instant(unix_nano: int) -> int:
    if unix_nano < 0:
        msg = f"times are Unix nanoseconds from 0 on, not {unix_nano}"
        raise errors.InvalidRequest(msg)
    return unix_nano
