-- Landing of whole OTLP requests, one row a request (FORMAT Protobuf, message LogsRequest of
-- proto/botlogs/v1/logs.proto): for ClickHouse's Kafka engine. The collector inserts one table further on.
-- Stores nothing; the view otlp_logs_by_scope takes it apart.
CREATE TABLE IF NOT EXISTS botlogs_ingest.otlp_logs
(
    resource_logs Array(Tuple(
        resource Tuple(attributes Array(Tuple(key String, value {any_value})), dropped_attributes_count UInt32),
        scope_logs Array(Tuple(
            scope Tuple(name String, version String, attributes Array(Tuple(key String, value {any_value})), dropped_attributes_count UInt32),
            log_records Array(Tuple(
                time_unix_nano UInt64, observed_time_unix_nano UInt64, severity_number Int32, severity_text String,
                body {any_value}, attributes Array(Tuple(key String, value {any_value})), dropped_attributes_count UInt32,
                flags UInt32, trace_id String, span_id String, event_name String
            )),
            schema_url String
        )),
        schema_url String
    ))
)
ENGINE = Null;
