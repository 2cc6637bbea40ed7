-- Log records of some traces with everything that OTLP says, for forwarding and export; each once. Maps come as
-- keys and values, since their order is that of the types. Cost: all columns of the traces' granules.
SELECT
    toUnixTimestamp64Nano(Timestamp) AS Time,
    toUnixTimestamp64Nano(ObservedTimestamp) AS Observed,
    TimeGiven, TraceId, SpanId, toString(SeverityText) AS Severity, SeverityNumber, toString(EventName) AS Event, Flags,
    Body, toString(BodyType) AS BodyKind, base64Encode(BodyOriginal) AS BodyWhole,
    toString(ResourceSchemaUrl) AS ResourceSchema, toString(ScopeSchemaUrl) AS ScopeSchema, ScopeName, toString(ScopeVersion) AS ScopeVersionText,
    mapKeys(ResourceAttributes) AS ResourceKeys, mapValues(ResourceAttributes) AS ResourceValues,
    ResourceAttributeTypes AS ResourceTypes, arrayMap(base64Encode, ResourceAttributeOriginals) AS ResourceOriginals,
    mapKeys(ScopeAttributes) AS ScopeKeys, mapValues(ScopeAttributes) AS ScopeValues,
    ScopeAttributeTypes AS ScopeTypes, arrayMap(base64Encode, ScopeAttributeOriginals) AS ScopeOriginals,
    mapKeys(LogAttributes) AS Keys, mapValues(LogAttributes) AS Values,
    LogAttributeTypes AS Types, arrayMap(base64Encode, LogAttributeOriginals) AS Originals,
    DroppedCounts
FROM botlogs.otel_logs
WHERE TraceId IN {traces:Array(String)}
    AND ReceivedAt BETWEEN fromUnixTimestamp64Nano({received_from:Int64}) AND fromUnixTimestamp64Nano({received_to:Int64})
ORDER BY Timestamp, LogId
LIMIT 1 BY TraceId, LogId
LIMIT {limit:UInt32}
SETTINGS max_execution_time = 10
