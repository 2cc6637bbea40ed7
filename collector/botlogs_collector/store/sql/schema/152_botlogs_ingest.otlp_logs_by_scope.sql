-- Whole OTLP requests to one row a scope; the arrival is now. Only ClickHouse's Kafka engine comes this way.
CREATE MATERIALIZED VIEW IF NOT EXISTS botlogs_ingest.otlp_logs_by_scope TO botlogs_ingest.logs_of_scope AS
WITH one.log_records AS items
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
    items.time_unix_nano AS scope_log_records_time_unix_nano,
    items.observed_time_unix_nano AS scope_log_records_observed_time_unix_nano,
    items.severity_number AS scope_log_records_severity_number,
    items.severity_text AS scope_log_records_severity_text,
    items.body AS scope_log_records_body,
    items.attributes AS scope_log_records_attributes,
    items.dropped_attributes_count AS scope_log_records_dropped_attributes_count,
    items.flags AS scope_log_records_flags,
    items.trace_id AS scope_log_records_trace_id,
    items.span_id AS scope_log_records_span_id,
    items.event_name AS scope_log_records_event_name
FROM
(
    SELECT resource_logs AS group FROM botlogs_ingest.otlp_logs ARRAY JOIN resource_logs
)
ARRAY JOIN group.scope_logs AS one;
