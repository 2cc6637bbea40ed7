-- Landing of the spans of one scope, one row a scope (FORMAT Protobuf, message SpansOfScope of
-- proto/botlogs/v1/traces.proto); a column is named by the path of its field. Stores nothing; a view flattens.
-- Flat columns on purpose: the types of nested Tuples were most of a commit's fixed cost (decision 0002).
CREATE TABLE IF NOT EXISTS botlogs_ingest.spans_of_scope
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
    scope_spans_trace_id Array(String),
    scope_spans_span_id Array(String),
    scope_spans_trace_state Array(String),
    scope_spans_parent_span_id Array(String),
    scope_spans_flags Array(UInt32),
    scope_spans_name Array(String),
    scope_spans_kind Array(Int32),
    scope_spans_start_time_unix_nano Array(UInt64),
    scope_spans_end_time_unix_nano Array(UInt64),
    scope_spans_attributes Array(Array(Tuple(key String, value {any_value}))),
    scope_spans_dropped_attributes_count Array(UInt32),
    scope_spans_events_time_unix_nano Array(Array(UInt64)),
    scope_spans_events_name Array(Array(String)),
    scope_spans_events_attributes Array(Array(Array(Tuple(key String, value {any_value})))),
    scope_spans_events_dropped_attributes_count Array(Array(UInt32)),
    scope_spans_dropped_events_count Array(UInt32),
    scope_spans_links_trace_id Array(Array(String)),
    scope_spans_links_span_id Array(Array(String)),
    scope_spans_links_trace_state Array(Array(String)),
    scope_spans_links_attributes Array(Array(Array(Tuple(key String, value {any_value})))),
    scope_spans_links_dropped_attributes_count Array(Array(UInt32)),
    scope_spans_links_flags Array(Array(UInt32)),
    scope_spans_dropped_links_count Array(UInt32),
    scope_spans_status_message Array(String),
    scope_spans_status_code Array(Int32)
)
ENGINE = Null;
