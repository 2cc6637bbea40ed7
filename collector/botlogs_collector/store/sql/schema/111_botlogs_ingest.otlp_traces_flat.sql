-- OTLP trace requests to flat spans. Cost: its analysis is most of a commit's fixed cost, so: few lambdas.
-- Spans with ids of the wrong length are left out here; the receiver counts them in partial_success.
CREATE MATERIALIZED VIEW IF NOT EXISTS botlogs_ingest.otlp_traces_flat TO botlogs_ingest.otel_traces AS
WITH
    v -> multiIf(v.value = 1, v.string_value, v.value = 3, toString(v.int_value), v.value = 2, toString(v.bool_value), v.value = 4, toString(v.double_value), base64Encode(v.bytes_value)) AS text,
    (k, v) -> CAST((k, arrayMap(text, v)), 'Map(LowCardinality(String), String)') AS attribute_map
SELECT
    fromUnixTimestamp64Nano(toInt64(least(start_time_unix_nano, 9223372036854775807))) AS Timestamp,
    lower(hex(trace_id)) AS TraceId,
    lower(hex(span_id)) AS SpanId,
    lower(hex(parent_span_id)) AS ParentSpanId,
    trace_state AS TraceState,
    name AS SpanName,
    transform(kind, [1, 2, 3, 4, 5], ['Internal', 'Server', 'Client', 'Producer', 'Consumer'], 'Unspecified') AS SpanKind,
    resource_map['service.name'] AS ServiceName,
    resource_map AS ResourceAttributes,
    scope_name AS ScopeName,
    scope_version AS ScopeVersion,
    attribute_map(span_keys, span_values) AS SpanAttributes,
    if(end_time_unix_nano > start_time_unix_nano, end_time_unix_nano - start_time_unix_nano, 0) AS Duration,
    transform(status.code, [1, 2], ['Ok', 'Error'], 'Unset') AS StatusCode,
    status.message AS StatusMessage,
    arrayMap(t -> fromUnixTimestamp64Nano(toInt64(t)), events.time_unix_nano) AS `Events.Timestamp`,
    events.name AS `Events.Name`,
    arrayMap(attribute_map, event_keys, event_values) AS `Events.Attributes`,
    arrayMap(t -> lower(hex(t)), links.trace_id) AS `Links.TraceId`,
    arrayMap(t -> lower(hex(t)), links.span_id) AS `Links.SpanId`,
    links.trace_state AS `Links.TraceState`,
    arrayMap(attribute_map, link_keys, link_values) AS `Links.Attributes`,
    flags AS TraceFlags,
    resource_schema AS ResourceSchemaUrl,
    scope_schema AS ScopeSchemaUrl,
    scope_map AS ScopeAttributes,
    resource_types AS ResourceAttributeTypes,
    resource_originals AS ResourceAttributeOriginals,
    scope_values.value AS ScopeAttributeTypes,
    scope_values.original AS ScopeAttributeOriginals,
    span_values.value AS SpanAttributeTypes,
    span_values.original AS SpanAttributeOriginals,
    event_values.value AS EventAttributeTypes,
    event_values.original AS EventAttributeOriginals,
    link_values.value AS LinkAttributeTypes,
    link_values.original AS LinkAttributeOriginals,
    links.flags AS LinkFlags,
    [dropped_attributes_count, dropped_events_count, dropped_links_count, resource_dropped, scope_dropped] AS DroppedCounts,
    events.dropped_attributes_count AS EventDroppedCounts,
    links.dropped_attributes_count AS LinkDroppedCounts,
    received AS ReceivedAt
FROM
(
    SELECT * EXCEPT (attributes, events, links),
        attributes.key AS span_keys, attributes.value AS span_values,
        events, events.attributes AS ea, ea.key AS event_keys, ea.value AS event_values,
        links, links.attributes AS la, la.key AS link_keys, la.value AS link_values
    FROM
    (
        SELECT received, resource_schema, resource_map, resource_types, resource_originals, resource_dropped,
            scope_schema, scope_name, scope_version, scope_values, scope_dropped, scope_map,
            span.trace_id AS trace_id, span.span_id AS span_id, span.trace_state AS trace_state, span.parent_span_id AS parent_span_id, span.flags AS flags, span.name AS name, span.kind AS kind, span.start_time_unix_nano AS start_time_unix_nano, span.end_time_unix_nano AS end_time_unix_nano, span.attributes AS attributes, span.dropped_attributes_count AS dropped_attributes_count, span.events AS events, span.dropped_events_count AS dropped_events_count, span.links AS links, span.dropped_links_count AS dropped_links_count, span.status AS status
        FROM
        (
            SELECT received, resource_schema, resource_map, resource_types, resource_originals, resource_dropped,
                ss.schema_url AS scope_schema, ss.scope AS scope, scope.name AS scope_name, scope.version AS scope_version,
                scope.dropped_attributes_count AS scope_dropped, scope.attributes AS sa, sa.value AS scope_values,
                attribute_map(sa.key, scope_values) AS scope_map, ss.spans AS spans
            FROM
            (
                SELECT
                    fromUnixTimestamp64Nano(toInt64(received_unix_nano)) AS received,
                    rs.schema_url AS resource_schema, rs.resource AS resource, resource.attributes AS ra, ra.value AS rv,
                    attribute_map(ra.key, rv) AS resource_map, rv.value AS resource_types, rv.original AS resource_originals,
                    resource.dropped_attributes_count AS resource_dropped, rs.scope_spans AS scope_spans
                FROM botlogs_ingest.otlp_traces ARRAY JOIN resource_spans AS rs
            )
            ARRAY JOIN scope_spans AS ss
        )
        ARRAY JOIN spans AS span
        WHERE length(span.trace_id) = 16 AND length(span.span_id) = 8 AND span.trace_id != unhex('00000000000000000000000000000000') AND span.span_id != unhex('0000000000000000')
    )
);
