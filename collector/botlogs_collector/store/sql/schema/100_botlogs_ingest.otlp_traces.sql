-- Landing of whole OTLP requests, one row a request (FORMAT Protobuf, message TracesRequest of
-- proto/botlogs/v1/traces.proto): for ClickHouse's Kafka engine. The collector inserts one table further on.
-- Stores nothing; the view otlp_traces_by_scope takes it apart.
CREATE TABLE IF NOT EXISTS botlogs_ingest.otlp_traces
(
    resource_spans Array(Tuple(
        resource Tuple(attributes Array(Tuple(key String, value {any_value})), dropped_attributes_count UInt32),
        scope_spans Array(Tuple(
            scope Tuple(name String, version String, attributes Array(Tuple(key String, value {any_value})), dropped_attributes_count UInt32),
            spans Array(Tuple(
                trace_id String, span_id String, trace_state String, parent_span_id String, flags UInt32,
                name String, kind Int32, start_time_unix_nano UInt64, end_time_unix_nano UInt64,
                attributes Array(Tuple(key String, value {any_value})), dropped_attributes_count UInt32,
                events Array(Tuple(time_unix_nano UInt64, name String, attributes Array(Tuple(key String, value {any_value})), dropped_attributes_count UInt32)),
                dropped_events_count UInt32,
                links Array(Tuple(trace_id String, span_id String, trace_state String, attributes Array(Tuple(key String, value {any_value})), dropped_attributes_count UInt32, flags UInt32)),
                dropped_links_count UInt32,
                status Tuple(message String, code Int32)
            )),
            schema_url String
        )),
        schema_url String
    ))
)
ENGINE = Null;
