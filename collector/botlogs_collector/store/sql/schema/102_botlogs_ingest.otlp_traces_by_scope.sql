-- Whole OTLP requests to one row a scope; the arrival is now. Only ClickHouse's Kafka engine comes this way.
CREATE MATERIALIZED VIEW IF NOT EXISTS botlogs_ingest.otlp_traces_by_scope TO botlogs_ingest.spans_of_scope AS
WITH one.spans AS items
SELECT
    toUInt64(toUnixTimestamp64Nano(now64(9))) AS received_unix_nano,
    group.schema_url AS schema_url,
    group.resource.attributes AS resource_attributes,
    group.resource.dropped_attributes_count AS resource_dropped_attributes_count,
    one.schema_url AS scope_schema_url,
    one.scope.name AS scope_scope_name,
    one.scope.version AS scope_scope_version,
    one.scope.attributes AS scope_scope_attributes,
    one.scope.dropped_attributes_count AS scope_scope_dropped_attributes_count,
    items.trace_id AS scope_spans_trace_id,
    items.span_id AS scope_spans_span_id,
    items.trace_state AS scope_spans_trace_state,
    items.parent_span_id AS scope_spans_parent_span_id,
    items.flags AS scope_spans_flags,
    items.name AS scope_spans_name,
    items.kind AS scope_spans_kind,
    items.start_time_unix_nano AS scope_spans_start_time_unix_nano,
    items.end_time_unix_nano AS scope_spans_end_time_unix_nano,
    items.attributes AS scope_spans_attributes,
    items.dropped_attributes_count AS scope_spans_dropped_attributes_count,
    items.events.time_unix_nano AS scope_spans_events_time_unix_nano,
    items.events.name AS scope_spans_events_name,
    items.events.attributes AS scope_spans_events_attributes,
    items.events.dropped_attributes_count AS scope_spans_events_dropped_attributes_count,
    items.dropped_events_count AS scope_spans_dropped_events_count,
    items.links.trace_id AS scope_spans_links_trace_id,
    items.links.span_id AS scope_spans_links_span_id,
    items.links.trace_state AS scope_spans_links_trace_state,
    items.links.attributes AS scope_spans_links_attributes,
    items.links.dropped_attributes_count AS scope_spans_links_dropped_attributes_count,
    items.links.flags AS scope_spans_links_flags,
    items.dropped_links_count AS scope_spans_dropped_links_count,
    items.status.message AS scope_spans_status_message,
    items.status.code AS scope_spans_status_code
FROM
(
    SELECT resource_spans AS group FROM botlogs_ingest.otlp_traces ARRAY JOIN resource_spans
)
ARRAY JOIN group.scope_spans AS one;
