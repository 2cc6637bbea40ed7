"""Whether a request holds an array or a map: asked of Protobuf itself, exactly and in C (1.8 µs a span).

A copy of the OTLP messages in which `array_value` and `kvlist_value` have a required field that
nobody ever sets: a parsed request is initialized exactly if neither is in it.
"""

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
from opentelemetry.proto.common.v1 import common_pb2
from opentelemetry.proto.logs.v1 import logs_pb2
from opentelemetry.proto.resource.v1 import resource_pb2
from opentelemetry.proto.trace.v1 import trace_pb2

# Each after what it imports.
_FILES = (common_pb2, resource_pb2, trace_pb2, logs_pb2, trace_service_pb2, logs_service_pb2)


def holds_nested(body: bytes, *, is_logs: bool) -> bool:
    """Return whether *body*, which the official messages can read, holds an array or a map."""
    return not (_LOGS if is_logs else _TRACES).FromString(body).IsInitialized()


def _probe(pool: descriptor_pool.DescriptorPool, name: str) -> type[Message]:
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"opentelemetry.proto.collector.{name}"))


def _probe_pool() -> descriptor_pool.DescriptorPool:
    pool = descriptor_pool.DescriptorPool()
    for module in _FILES:
        file = descriptor_pb2.FileDescriptorProto()
        module.DESCRIPTOR.CopyToProto(file)
        # Only editions have both proto3's rules and required fields.
        file.syntax, file.edition = "editions", descriptor_pb2.EDITION_2023
        if module is common_pb2:
            _add_trap(file)
        pool.Add(file)
    return pool


def _add_trap(file: descriptor_pb2.FileDescriptorProto) -> None:
    never = file.message_type.add(name="Nested").field.add(name="never", number=1000)
    never.type, never.label = never.TYPE_BOOL, never.LABEL_OPTIONAL
    never.options.features.field_presence = descriptor_pb2.FeatureSet.LEGACY_REQUIRED
    any_value = next(message for message in file.message_type if message.name == "AnyValue")
    for field in any_value.field:
        if field.name in ("array_value", "kvlist_value"):
            field.type_name = f".{file.package}.Nested"


_POOL = _probe_pool()
_TRACES = _probe(_POOL, "trace.v1.ExportTraceServiceRequest")
_LOGS = _probe(_POOL, "logs.v1.ExportLogsServiceRequest")
