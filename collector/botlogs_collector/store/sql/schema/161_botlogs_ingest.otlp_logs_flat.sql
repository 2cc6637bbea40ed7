-- OTLP log requests to flat log records. A record of a conversation that has no trace gets one made of the
-- conversation's id (sipHash128), so that it is held, released and shown like any other.
-- Records with ids of the wrong length are left out here; the receiver counts them in partial_success.
CREATE MATERIALIZED VIEW IF NOT EXISTS botlogs_ingest.otlp_logs_flat TO botlogs_ingest.otel_logs AS
WITH
    v -> multiIf(v.value = 1, v.string_value, v.value = 3, toString(v.int_value), v.value = 2, toString(v.bool_value), v.value = 4, toString(v.double_value), base64Encode(v.bytes_value)) AS text,
    (k, v) -> CAST((k, arrayMap(text, v)), 'Map(LowCardinality(String), String)') AS attribute_map,
    fromUnixTimestamp64Nano(toInt64(least(if(time_unix_nano = 0, observed_time_unix_nano, time_unix_nano), 9223372036854775807))) AS time,
    attribute_map(keys, values) AS log_map,
    if(log_map['gen_ai.conversation.id'] != '', log_map['gen_ai.conversation.id'], log_map['session.id']) AS conversation
SELECT
    time AS Timestamp,
    multiIf(trace_id != '' AND trace_id != unhex('00000000000000000000000000000000'), lower(hex(trace_id)), conversation != '', lower(hex(sipHash128(resource_map['deployment.environment.name'], log_map['bot.id'], conversation))), '') AS TraceId,
    if(span_id = unhex('0000000000000000'), '', lower(hex(span_id))) AS SpanId,
    toUInt8(bitAnd(flags, 255)) AS TraceFlags,
    severity_text AS SeverityText,
    toUInt8(severity_number) AS SeverityNumber,
    resource_map['service.name'] AS ServiceName,
    text(body) AS Body,
    resource_schema AS ResourceSchemaUrl,
    resource_map AS ResourceAttributes,
    scope_schema AS ScopeSchemaUrl,
    scope_name AS ScopeName,
    scope_version AS ScopeVersion,
    scope_map AS ScopeAttributes,
    log_map AS LogAttributes,
    event_name AS EventName,
    fromUnixTimestamp64Nano(toInt64(least(observed_time_unix_nano, 9223372036854775807))) AS ObservedTimestamp,
    time_unix_nano != 0 AS TimeGiven,
    flags AS Flags,
    resource_types AS ResourceAttributeTypes,
    resource_originals AS ResourceAttributeOriginals,
    scope_values.value AS ScopeAttributeTypes,
    scope_values.original AS ScopeAttributeOriginals,
    values.value AS LogAttributeTypes,
    values.original AS LogAttributeOriginals,
    body.value AS BodyType,
    body.original AS BodyOriginal,
    [dropped, resource_dropped, scope_dropped] AS DroppedCounts,
    received AS ReceivedAt
FROM
(
    SELECT received, resource_schema, resource_map, resource_types, resource_originals, resource_dropped,
        scope_schema, scope_name, scope_version, scope_values, scope_dropped, scope_map,
        record.trace_id AS trace_id, record.span_id AS span_id, record.time_unix_nano AS time_unix_nano,
        record.observed_time_unix_nano AS observed_time_unix_nano, record.severity_number AS severity_number,
        record.severity_text AS severity_text, record.body AS body, record.attributes AS attributes,
        attributes.key AS keys, attributes.value AS values, record.dropped_attributes_count AS dropped,
        record.flags AS flags, record.event_name AS event_name
    FROM
    (
        SELECT received, resource_schema, resource_map, resource_types, resource_originals, resource_dropped,
            sl.schema_url AS scope_schema, sl.scope AS scope, scope.name AS scope_name, scope.version AS scope_version,
            scope.dropped_attributes_count AS scope_dropped, scope.attributes AS sa, sa.value AS scope_values,
            attribute_map(sa.key, scope_values) AS scope_map, sl.log_records AS log_records
        FROM
        (
            SELECT
                fromUnixTimestamp64Nano(toInt64(received_unix_nano)) AS received,
                rl.schema_url AS resource_schema, rl.resource AS resource, resource.attributes AS ra, ra.value AS rv,
                attribute_map(ra.key, rv) AS resource_map, rv.value AS resource_types, rv.original AS resource_originals,
                resource.dropped_attributes_count AS resource_dropped, rl.scope_logs AS scope_logs
            FROM botlogs_ingest.otlp_logs ARRAY JOIN resource_logs AS rl
        )
        ARRAY JOIN scope_logs AS sl
    )
    ARRAY JOIN log_records AS record
    WHERE length(record.trace_id) IN (0, 16) AND length(record.span_id) IN (0, 8)
);
