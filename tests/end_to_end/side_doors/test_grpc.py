"""The release delay has no side door over gRPC: every method, asked by every role.

The lists are held against what the running service offers: a new method fails here until it is listed, and so asked.
"""

from collections.abc import Callable, Iterable

import grpc
from google.protobuf.message import Message
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from botlogs_collector._pb.botlogs.v1 import query_pb2 as pb
from tests.support.guarded import HELD, OPEN, SHUT_ID, Guarded
from tests.support.sender import SECOND, T0
from tests.support.side_doors import CLOSED, READERS, assert_silent

_GRPC: dict[str, Callable[[str], list[Message]]] = {
    "ListConversations": lambda _: [pb.ListConversationsRequest(), pb.ListConversationsRequest(q=HELD[:12])],
    "GetConversation": lambda name: [pb.GetConversationRequest(id=name)],
    "GetTimeline": lambda name: [pb.GetTimelineRequest(id=name), pb.GetTimelineRequest(id=name, after="x")],
    "GetLogs": lambda name: [pb.GetLogsRequest(id=name), pb.GetLogsRequest(id=name, q=HELD[:12])],
    "GetNode": lambda name: [pb.GetNodeRequest(id=name, at_unix_nano=T0 + SECOND)],
    "GetPath": lambda name: [pb.GetPathRequest(id=name), pb.GetPathRequest(id=name, node="x", cursor="x")],
    "GetVariableChanges": lambda name: [
        pb.GetVariableChangesRequest(id=name), pb.GetVariableChangesRequest(id=name, variable="x", cursor="x"),
    ],
    "GetFlow": lambda name: [pb.GetFlowRequest(flow_id=SHUT_ID), pb.GetFlowRequest(flow_id=f"flow-{name}")],
    "StreamTimeline": lambda name: [pb.StreamTimelineRequest(id=name)],
}  # fmt: skip


def test_every_grpc_service_is_listed(service: Guarded) -> None:
    """What reflection tells of both ports is what is asked here, or takes and never gives."""
    offered: set[str] = set()
    for port in ("grpc", "otlp_grpc"):
        with grpc.insecure_channel(f"127.0.0.1:{service.ports[port]}") as channel:
            offered |= set(ProtoReflectionDescriptorDatabase(channel).get_services())

    assert offered == {
        "botlogs.v1.BotLogsQuery", "grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection",
        "opentelemetry.proto.collector.logs.v1.LogsService", "opentelemetry.proto.collector.metrics.v1.MetricsService",
        "opentelemetry.proto.collector.trace.v1.TraceService",
    }  # fmt: skip
    assert {method.name for method in pb.DESCRIPTOR.services_by_name["BotLogsQuery"].methods} == set(_GRPC)


def test_no_grpc_method_tells_what_is_closed(service: Guarded) -> None:
    """The same over gRPC: messages, codes, details and trailing metadata."""
    with grpc.insecure_channel(f"127.0.0.1:{service.ports['grpc']}") as channel:
        for state in CLOSED:
            talk = service.talks[state]
            for name in READERS:
                for method, requests in _GRPC.items():
                    for request in requests(talk.trace if name == "analyst" else talk.conversation_id):
                        answer = _call(service, channel, method, request, name)
                        assert_silent(answer, f"{state} {name} {method}", asked=request)


def test_grpc_masks_and_scopes_what_isopen_url(service: Guarded) -> None:
    """An investigator sees the word over gRPC; an analyst, an operator, another bot's reader do not."""
    talk = service.talks["released"]
    told: dict[str, set[str]] = {}

    with grpc.insecure_channel(f"127.0.0.1:{service.ports['grpc']}") as channel:
        for name in READERS:
            told[name] = {
                method
                for method, requests in _GRPC.items()
                if any(OPEN in _call(service, channel, method, each, name) for each in requests(talk.conversation_id))
            }

    assert told.pop("investigator") == {"GetTimeline", "GetLogs", "GetVariableChanges", "StreamTimeline"}
    assert set().union(*told.values()) == set()


_ANSWERS = {"GetConversation": "Conversation", "GetNode": "NodeAction", "GetFlow": "Flow"}


def _call(service: Guarded, channel: grpc.Channel, method: str, request: Message, name: str) -> str:
    path = f"/botlogs.v1.BotLogsQuery/{method}"
    kind = getattr(pb, _ANSWERS.get(method, f"{method}Response"))
    serialize, metadata = type(request).SerializeToString, tuple(service.headers(name).items())
    try:
        if method == "StreamTimeline":
            stream = channel.unary_stream(path, serialize, kind.FromString)(request, metadata=metadata, timeout=2)
            return _first_second(stream)
        return str(channel.unary_unary(path, serialize, kind.FromString)(request, metadata=metadata, timeout=30))
    except grpc.RpcError as error:
        return f"{error}{error.trailing_metadata()}"


def _first_second(stream: Iterable[Message]) -> str:
    """Return what an endless stream says until it says the word or its deadline comes; a refusal is raised."""
    said = list[str]()
    try:
        for each in stream:
            said.append(str(each))
            if OPEN in said[-1]:
                break
    except grpc.RpcError as error:
        if error.code() is not grpc.StatusCode.DEADLINE_EXCEEDED:
            raise
    return "".join(said)
