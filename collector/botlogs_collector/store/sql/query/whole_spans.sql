-- Spans of some traces with everything that OTLP says, for forwarding and export; each once. Maps come as keys
-- and values, since their order is that of the types. Cost: all columns of the traces' granules.
SELECT
    toUnixTimestamp64Nano(Timestamp) AS Start,
    TraceId, SpanId, ParentSpanId, TraceState, toString(SpanName) AS Name, toString(SpanKind) AS Kind,
    Duration, toString(StatusCode) AS Status, StatusMessage, TraceFlags,
    toString(ResourceSchemaUrl) AS ResourceSchema, toString(ScopeSchemaUrl) AS ScopeSchema, ScopeName, toString(ScopeVersion) AS ScopeVersionText,
    mapKeys(ResourceAttributes) AS ResourceKeys, mapValues(ResourceAttributes) AS ResourceValues,
    ResourceAttributeTypes AS ResourceTypes, arrayMap(base64Encode, ResourceAttributeOriginals) AS ResourceOriginals,
    mapKeys(ScopeAttributes) AS ScopeKeys, mapValues(ScopeAttributes) AS ScopeValues,
    ScopeAttributeTypes AS ScopeTypes, arrayMap(base64Encode, ScopeAttributeOriginals) AS ScopeOriginals,
    mapKeys(SpanAttributes) AS Keys, mapValues(SpanAttributes) AS Values,
    SpanAttributeTypes AS Types, arrayMap(base64Encode, SpanAttributeOriginals) AS Originals,
    arrayMap(t -> toUnixTimestamp64Nano(t), `Events.Timestamp`) AS EventTimes, `Events.Name` AS EventNames,
    arrayMap(a -> mapKeys(a), `Events.Attributes`) AS EventKeys, arrayMap(a -> mapValues(a), `Events.Attributes`) AS EventValues,
    EventAttributeTypes AS EventTypes, arrayMap(o -> arrayMap(base64Encode, o), EventAttributeOriginals) AS EventOriginals,
    `Links.TraceId` AS LinkTraceIds, `Links.SpanId` AS LinkSpanIds, `Links.TraceState` AS LinkStates, LinkFlags,
    arrayMap(a -> mapKeys(a), `Links.Attributes`) AS LinkKeys, arrayMap(a -> mapValues(a), `Links.Attributes`) AS LinkValues,
    LinkAttributeTypes AS LinkTypes, arrayMap(o -> arrayMap(base64Encode, o), LinkAttributeOriginals) AS LinkOriginals,
    DroppedCounts, EventDroppedCounts, LinkDroppedCounts
FROM botlogs.otel_traces
WHERE TraceId IN {traces:Array(String)}
    AND ReceivedAt BETWEEN fromUnixTimestamp64Nano({received_from:Int64}) AND fromUnixTimestamp64Nano({received_to:Int64})
ORDER BY Timestamp, SpanId
LIMIT 1 BY TraceId, SpanId
LIMIT {limit:UInt32}
SETTINGS max_execution_time = 10
