-- Landing of OTLP log requests, one row a request, filled with FORMAT Protobuf and the schema of
-- proto/botlogs/v1/logs.proto. Stores nothing; the view beside it flattens.
CREATE TABLE IF NOT EXISTS botlogs_ingest.otlp_logs
(
    received_unix_nano UInt64,
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
