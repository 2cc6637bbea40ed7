-- One page of log records as OTLP: a row is a ResourceLogs with one scope; see forward_traces.sql. A trace id that
-- was made on arrival, for a record of a conversation without one (161_botlogs_ingest.otlp_logs_flat.sql), is left
-- out again: what goes out is what came in. Cost: 5 µs of CPU a record, all columns of the page.
WITH {lambdas}
SELECT
    (
        pairs(any(ResourceAttributes), any(ResourceAttributeTypes), any(ResourceAttributeOriginals)),
        any(DroppedCounts)[2]
    )::Tuple(attributes {key_values}, dropped_attributes_count UInt32) AS resource,
    [(
        (
            any(ScopeName), any(ScopeVersion),
            pairs(any(ScopeAttributes), any(ScopeAttributeTypes), any(ScopeAttributeOriginals)),
            any(DroppedCounts)[3]
        ),
        groupArray((
            if(TimeGiven, nanos(Timestamp), 0), nanos(ObservedTimestamp), SeverityNumber, SeverityText,
            tupleElement(pair('', Body, BodyType::Int8, BodyOriginal), 2),
            pairs(LogAttributes, LogAttributeTypes, LogAttributeOriginals), DroppedCounts[1], Flags,
            if(conversation != '' AND TraceId = lower(hex(sipHash128(ResourceAttributes['deployment.environment.name'], LogAttributes['bot.id'], conversation))), '', unhex(TraceId)),
            unhex(SpanId), EventName
        )),
        any(ScopeSchemaUrl)
    )]::Array(Tuple(
        scope Tuple(name String, version String, attributes {key_values}, dropped_attributes_count UInt32),
        log_records Array(Tuple(
            time_unix_nano UInt64, observed_time_unix_nano UInt64, severity_number Int32, severity_text String,
            body {any_value}, attributes {key_values}, dropped_attributes_count UInt32, flags UInt32,
            trace_id String, span_id String, event_name String
        )),
        schema_url String
    )) AS scope_logs,
    any(ResourceSchemaUrl) AS schema_url
FROM
(
    SELECT
        *,
        intDiv(rowNumberInAllBlocks(), {chunk:UInt32}) AS chunk,
        if(LogAttributes['gen_ai.conversation.id'] != '', LogAttributes['gen_ai.conversation.id'], LogAttributes['session.id']) AS conversation
    FROM
    (
        SELECT * FROM botlogs.otel_logs
        WHERE {window}
            AND TraceId <= {last_trace:String}
            AND (TraceId, Timestamp, LogId) <= ({last_trace:String}, fromUnixTimestamp64Nano({last_ns:Int64}), {last_id:UInt64})
        ORDER BY TraceId, Timestamp, LogId
        LIMIT 1 BY TraceId, Timestamp, LogId
    )
)
GROUP BY
    chunk,
    ResourceAttributes, ResourceAttributeTypes, ResourceAttributeOriginals, DroppedCounts[2], ResourceSchemaUrl,
    ScopeName, ScopeVersion, ScopeAttributes, ScopeAttributeTypes, ScopeAttributeOriginals, DroppedCounts[3], ScopeSchemaUrl
ORDER BY chunk
SETTINGS max_threads = 1, max_execution_time = 120
