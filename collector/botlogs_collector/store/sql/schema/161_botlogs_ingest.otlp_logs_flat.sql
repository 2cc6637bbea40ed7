-- OTLP log requests to flat log records. A record of a conversation that has no trace gets one made of the
-- conversation's id (sipHash128), so that it is held, released and shown like any other.
-- Records with ids of the wrong length are left out here; the receiver counts them in partial_success.
CREATE MATERIALIZED VIEW IF NOT EXISTS botlogs_ingest.otlp_logs_flat TO botlogs_ingest.otel_logs AS
WITH
    v -> multiIf(v.value = 1, v.string_value, v.value = 3, toString(v.int_value), v.value = 2, toString(v.bool_value), v.value = 4, toString(v.double_value), base64Encode(v.bytes_value)) AS text,
    a -> CAST((a.key, arrayMap(text, a.value)), 'Map(LowCardinality(String), String)') AS attribute_map,
    if(LogAttributes['gen_ai.conversation.id'] != '', LogAttributes['gen_ai.conversation.id'], LogAttributes['session.id']) AS conversation
SELECT
    fromUnixTimestamp64Nano(toInt64(least(if(time_unix_nano = 0, observed_time_unix_nano, time_unix_nano), 9223372036854775807))) AS Timestamp,
    multiIf(trace_id != '' AND trace_id != unhex('00000000000000000000000000000000'), lower(hex(trace_id)), conversation != '', lower(hex(sipHash128(ResourceAttributes['deployment.environment.name'], LogAttributes['bot.id'], conversation))), '') AS TraceId,
    if(span_id = unhex('0000000000000000'), '', lower(hex(span_id))) AS SpanId,
    toUInt8(bitAnd(flags, 255)) AS TraceFlags,
    severity_text AS SeverityText,
    toUInt8(severity_number) AS SeverityNumber,
    ResourceAttributes['service.name'] AS ServiceName,
    text(body) AS Body,
    schema_url AS ResourceSchemaUrl,
    attribute_map(resource_attributes) AS ResourceAttributes,
    scope_schema_url AS ScopeSchemaUrl,
    scope_scope_name AS ScopeName,
    scope_scope_version AS ScopeVersion,
    attribute_map(scope_scope_attributes) AS ScopeAttributes,
    attribute_map(attributes) AS LogAttributes,
    event_name AS EventName,
    fromUnixTimestamp64Nano(toInt64(least(observed_time_unix_nano, 9223372036854775807))) AS ObservedTimestamp,
    time_unix_nano != 0 AS TimeGiven,
    flags AS Flags,
    resource_attributes.value.value AS ResourceAttributeTypes,
    resource_attributes.value.original AS ResourceAttributeOriginals,
    scope_scope_attributes.value.value AS ScopeAttributeTypes,
    scope_scope_attributes.value.original AS ScopeAttributeOriginals,
    attributes.value.value AS LogAttributeTypes,
    attributes.value.original AS LogAttributeOriginals,
    body.value AS BodyType,
    body.original AS BodyOriginal,
    [dropped_attributes_count, resource_dropped_attributes_count, scope_scope_dropped_attributes_count] AS DroppedCounts,
    fromUnixTimestamp64Nano(toInt64(received_unix_nano)) AS ReceivedAt
FROM botlogs_ingest.logs_of_scope
ARRAY JOIN
    scope_log_records_time_unix_nano AS time_unix_nano,
    scope_log_records_observed_time_unix_nano AS observed_time_unix_nano,
    scope_log_records_severity_number AS severity_number,
    scope_log_records_severity_text AS severity_text,
    scope_log_records_body AS body,
    scope_log_records_attributes AS attributes,
    scope_log_records_dropped_attributes_count AS dropped_attributes_count,
    scope_log_records_flags AS flags,
    scope_log_records_trace_id AS trace_id,
    scope_log_records_span_id AS span_id,
    scope_log_records_event_name AS event_name
WHERE length(trace_id) IN (0, 16) AND length(span_id) IN (0, 8);
