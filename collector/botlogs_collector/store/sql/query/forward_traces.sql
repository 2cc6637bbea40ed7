-- One page of spans as OTLP: a row is a ResourceSpans with one scope, written with FORMAT ProtobufList, so that what
-- comes out is an ExportTraceServiceRequest (proto/botlogs/v1/forward.proto). No span is ever a Python object.
-- Nullable members of a Protobuf oneof are written when they are not null, zeros too: types come out as they came in.
-- What other exporters wrote has no types and comes out as text. Cost: 10 µs of CPU a span, all columns of the page.
-- The trace state of sampled conversations says their weight as `ot=th:T` (OpenTelemetry, TraceState: Probability
-- Sampling): T = (1 - p) * 2^56 in up to 14 hex digits, trailing zeros left out; 1/p is the weight times what an earlier
-- `th` says. Our sampling does not look at the trace's randomness R, and R < T reads as a mistake: there an `rv`
-- is set, spread evenly over what T lets pass, the same for all spans of a trace. All other members stay; `ot` goes first.
WITH {lambdas}
SELECT
    (
        pairs(any(ResourceAttributes), any(ResourceAttributeTypes), any(ResourceAttributeOriginals)),
        any(DroppedCounts)[4]
    )::Tuple(attributes {key_values}, dropped_attributes_count UInt32) AS resource,
    [(
        (
            any(ScopeName), any(ScopeVersion),
            pairs(any(ScopeAttributes), any(ScopeAttributeTypes), any(ScopeAttributeOriginals)),
            any(DroppedCounts)[5]
        ),
        groupArray((
            unhex(TraceId), unhex(SpanId), state, unhex(ParentSpanId), TraceFlags, SpanName,
            transform(SpanKind, ['Internal', 'Server', 'Client', 'Producer', 'Consumer'], [1, 2, 3, 4, 5], 0),
            nanos(Timestamp), nanos(Timestamp) + Duration,
            pairs(SpanAttributes, SpanAttributeTypes, SpanAttributeOriginals), DroppedCounts[1],
            arrayMap((time, name, map, types, originals, dropped) -> (nanos(time), name, pairs(map, types, originals), dropped),
                `Events.Timestamp`, `Events.Name`, `Events.Attributes`, arrayResize(EventAttributeTypes, length(`Events.Name`)),
                arrayResize(EventAttributeOriginals, length(`Events.Name`)), arrayResize(EventDroppedCounts, length(`Events.Name`))),
            DroppedCounts[2],
            arrayMap((trace, span, state, map, types, originals, dropped, flags) ->
                    (unhex(trace), unhex(span), state, pairs(map, types, originals), dropped, flags),
                `Links.TraceId`, `Links.SpanId`, `Links.TraceState`, `Links.Attributes`, arrayResize(LinkAttributeTypes, length(`Links.TraceId`)),
                arrayResize(LinkAttributeOriginals, length(`Links.TraceId`)), arrayResize(LinkDroppedCounts, length(`Links.TraceId`)),
                arrayResize(LinkFlags, length(`Links.TraceId`))),
            DroppedCounts[3],
            (StatusMessage, transform(StatusCode, ['Ok', 'Error', 'STATUS_CODE_OK', 'STATUS_CODE_ERROR'], [1, 2, 1, 2], 0))
        )),
        any(ScopeSchemaUrl)
    )]::Array(Tuple(
        scope Tuple(name String, version String, attributes {key_values}, dropped_attributes_count UInt32),
        spans Array(Tuple(
            trace_id String, span_id String, trace_state String, parent_span_id String, flags UInt32, name String,
            kind Int32, start_time_unix_nano UInt64, end_time_unix_nano UInt64,
            attributes {key_values}, dropped_attributes_count UInt32,
            events Array(Tuple(time_unix_nano UInt64, name String, attributes {key_values}, dropped_attributes_count UInt32)),
            dropped_events_count UInt32,
            links Array(Tuple(trace_id String, span_id String, trace_state String, attributes {key_values}, dropped_attributes_count UInt32, flags UInt32)),
            dropped_links_count UInt32,
            status Tuple(message String, code Int32)
        )),
        schema_url String
    )) AS scope_spans,
    any(ResourceSchemaUrl) AS schema_url
FROM
(
    SELECT
        *,
        TraceState AS state, -- if plain
        arrayFilter(member -> member != '', arrayMap(member -> trimBoth(member), splitByChar(',', TraceState))) AS members, -- if weighted
        arrayFilter(field -> field != '', splitByChar(';', substring(arrayFirst(member -> startsWith(member, 'ot='), members), 4))) AS fields, -- if weighted
        extract(arrayFirst(field -> startsWith(field, 'th:'), fields), '^th:([0-9a-f]{1,14})$') AS th, -- if weighted
        extract(arrayFirst(field -> startsWith(field, 'rv:'), fields), '^rv:([0-9a-f]{14})$') AS rv, -- if weighted
        1 - reinterpretAsUInt64(reverse(unhex(rightPad(th, 14, '0')))) / 72057594037927936 AS chance, -- if weighted
        toUInt64(round((1 - chance / greatest(Weight, 1)) * 72057594037927936)) AS bound, -- if weighted
        reinterpretAsUInt64(reverse(unhex(if(rv != '', rv, right(TraceId, 14))))) AS random, -- if weighted
        concat('th:', replaceRegexpOne(leftPad(lower(hex(bound)), 14, '0'), '(.)0+$', '\\1')) AS new_th, -- if weighted
        concat('rv:', leftPad(lower(hex(bound + random % (72057594037927936 - bound))), 14, '0')) AS new_rv, -- if weighted
        arrayFilter(field -> NOT startsWith(field, 'th:') AND NOT (random < bound AND startsWith(field, 'rv:')), fields) AS kept, -- if weighted
        concat('ot=', arrayStringConcat(arrayConcat([new_th], kept, if(random < bound, [new_rv], [])), ';')) AS ot, -- if weighted
        arraySlice(arrayFilter(member -> NOT startsWith(member, 'ot='), members), 1, 31) AS others, -- if weighted
        if(Weight > 1, arrayStringConcat(arrayConcat([ot], others), ','), TraceState) AS state, -- if weighted
        intDiv(rowNumberInAllBlocks(), {chunk:UInt32}) AS chunk
    FROM
    (
        SELECT * FROM botlogs.otel_traces -- if unmade
        SELECT * FROM merge('botlogs', '^(otel_traces|made_roots)$') -- if made
        WHERE {window}
            AND TraceId <= {last_trace:String}
            AND (TraceId, Timestamp, SpanId) <= ({last_trace:String}, fromUnixTimestamp64Nano({last_ns:Int64}), {last_id:String})
        ORDER BY TraceId, Timestamp, SpanId
        LIMIT 1 BY TraceId, Timestamp, SpanId
    )
)
GROUP BY
    chunk,
    ResourceAttributes, ResourceAttributeTypes, ResourceAttributeOriginals, DroppedCounts[4], ResourceSchemaUrl,
    ScopeName, ScopeVersion, ScopeAttributes, ScopeAttributeTypes, ScopeAttributeOriginals, DroppedCounts[5], ScopeSchemaUrl
ORDER BY chunk
SETTINGS max_threads = 1, max_execution_time = 120
