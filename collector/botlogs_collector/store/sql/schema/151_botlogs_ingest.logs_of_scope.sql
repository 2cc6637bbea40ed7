-- Landing of the log records of one scope, one row a scope (FORMAT Protobuf, message LogsOfScope of
-- proto/botlogs/v1/logs.proto); see spans_of_scope. Stores nothing; a view flattens.
CREATE TABLE IF NOT EXISTS botlogs_ingest.logs_of_scope
(
    received_unix_nano UInt64,
    schema_url String,
    resource_attributes Array(Tuple(key String, value {any_value})),
    resource_dropped_attributes_count UInt32,
    scope_schema_url String,
    scope_scope_name String,
    scope_scope_version String,
    scope_scope_attributes Array(Tuple(key String, value {any_value})),
    scope_scope_dropped_attributes_count UInt32,
    scope_log_records_time_unix_nano Array(UInt64),
    scope_log_records_observed_time_unix_nano Array(UInt64),
    scope_log_records_severity_number Array(Int32),
    scope_log_records_severity_text Array(String),
    scope_log_records_body Array({any_value}),
    scope_log_records_attributes Array(Array(Tuple(key String, value {any_value}))),
    scope_log_records_dropped_attributes_count Array(UInt32),
    scope_log_records_flags Array(UInt32),
    scope_log_records_trace_id Array(String),
    scope_log_records_span_id Array(String),
    scope_log_records_event_name Array(String)
)
ENGINE = Null;
