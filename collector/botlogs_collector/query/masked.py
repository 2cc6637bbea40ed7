"""What of a conversation is content, kind by kind: entries, node actions, OTLP messages."""

import dataclasses
from collections.abc import Iterable
from typing import Final

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from botlogs_collector.access.mask import Mask, is_structure
from botlogs_collector.model.reading import Entry, NodeAction
from botlogs_collector.otlp.nested import to_json
from otel_botlogs.semconv import EVENT_FLOW_DEFINITION

_STATUSES: Final = frozenset({"", "Unset", "Ok", "Error", "STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"})


def masked_entry(entry: Entry, mask: Mask) -> Entry:
    """Return *entry* without content: bodies and attributes. A span's name and an authored flow are none."""
    keeps_body = entry.kind in ("span", EVENT_FLOW_DEFINITION)
    return dataclasses.replace(
        entry,
        body=entry.body if keeps_body else mask.value(entry.body),
        attributes=mask.attributes(entry.attributes),
        status=entry.status if entry.status in _STATUSES else mask.text(entry.status),
    )


def masked_action(action: NodeAction, mask: Mask) -> NodeAction:
    """Return *action* without what its failure said."""
    message = action.status_message
    return dataclasses.replace(action, status_message=None if message is None else mask.text(message))


def mask_traces(request: ExportTraceServiceRequest, mask: Mask) -> None:
    """Take the content out of *request*."""
    for resource_spans in request.resource_spans:
        _mask_attributes(resource_spans.resource.attributes, mask)
        for scope_spans in resource_spans.scope_spans:
            _mask_attributes(scope_spans.scope.attributes, mask)
            for span in scope_spans.spans:
                _mask_attributes(span.attributes, mask)
                span.status.message = mask.text(span.status.message)
                span.trace_state = mask.text(span.trace_state)
                for part in (*span.events, *span.links):
                    _mask_attributes(part.attributes, mask)
                for link in span.links:
                    link.trace_state = mask.text(link.trace_state)


def mask_logs(request: ExportLogsServiceRequest, mask: Mask) -> None:
    """Take the content out of *request*."""
    for resource_logs in request.resource_logs:
        _mask_attributes(resource_logs.resource.attributes, mask)
        for scope_logs in resource_logs.scope_logs:
            _mask_attributes(scope_logs.scope.attributes, mask)
            for record in scope_logs.log_records:
                _mask_attributes(record.attributes, mask)
                if record.event_name != EVENT_FLOW_DEFINITION and record.HasField("body"):
                    _mask_value(record.body, mask)


def _mask_attributes(attributes: Iterable[KeyValue], mask: Mask) -> None:
    for attribute in attributes:
        if not is_structure(attribute.key):
            _mask_value(attribute.value, mask)


def _mask_value(value: AnyValue, mask: Mask) -> None:
    kind = value.WhichOneof("value")
    if kind is None:
        return
    plain: object
    match kind:
        case "array_value" | "kvlist_value":
            plain = to_json(value)
        case _:
            plain = getattr(value, kind)
    value.string_value = str(mask.value(plain))
