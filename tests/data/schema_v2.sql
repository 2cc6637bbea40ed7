CREATE DATABASE IF NOT EXISTS botlogs_ingest;

CREATE DATABASE IF NOT EXISTS botlogs_held;

CREATE DATABASE IF NOT EXISTS botlogs;

CREATE TABLE IF NOT EXISTS botlogs.schema_version
(
    Version UInt32,
    AppliedAt UInt64 COMMENT 'Unix ns'
)
ENGINE = MergeTree
ORDER BY Version;

CREATE TABLE IF NOT EXISTS botlogs.environments
(
    Name String,
    Environment LowCardinality(String),
    ReleaseDelay UInt64 COMMENT 'ns',
    IdleTimeout UInt64 COMMENT 'ns',
    MaxAge UInt64 COMMENT 'ns',
    Live Bool,
    Version UInt64 COMMENT 'Unix ns of the write',
    Removed UInt8 DEFAULT 0
)
ENGINE = ReplacingMergeTree(Version, Removed)
ORDER BY Name;

CREATE TABLE IF NOT EXISTS botlogs.channels
(
    Channel String,
    IdleTimeout UInt64 COMMENT 'ns',
    MaxAge UInt64 COMMENT 'ns',
    Version UInt64 COMMENT 'Unix ns of the write',
    Removed UInt8 DEFAULT 0
)
ENGINE = ReplacingMergeTree(Version, Removed)
ORDER BY Channel;

CREATE TABLE IF NOT EXISTS botlogs.routes
(
    Name String,
    Environment String COMMENT 'empty: no such environment',
    Live Bool
)
ENGINE = Join(ANY, LEFT, Name)
SETTINGS join_any_take_last_row = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS botlogs.routes_of_environments TO botlogs.routes AS
SELECT
    e.Name AS Name,
    argMax(if(e.Removed, '', e.Environment), e.Version) AS Environment,
    argMax(e.Live AND NOT e.Removed, e.Version) AS Live
FROM botlogs.environments AS e
GROUP BY Name;

CREATE TABLE IF NOT EXISTS botlogs_ingest.otlp_traces
(
    resource_spans Array(Tuple(
        resource Tuple(attributes Array(Tuple(key String, value Tuple(string_value String, bool_value Bool, int_value Int64, double_value Float64, bytes_value String, original String, value Enum8('absent' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'bytes_value' = 7)))), dropped_attributes_count UInt32),
        scope_spans Array(Tuple(
            scope Tuple(name String, version String, attributes Array(Tuple(key String, value Tuple(string_value String, bool_value Bool, int_value Int64, double_value Float64, bytes_value String, original String, value Enum8('absent' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'bytes_value' = 7)))), dropped_attributes_count UInt32),
            spans Array(Tuple(
                trace_id String, span_id String, trace_state String, parent_span_id String, flags UInt32,
                name String, kind Int32, start_time_unix_nano UInt64, end_time_unix_nano UInt64,
                attributes Array(Tuple(key String, value Tuple(string_value String, bool_value Bool, int_value Int64, double_value Float64, bytes_value String, original String, value Enum8('absent' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'bytes_value' = 7)))), dropped_attributes_count UInt32,
                events Array(Tuple(time_unix_nano UInt64, name String, attributes Array(Tuple(key String, value Tuple(string_value String, bool_value Bool, int_value Int64, double_value Float64, bytes_value String, original String, value Enum8('absent' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'bytes_value' = 7)))), dropped_attributes_count UInt32)),
                dropped_events_count UInt32,
                links Array(Tuple(trace_id String, span_id String, trace_state String, attributes Array(Tuple(key String, value Tuple(string_value String, bool_value Bool, int_value Int64, double_value Float64, bytes_value String, original String, value Enum8('absent' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'bytes_value' = 7)))), dropped_attributes_count UInt32, flags UInt32)),
                dropped_links_count UInt32,
                status Tuple(message String, code Int32)
            )),
            schema_url String
        )),
        schema_url String
    ))
)
ENGINE = Null;

CREATE TABLE IF NOT EXISTS botlogs_ingest.spans_of_scope
(
    received_unix_nano UInt64,
    schema_url String,
    resource_attributes Array(Tuple(key String, value Tuple(string_value String, bool_value Bool, int_value Int64, double_value Float64, bytes_value String, original String, value Enum8('absent' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'bytes_value' = 7)))),
    resource_dropped_attributes_count UInt32,
    scope_schema_url String,
    scope_scope_name String,
    scope_scope_version String,
    scope_scope_attributes Array(Tuple(key String, value Tuple(string_value String, bool_value Bool, int_value Int64, double_value Float64, bytes_value String, original String, value Enum8('absent' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'bytes_value' = 7)))),
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
    scope_spans_attributes Array(Array(Tuple(key String, value Tuple(string_value String, bool_value Bool, int_value Int64, double_value Float64, bytes_value String, original String, value Enum8('absent' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'bytes_value' = 7))))),
    scope_spans_dropped_attributes_count Array(UInt32),
    scope_spans_events_time_unix_nano Array(Array(UInt64)),
    scope_spans_events_name Array(Array(String)),
    scope_spans_events_attributes Array(Array(Array(Tuple(key String, value Tuple(string_value String, bool_value Bool, int_value Int64, double_value Float64, bytes_value String, original String, value Enum8('absent' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'bytes_value' = 7)))))),
    scope_spans_events_dropped_attributes_count Array(Array(UInt32)),
    scope_spans_dropped_events_count Array(UInt32),
    scope_spans_links_trace_id Array(Array(String)),
    scope_spans_links_span_id Array(Array(String)),
    scope_spans_links_trace_state Array(Array(String)),
    scope_spans_links_attributes Array(Array(Array(Tuple(key String, value Tuple(string_value String, bool_value Bool, int_value Int64, double_value Float64, bytes_value String, original String, value Enum8('absent' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'bytes_value' = 7)))))),
    scope_spans_links_dropped_attributes_count Array(Array(UInt32)),
    scope_spans_links_flags Array(Array(UInt32)),
    scope_spans_dropped_links_count Array(UInt32),
    scope_spans_status_message Array(String),
    scope_spans_status_code Array(Int32)
)
ENGINE = Null;

CREATE MATERIALIZED VIEW IF NOT EXISTS botlogs_ingest.otlp_traces_by_scope TO botlogs_ingest.spans_of_scope AS
WITH one.spans AS items
SELECT
    toUInt64(toUnixTimestamp64Nano(now64(9))) AS received_unix_nano,
    group.schema_url AS schema_url,
    group.resource.attributes AS resource_attributes,
    group.resource.dropped_attributes_count AS resource_dropped_attributes_count,
    one.schema_url AS scope_schema_url,
    one.scope.name AS scope_scope_name,
    one.scope.version AS scope_scope_version,
    one.scope.attributes AS scope_scope_attributes,
    one.scope.dropped_attributes_count AS scope_scope_dropped_attributes_count,
    items.trace_id AS scope_spans_trace_id,
    items.span_id AS scope_spans_span_id,
    items.trace_state AS scope_spans_trace_state,
    items.parent_span_id AS scope_spans_parent_span_id,
    items.flags AS scope_spans_flags,
    items.name AS scope_spans_name,
    items.kind AS scope_spans_kind,
    items.start_time_unix_nano AS scope_spans_start_time_unix_nano,
    items.end_time_unix_nano AS scope_spans_end_time_unix_nano,
    items.attributes AS scope_spans_attributes,
    items.dropped_attributes_count AS scope_spans_dropped_attributes_count,
    items.events.time_unix_nano AS scope_spans_events_time_unix_nano,
    items.events.name AS scope_spans_events_name,
    items.events.attributes AS scope_spans_events_attributes,
    items.events.dropped_attributes_count AS scope_spans_events_dropped_attributes_count,
    items.dropped_events_count AS scope_spans_dropped_events_count,
    items.links.trace_id AS scope_spans_links_trace_id,
    items.links.span_id AS scope_spans_links_span_id,
    items.links.trace_state AS scope_spans_links_trace_state,
    items.links.attributes AS scope_spans_links_attributes,
    items.links.dropped_attributes_count AS scope_spans_links_dropped_attributes_count,
    items.links.flags AS scope_spans_links_flags,
    items.dropped_links_count AS scope_spans_dropped_links_count,
    items.status.message AS scope_spans_status_message,
    items.status.code AS scope_spans_status_code
FROM
(
    SELECT resource_spans AS group FROM botlogs_ingest.otlp_traces ARRAY JOIN resource_spans
)
ARRAY JOIN group.scope_spans AS one;

CREATE TABLE IF NOT EXISTS botlogs_ingest.otel_traces
(
    Timestamp DateTime64(9),
    TraceId String,
    SpanId String,
    ParentSpanId String,
    TraceState String,
    SpanName LowCardinality(String),
    SpanKind LowCardinality(String),
    ServiceName LowCardinality(String),
    ResourceAttributes Map(LowCardinality(String), String),
    ScopeName String,
    ScopeVersion String,
    SpanAttributes Map(LowCardinality(String), String),
    Duration UInt64 COMMENT 'ns',
    StatusCode LowCardinality(String),
    StatusMessage String,
    `Events.Timestamp` Array(DateTime64(9)) CODEC(ZSTD(1)),
    `Events.Name` Array(LowCardinality(String)),
    `Events.Attributes` Array(Map(LowCardinality(String), String)),
    `Links.TraceId` Array(String),
    `Links.SpanId` Array(String),
    `Links.TraceState` Array(String),
    `Links.Attributes` Array(Map(LowCardinality(String), String)),

    TraceFlags UInt32,
    ResourceSchemaUrl LowCardinality(String),
    ScopeSchemaUrl LowCardinality(String),
    ScopeAttributes Map(LowCardinality(String), String),

    ResourceAttributeTypes Array(Enum8('absent' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'bytes_value' = 7)),
    ResourceAttributeOriginals Array(String),
    ScopeAttributeTypes Array(Enum8('absent' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'bytes_value' = 7)),
    ScopeAttributeOriginals Array(String),
    SpanAttributeTypes Array(Enum8('absent' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'bytes_value' = 7)),
    SpanAttributeOriginals Array(String),
    EventAttributeTypes Array(Array(Enum8('absent' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'bytes_value' = 7))),
    EventAttributeOriginals Array(Array(String)),
    LinkAttributeTypes Array(Array(Enum8('absent' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'bytes_value' = 7))),
    LinkAttributeOriginals Array(Array(String)),
    LinkFlags Array(UInt32),

    DroppedCounts Array(UInt32),
    EventDroppedCounts Array(UInt32),
    LinkDroppedCounts Array(UInt32),
    ReceivedAt DateTime64(9) DEFAULT now64(9),
    VisibleAt DateTime64(9) DEFAULT ReceivedAt COMMENT 'when readers could first see it: received if live, else released',
    Weight Float32 DEFAULT 1 COMMENT 'how many conversations this one stands for: multiply to estimate totals',
    Bytes UInt32 DEFAULT byteSize(SpanName, ResourceAttributes, SpanAttributes, Events.Name, Events.Attributes, StatusMessage),

    EnvironmentGiven LowCardinality(String) DEFAULT lower(if(ResourceAttributes['deployment.environment.name'] != '', ResourceAttributes['deployment.environment.name'], ResourceAttributes['deployment.environment'])),
    Environment LowCardinality(String) DEFAULT if(joinGet('botlogs.routes', 'Environment', toString(EnvironmentGiven)) != '', joinGet('botlogs.routes', 'Environment', toString(EnvironmentGiven)), joinGet('botlogs.routes', 'Environment', '')),
    Live Bool DEFAULT joinGet('botlogs.routes', 'Live', lower(Environment)) COMMENT 'readable at once; else it went into the hold',
    ConversationId String DEFAULT multiIf(SpanAttributes['gen_ai.conversation.id'] != '', SpanAttributes['gen_ai.conversation.id'], SpanAttributes['session.id'] != '', SpanAttributes['session.id'], ResourceAttributes['session.id']),
    BotId LowCardinality(String) DEFAULT if(SpanAttributes['bot.id'] != '', SpanAttributes['bot.id'], ResourceAttributes['bot.id']),
    Channel LowCardinality(String) DEFAULT SpanAttributes['bot.channel'],
    UserId String DEFAULT SpanAttributes['user.id'],
    FlowId LowCardinality(String) DEFAULT SpanAttributes['bot.flow.id'],
    FlowVersion LowCardinality(String) DEFAULT SpanAttributes['bot.flow.version'],
    NodeId LowCardinality(String) DEFAULT SpanAttributes['bot.node.id'],
    NodeName LowCardinality(String) DEFAULT SpanAttributes['bot.node.name'],
    NodeType LowCardinality(String) DEFAULT SpanAttributes['bot.node.type'],
    TurnIndex Int32 DEFAULT toInt32OrDefault(SpanAttributes['bot.turn.index'], -1::Int32)
)
ENGINE = Null;

CREATE MATERIALIZED VIEW IF NOT EXISTS botlogs_ingest.otlp_traces_flat TO botlogs_ingest.otel_traces AS
WITH
    v -> multiIf(v.value = 1, v.string_value, v.value = 3, toString(v.int_value), v.value = 2, toString(v.bool_value), v.value = 4, toString(v.double_value), base64Encode(v.bytes_value)) AS text,
    a -> CAST((a.key, arrayMap(text, a.value)), 'Map(LowCardinality(String), String)') AS attribute_map,
    toInt64(least(start_time_unix_nano, 9223372036854775807)) AS started,
    toInt64(least(end_time_unix_nano, 9223372036854775807)) AS ended
SELECT
    fromUnixTimestamp64Nano(started) AS Timestamp,
    lower(hex(trace_id)) AS TraceId,
    lower(hex(span_id)) AS SpanId,
    lower(hex(parent_span_id)) AS ParentSpanId,
    trace_state AS TraceState,
    name AS SpanName,
    transform(kind, [1, 2, 3, 4, 5], ['Internal', 'Server', 'Client', 'Producer', 'Consumer'], 'Unspecified') AS SpanKind,
    ResourceAttributes['service.name'] AS ServiceName,
    attribute_map(resource_attributes) AS ResourceAttributes,
    scope_scope_name AS ScopeName,
    scope_scope_version AS ScopeVersion,
    attribute_map(attributes) AS SpanAttributes,
    if(ended > started, ended - started, 0) AS Duration,
    transform(status_code, [1, 2], ['Ok', 'Error'], 'Unset') AS StatusCode,
    status_message AS StatusMessage,
    arrayMap(t -> fromUnixTimestamp64Nano(toInt64(least(t, 9223372036854775807))), events_time_unix_nano) AS `Events.Timestamp`,
    events_name AS `Events.Name`,
    arrayMap(attribute_map, events_attributes) AS `Events.Attributes`,
    arrayMap(t -> lower(hex(t)), links_trace_id) AS `Links.TraceId`,
    arrayMap(t -> lower(hex(t)), links_span_id) AS `Links.SpanId`,
    links_trace_state AS `Links.TraceState`,
    arrayMap(attribute_map, links_attributes) AS `Links.Attributes`,
    flags AS TraceFlags,
    schema_url AS ResourceSchemaUrl,
    scope_schema_url AS ScopeSchemaUrl,
    attribute_map(scope_scope_attributes) AS ScopeAttributes,
    resource_attributes.value.value AS ResourceAttributeTypes,
    resource_attributes.value.original AS ResourceAttributeOriginals,
    scope_scope_attributes.value.value AS ScopeAttributeTypes,
    scope_scope_attributes.value.original AS ScopeAttributeOriginals,
    attributes.value.value AS SpanAttributeTypes,
    attributes.value.original AS SpanAttributeOriginals,
    events_attributes.value.value AS EventAttributeTypes,
    events_attributes.value.original AS EventAttributeOriginals,
    links_attributes.value.value AS LinkAttributeTypes,
    links_attributes.value.original AS LinkAttributeOriginals,
    links_flags AS LinkFlags,
    [dropped_attributes_count, dropped_events_count, dropped_links_count, resource_dropped_attributes_count, scope_scope_dropped_attributes_count] AS DroppedCounts,
    events_dropped_attributes_count AS EventDroppedCounts,
    links_dropped_attributes_count AS LinkDroppedCounts,
    fromUnixTimestamp64Nano(toInt64(received_unix_nano)) AS ReceivedAt
FROM botlogs_ingest.spans_of_scope
ARRAY JOIN
    scope_spans_trace_id AS trace_id,
    scope_spans_span_id AS span_id,
    scope_spans_trace_state AS trace_state,
    scope_spans_parent_span_id AS parent_span_id,
    scope_spans_flags AS flags,
    scope_spans_name AS name,
    scope_spans_kind AS kind,
    scope_spans_start_time_unix_nano AS start_time_unix_nano,
    scope_spans_end_time_unix_nano AS end_time_unix_nano,
    scope_spans_attributes AS attributes,
    scope_spans_dropped_attributes_count AS dropped_attributes_count,
    scope_spans_events_time_unix_nano AS events_time_unix_nano,
    scope_spans_events_name AS events_name,
    scope_spans_events_attributes AS events_attributes,
    scope_spans_events_dropped_attributes_count AS events_dropped_attributes_count,
    scope_spans_dropped_events_count AS dropped_events_count,
    scope_spans_links_trace_id AS links_trace_id,
    scope_spans_links_span_id AS links_span_id,
    scope_spans_links_trace_state AS links_trace_state,
    scope_spans_links_attributes AS links_attributes,
    scope_spans_links_dropped_attributes_count AS links_dropped_attributes_count,
    scope_spans_links_flags AS links_flags,
    scope_spans_dropped_links_count AS dropped_links_count,
    scope_spans_status_message AS status_message,
    scope_spans_status_code AS status_code
WHERE length(trace_id) = 16 AND length(span_id) = 8 AND trace_id != unhex('00000000000000000000000000000000') AND span_id != unhex('0000000000000000');

CREATE TABLE IF NOT EXISTS botlogs_held.otel_traces AS botlogs_ingest.otel_traces
ENGINE = MergeTree
PARTITION BY toDate(ReceivedAt)
ORDER BY (TraceId, Timestamp)
TTL toDateTime(ReceivedAt) + toIntervalSecond(259200)
SETTINGS ttl_only_drop_parts = 1, merge_selector_base = 16, min_bytes_for_wide_part = 104857600, min_level_for_wide_part = 1, vertical_merge_algorithm_min_rows_to_activate = 65536, default_compression_codec = 'ZSTD(1)';

CREATE TABLE IF NOT EXISTS botlogs.otel_traces AS botlogs_ingest.otel_traces
ENGINE = ReplacingMergeTree
PARTITION BY toDate(ReceivedAt)
ORDER BY (TraceId, Timestamp, SpanId)
TTL toDateTime(VisibleAt) + toIntervalSecond(15552000)
SETTINGS ttl_only_drop_parts = 1, merge_selector_base = 16, min_bytes_for_wide_part = 104857600, min_level_for_wide_part = 1, vertical_merge_algorithm_min_rows_to_activate = 65536, default_compression_codec = 'ZSTD(1)', non_replicated_deduplication_window = 1000;

ALTER TABLE botlogs.otel_traces ADD INDEX IF NOT EXISTS visible VisibleAt TYPE minmax GRANULARITY 1024;

CREATE TABLE IF NOT EXISTS botlogs_held.batches
(
    BatchId String,
    ConversationKey String,
    TraceId String,
    After DateTime64(9),
    Upto DateTime64(9),
    VisibleAt DateTime64(9) COMMENT 'what the moved rows will say',
    Weight Float64,
    At DateTime64(9)
)
ENGINE = MergeTree
PARTITION BY toDate(At)
ORDER BY (BatchId, TraceId)
TTL toDateTime(At) + toIntervalSecond(259200)
SETTINGS ttl_only_drop_parts = 1;

CREATE TABLE IF NOT EXISTS botlogs_held.rate_state
(
    Name String,
    Level Float64,
    At Int64 COMMENT 'Unix ns',
    KeepUntil Int64 COMMENT 'Unix ns; after it the row says nothing that its absence does not say',
    Version UInt64,
    WrittenAt DateTime DEFAULT now() COMMENT 'no rate looks back further than a day'
)
ENGINE = ReplacingMergeTree(Version)
ORDER BY Name
TTL WrittenAt + INTERVAL 7 DAY;

CREATE TABLE IF NOT EXISTS botlogs_held.lease
(
    Holder String,
    ClaimedAt DateTime64(9) COMMENT 'of the first claim in a row, by the store''s clock',
    SeenAt DateTime64(9) DEFAULT now64(9),
    ExpiresAt DateTime64(9),
    Name LowCardinality(String) DEFAULT 'release'
)
ENGINE = MergeTree
ORDER BY SeenAt
TTL toDateTime(SeenAt) + INTERVAL 1 DAY;

CREATE TABLE IF NOT EXISTS botlogs.made_roots AS botlogs_ingest.otel_traces
ENGINE = ReplacingMergeTree
PARTITION BY toDate(ReceivedAt)
ORDER BY (TraceId, Timestamp, SpanId)
TTL toDateTime(VisibleAt) + toIntervalSecond(15552000)
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000;

CREATE TABLE IF NOT EXISTS botlogs.trace_state
(
    Day Date COMMENT 'of arrival',
    TraceId String,
    Live Bool,
    Environment SimpleAggregateFunction(max, String),
    EnvironmentGiven SimpleAggregateFunction(max, String),
    ConversationId SimpleAggregateFunction(max, String),
    BotId SimpleAggregateFunction(max, String),
    ServiceName SimpleAggregateFunction(max, String),
    Channel SimpleAggregateFunction(max, String),
    UserId SimpleAggregateFunction(max, String),
    FirstTimestamp SimpleAggregateFunction(min, DateTime64(9)),
    LastTimestamp SimpleAggregateFunction(max, DateTime64(9)),
    FirstReceivedAt SimpleAggregateFunction(min, DateTime64(9)),
    LastReceivedAt SimpleAggregateFunction(max, DateTime64(9)),
    EndReceivedAt SimpleAggregateFunction(max, DateTime64(9)) COMMENT 'of the newest end mark; 1970: none',
    Spans SimpleAggregateFunction(sum, UInt64),
    NodeActions SimpleAggregateFunction(sum, UInt64),
    LogEvents SimpleAggregateFunction(sum, UInt64),
    SpanEvents SimpleAggregateFunction(sum, UInt64) COMMENT 'those of LogEvents that came as events of spans',
    Errors SimpleAggregateFunction(sum, UInt64),
    Bytes SimpleAggregateFunction(sum, UInt64),
    Turns SimpleAggregateFunction(groupUniqArrayArray, Array(UInt64)) COMMENT 'hashes of span and number of each turn: workers may use one number twice',
    FlowIds SimpleAggregateFunction(groupUniqArrayArray, Array(String)),
    NodeIds SimpleAggregateFunction(groupUniqArrayArray, Array(String)),
    INDEX conversation ConversationId TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX trace TraceId TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(Day)
ORDER BY (Day, TraceId, Live)
TTL Day + toIntervalSecond(15552000)
SETTINGS merge_selector_base = 16, index_granularity = 512, default_compression_codec = 'ZSTD(1)';

CREATE TABLE IF NOT EXISTS botlogs.receipts
(
    ConversationKey String,
    Episode UInt32,
    Status Enum8('releasing' = 1, 'released' = 2, 'dropped' = 3, 'restoring' = 4, 'restored' = 5),
    BatchId String COMMENT 'which INSERT … SELECT moved it',
    ConversationId String,
    TraceIds Array(String),
    BotId LowCardinality(String),
    Environment LowCardinality(String),
    EnvironmentGiven Bool COMMENT 'false: it came without one and counted as the default',
    Channel LowCardinality(String),
    UserId String,
    StartedAt DateTime64(9),
    LastTimestamp DateTime64(9),
    EndedAt DateTime64(9),
    EndRule LowCardinality(String) COMMENT 'signal, idle, max_age',
    AvailableAt DateTime64(9) COMMENT 'the end plus the environment''s delay',
    ReleasedAt DateTime64(9) COMMENT 'when it became readable; 1970: never',
    AfterWatermark DateTime64(9) COMMENT 'rows received after this …',
    Watermark DateTime64(9) COMMENT '… and up to this belong to the episode',
    Decision LowCardinality(String) COMMENT 'keep, drop',
    DecidedBy String,
    Votes String COMMENT 'JSON: [{"policy", "vote", "because"}]',
    PoliciesHash String,
    Weight Float64 COMMENT 'how many conversations this one stands for',
    Turns UInt32,
    Spans UInt64,
    NodeActions UInt64,
    LogEvents UInt64,
    Errors UInt64,
    Bytes UInt64,
    LateRows UInt64 COMMENT 'arrived after the watermark and followed the decision',
    Complete Bool COMMENT 'false: the hold ended before all of it could be moved',
    DecidedAt DateTime64(9),
    Version UInt64
)
ENGINE = ReplacingMergeTree(Version)
PARTITION BY toYYYYMM(StartedAt)
ORDER BY (ConversationKey, Episode)
TTL toDateTime(DecidedAt) + toIntervalSecond(15552000)
SETTINGS default_compression_codec = 'ZSTD(1)', non_replicated_deduplication_window = 1000;

CREATE TABLE IF NOT EXISTS botlogs.grants
(
    GrantId String,
    BotId String COMMENT 'empty scopes match everything; set ones must all match',
    ConversationId String,
    UserId String,
    NodeId String,
    Environment String,
    FromAt DateTime64(9),
    UntilAt DateTime64(9),
    Reason String,
    GrantedBy String,
    RevokedBy String,
    Version UInt64
)
ENGINE = ReplacingMergeTree(Version)
ORDER BY GrantId;

CREATE TABLE IF NOT EXISTS botlogs.audit
(
    At DateTime64(9),
    Action LowCardinality(String),
    By String,
    Subject String COMMENT 'conversation, grant, …',
    Reason String,
    Detail String COMMENT 'JSON'
)
ENGINE = MergeTree
ORDER BY At
TTL toDateTime(At) + toIntervalSecond(15552000);

CREATE TABLE IF NOT EXISTS botlogs.flows
(
    FlowId String,
    FlowVersion String,
    BotId LowCardinality(String),
    Environment LowCardinality(String),
    Definition String COMMENT 'JSON: {"id", "name", "nodes": [{"id", "name", "type"}], "edges": [{"from", "to", "label"}]}',
    Learned Bool COMMENT 'edges seen at run time, not authored',
    SeenAt DateTime64(9)
)
ENGINE = ReplacingMergeTree(SeenAt)
ORDER BY (FlowId, FlowVersion, BotId, Environment);

CREATE TABLE IF NOT EXISTS botlogs.totals
(
    Hour DateTime,
    Environment LowCardinality(String),
    BotId LowCardinality(String),
    FlowId LowCardinality(String),
    NodeId LowCardinality(String),
    EventName LowCardinality(String) COMMENT 'of log events; empty for spans',
    Spans UInt64,
    LogEvents UInt64,
    Errors UInt64,
    Duration UInt64 COMMENT 'ns, all spans together',
    Bytes UInt64
)
ENGINE = SummingMergeTree
PARTITION BY toYYYYMM(Hour)
ORDER BY (Hour, Environment, BotId, FlowId, NodeId, EventName)
TTL Hour + toIntervalSecond(15552000)
SETTINGS merge_selector_base = 16;

CREATE TABLE IF NOT EXISTS botlogs.forward_cursors
(
    Endpoint String COMMENT 'its name in the configuration',
    Signal LowCardinality(String),
    FromAt DateTime64(9),
    UptoAt DateTime64(9),
    InWindow Bool COMMENT 'a window is under way and the key says how far',
    AfterTraceId String,
    AfterTimestamp DateTime64(9),
    AfterId String COMMENT 'of a span, or of a log record',
    Version UInt64 COMMENT 'Unix ns of the write'
)
ENGINE = ReplacingMergeTree(Version)
ORDER BY (Endpoint, Signal);

CREATE MATERIALIZED VIEW IF NOT EXISTS botlogs_ingest.held_traces TO botlogs_held.otel_traces AS
SELECT * FROM botlogs_ingest.otel_traces WHERE NOT Live;

CREATE MATERIALIZED VIEW IF NOT EXISTS botlogs_ingest.live_traces TO botlogs.otel_traces AS
SELECT * FROM botlogs_ingest.otel_traces WHERE Live;

CREATE MATERIALIZED VIEW IF NOT EXISTS botlogs_ingest.state_of_traces TO botlogs.trace_state AS
SELECT
    toDate(span.ReceivedAt) AS Day,
    span.TraceId AS TraceId,
    span.Live AS Live,
    max(span.Environment) AS Environment,
    max(span.EnvironmentGiven) AS EnvironmentGiven,
    max(span.ConversationId) AS ConversationId,
    max(span.BotId) AS BotId,
    max(span.ServiceName) AS ServiceName,
    max(span.Channel) AS Channel,
    max(span.UserId) AS UserId,
    min(span.Timestamp) AS FirstTimestamp,
    max(addNanoseconds(span.Timestamp, span.Duration)) AS LastTimestamp,
    min(span.ReceivedAt) AS FirstReceivedAt,
    max(span.ReceivedAt) AS LastReceivedAt,
    maxIf(span.ReceivedAt, span.ParentSpanId = '' AND (span.ConversationId = '' OR span.SpanName = 'conversation')) AS EndReceivedAt,
    count() AS Spans,
    countIf(span.NodeId != '') AS NodeActions,
    sum(length(span.`Events.Name`)) AS LogEvents,
    LogEvents AS SpanEvents,
    countIf(span.StatusCode = 'Error') AS Errors,
    sum(span.Bytes) AS Bytes,
    groupUniqArrayIf(sipHash64(span.SpanId, span.TurnIndex), span.SpanName = 'turn') AS Turns,
    groupUniqArrayIf(toString(span.FlowId), span.FlowId != '') AS FlowIds,
    groupUniqArrayIf(toString(span.NodeId), span.NodeId != '') AS NodeIds
FROM botlogs_ingest.otel_traces AS span
GROUP BY Day, TraceId, Live;

CREATE MATERIALIZED VIEW IF NOT EXISTS botlogs_ingest.totals_of_traces TO botlogs.totals AS
SELECT
    toStartOfHour(span.ReceivedAt) AS Hour,
    span.Environment AS Environment,
    span.BotId AS BotId,
    span.FlowId AS FlowId,
    span.NodeId AS NodeId,
    count() AS Spans,
    countIf(span.StatusCode = 'Error') AS Errors,
    sum(span.Duration) AS Duration,
    sum(span.Bytes) AS Bytes
FROM botlogs_ingest.otel_traces AS span
GROUP BY Hour, Environment, BotId, FlowId, NodeId;

CREATE TABLE IF NOT EXISTS botlogs_ingest.otlp_logs
(
    resource_logs Array(Tuple(
        resource Tuple(attributes Array(Tuple(key String, value Tuple(string_value String, bool_value Bool, int_value Int64, double_value Float64, bytes_value String, original String, value Enum8('absent' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'bytes_value' = 7)))), dropped_attributes_count UInt32),
        scope_logs Array(Tuple(
            scope Tuple(name String, version String, attributes Array(Tuple(key String, value Tuple(string_value String, bool_value Bool, int_value Int64, double_value Float64, bytes_value String, original String, value Enum8('absent' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'bytes_value' = 7)))), dropped_attributes_count UInt32),
            log_records Array(Tuple(
                time_unix_nano UInt64, observed_time_unix_nano UInt64, severity_number Int32, severity_text String,
                body Tuple(string_value String, bool_value Bool, int_value Int64, double_value Float64, bytes_value String, original String, value Enum8('absent' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'bytes_value' = 7)), attributes Array(Tuple(key String, value Tuple(string_value String, bool_value Bool, int_value Int64, double_value Float64, bytes_value String, original String, value Enum8('absent' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'bytes_value' = 7)))), dropped_attributes_count UInt32,
                flags UInt32, trace_id String, span_id String, event_name String
            )),
            schema_url String
        )),
        schema_url String
    ))
)
ENGINE = Null;

CREATE TABLE IF NOT EXISTS botlogs_ingest.logs_of_scope
(
    received_unix_nano UInt64,
    schema_url String,
    resource_attributes Array(Tuple(key String, value Tuple(string_value String, bool_value Bool, int_value Int64, double_value Float64, bytes_value String, original String, value Enum8('absent' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'bytes_value' = 7)))),
    resource_dropped_attributes_count UInt32,
    scope_schema_url String,
    scope_scope_name String,
    scope_scope_version String,
    scope_scope_attributes Array(Tuple(key String, value Tuple(string_value String, bool_value Bool, int_value Int64, double_value Float64, bytes_value String, original String, value Enum8('absent' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'bytes_value' = 7)))),
    scope_scope_dropped_attributes_count UInt32,
    scope_log_records_time_unix_nano Array(UInt64),
    scope_log_records_observed_time_unix_nano Array(UInt64),
    scope_log_records_severity_number Array(Int32),
    scope_log_records_severity_text Array(String),
    scope_log_records_body Array(Tuple(string_value String, bool_value Bool, int_value Int64, double_value Float64, bytes_value String, original String, value Enum8('absent' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'bytes_value' = 7))),
    scope_log_records_attributes Array(Array(Tuple(key String, value Tuple(string_value String, bool_value Bool, int_value Int64, double_value Float64, bytes_value String, original String, value Enum8('absent' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'bytes_value' = 7))))),
    scope_log_records_dropped_attributes_count Array(UInt32),
    scope_log_records_flags Array(UInt32),
    scope_log_records_trace_id Array(String),
    scope_log_records_span_id Array(String),
    scope_log_records_event_name Array(String)
)
ENGINE = Null;

CREATE MATERIALIZED VIEW IF NOT EXISTS botlogs_ingest.otlp_logs_by_scope TO botlogs_ingest.logs_of_scope AS
WITH one.log_records AS items
SELECT
    toUInt64(toUnixTimestamp64Nano(now64(9))) AS received_unix_nano,
    group.schema_url AS schema_url,
    group.resource.attributes AS resource_attributes,
    group.resource.dropped_attributes_count AS resource_dropped_attributes_count,
    one.schema_url AS scope_schema_url,
    one.scope.name AS scope_scope_name,
    one.scope.version AS scope_scope_version,
    one.scope.attributes AS scope_scope_attributes,
    one.scope.dropped_attributes_count AS scope_scope_dropped_attributes_count,
    items.time_unix_nano AS scope_log_records_time_unix_nano,
    items.observed_time_unix_nano AS scope_log_records_observed_time_unix_nano,
    items.severity_number AS scope_log_records_severity_number,
    items.severity_text AS scope_log_records_severity_text,
    items.body AS scope_log_records_body,
    items.attributes AS scope_log_records_attributes,
    items.dropped_attributes_count AS scope_log_records_dropped_attributes_count,
    items.flags AS scope_log_records_flags,
    items.trace_id AS scope_log_records_trace_id,
    items.span_id AS scope_log_records_span_id,
    items.event_name AS scope_log_records_event_name
FROM
(
    SELECT resource_logs AS group FROM botlogs_ingest.otlp_logs ARRAY JOIN resource_logs
)
ARRAY JOIN group.scope_logs AS one;

CREATE TABLE IF NOT EXISTS botlogs_ingest.otel_logs
(
    Timestamp DateTime64(9),
    TraceId String,
    SpanId String,
    TraceFlags UInt8,
    SeverityText LowCardinality(String),
    SeverityNumber UInt8,
    ServiceName LowCardinality(String),
    Body String,
    ResourceSchemaUrl LowCardinality(String),
    ResourceAttributes Map(LowCardinality(String), String),
    ScopeSchemaUrl LowCardinality(String),
    ScopeName String,
    ScopeVersion LowCardinality(String),
    ScopeAttributes Map(LowCardinality(String), String),
    LogAttributes Map(LowCardinality(String), String),
    EventName LowCardinality(String),

    ObservedTimestamp DateTime64(9) DEFAULT Timestamp,
    TimeGiven Bool DEFAULT true,
    Flags UInt32 DEFAULT TraceFlags,

    ResourceAttributeTypes Array(Enum8('absent' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'bytes_value' = 7)),
    ResourceAttributeOriginals Array(String),
    ScopeAttributeTypes Array(Enum8('absent' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'bytes_value' = 7)),
    ScopeAttributeOriginals Array(String),
    LogAttributeTypes Array(Enum8('absent' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'bytes_value' = 7)),
    LogAttributeOriginals Array(String),
    BodyType Enum8('absent' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'bytes_value' = 7) DEFAULT 'string_value',
    BodyOriginal String,

    DroppedCounts Array(UInt32),
    ReceivedAt DateTime64(9) DEFAULT now64(9),
    VisibleAt DateTime64(9) DEFAULT ReceivedAt COMMENT 'when readers could first see it: received if live, else released',
    Weight Float32 DEFAULT 1 COMMENT 'how many conversations this one stands for: multiply to estimate totals',
    Bytes UInt32 DEFAULT byteSize(Body, ResourceAttributes, LogAttributes, EventName),

    LogId UInt64 DEFAULT sipHash64(TraceId, SpanId, Timestamp, SeverityNumber, EventName, Body, LogAttributes, ScopeName),

    EnvironmentGiven LowCardinality(String) DEFAULT lower(if(ResourceAttributes['deployment.environment.name'] != '', ResourceAttributes['deployment.environment.name'], ResourceAttributes['deployment.environment'])),
    Environment LowCardinality(String) DEFAULT if(joinGet('botlogs.routes', 'Environment', toString(EnvironmentGiven)) != '', joinGet('botlogs.routes', 'Environment', toString(EnvironmentGiven)), joinGet('botlogs.routes', 'Environment', '')),
    Live Bool DEFAULT joinGet('botlogs.routes', 'Live', lower(Environment)) COMMENT 'readable at once; else it went into the hold',
    ConversationId String DEFAULT multiIf(LogAttributes['gen_ai.conversation.id'] != '', LogAttributes['gen_ai.conversation.id'], LogAttributes['session.id'] != '', LogAttributes['session.id'], ResourceAttributes['session.id']),
    BotId LowCardinality(String) DEFAULT if(LogAttributes['bot.id'] != '', LogAttributes['bot.id'], ResourceAttributes['bot.id']),
    Channel LowCardinality(String) DEFAULT LogAttributes['bot.channel'],
    UserId String DEFAULT LogAttributes['user.id'],
    FlowId LowCardinality(String) DEFAULT LogAttributes['bot.flow.id'],
    FlowVersion LowCardinality(String) DEFAULT LogAttributes['bot.flow.version'],
    NodeId LowCardinality(String) DEFAULT LogAttributes['bot.node.id'],
    NodeName LowCardinality(String) DEFAULT LogAttributes['bot.node.name'],
    NodeType LowCardinality(String) DEFAULT LogAttributes['bot.node.type'],
    TurnIndex Int32 DEFAULT toInt32OrDefault(LogAttributes['bot.turn.index'], -1::Int32)
)
ENGINE = Null;

CREATE MATERIALIZED VIEW IF NOT EXISTS botlogs_ingest.otlp_logs_flat TO botlogs_ingest.otel_logs AS
WITH
    v -> multiIf(v.value = 1, v.string_value, v.value = 3, toString(v.int_value), v.value = 2, toString(v.bool_value), v.value = 4, toString(v.double_value), base64Encode(v.bytes_value)) AS text,
    a -> CAST((a.key, arrayMap(text, a.value)), 'Map(LowCardinality(String), String)') AS attribute_map,
    if(LogAttributes['gen_ai.conversation.id'] != '', LogAttributes['gen_ai.conversation.id'], LogAttributes['session.id']) AS conversation
SELECT
    fromUnixTimestamp64Nano(toInt64(least(if(time_unix_nano = 0, observed_time_unix_nano, time_unix_nano), 9223372036854775807))) AS Timestamp,
    multiIf(trace_id != '' AND trace_id != unhex('00000000000000000000000000000000'), lower(hex(trace_id)), conversation != '', lower(hex(sipHash128(ResourceAttributes['deployment.environment.name'], LogAttributes['bot.id'], conversation))), '') AS TraceId,
    if(span_id = unhex('0000000000000000'), '', lower(hex(span_id))) AS SpanId,
    toUInt8(bitAnd(flags, 255)) AS TraceFlags,
    severity_text AS SeverityText,
    toUInt8(severity_number) AS SeverityNumber,
    ResourceAttributes['service.name'] AS ServiceName,
    text(body) AS Body,
    schema_url AS ResourceSchemaUrl,
    attribute_map(resource_attributes) AS ResourceAttributes,
    scope_schema_url AS ScopeSchemaUrl,
    scope_scope_name AS ScopeName,
    scope_scope_version AS ScopeVersion,
    attribute_map(scope_scope_attributes) AS ScopeAttributes,
    attribute_map(attributes) AS LogAttributes,
    event_name AS EventName,
    fromUnixTimestamp64Nano(toInt64(least(observed_time_unix_nano, 9223372036854775807))) AS ObservedTimestamp,
    time_unix_nano != 0 AS TimeGiven,
    flags AS Flags,
    resource_attributes.value.value AS ResourceAttributeTypes,
    resource_attributes.value.original AS ResourceAttributeOriginals,
    scope_scope_attributes.value.value AS ScopeAttributeTypes,
    scope_scope_attributes.value.original AS ScopeAttributeOriginals,
    attributes.value.value AS LogAttributeTypes,
    attributes.value.original AS LogAttributeOriginals,
    body.value AS BodyType,
    body.original AS BodyOriginal,
    [dropped_attributes_count, resource_dropped_attributes_count, scope_scope_dropped_attributes_count] AS DroppedCounts,
    fromUnixTimestamp64Nano(toInt64(received_unix_nano)) AS ReceivedAt
FROM botlogs_ingest.logs_of_scope
ARRAY JOIN
    scope_log_records_time_unix_nano AS time_unix_nano,
    scope_log_records_observed_time_unix_nano AS observed_time_unix_nano,
    scope_log_records_severity_number AS severity_number,
    scope_log_records_severity_text AS severity_text,
    scope_log_records_body AS body,
    scope_log_records_attributes AS attributes,
    scope_log_records_dropped_attributes_count AS dropped_attributes_count,
    scope_log_records_flags AS flags,
    scope_log_records_trace_id AS trace_id,
    scope_log_records_span_id AS span_id,
    scope_log_records_event_name AS event_name
WHERE length(trace_id) IN (0, 16) AND length(span_id) IN (0, 8);

CREATE TABLE IF NOT EXISTS botlogs_held.otel_logs AS botlogs_ingest.otel_logs
ENGINE = MergeTree
PARTITION BY toDate(ReceivedAt)
ORDER BY (TraceId, Timestamp)
TTL toDateTime(ReceivedAt) + toIntervalSecond(259200)
SETTINGS ttl_only_drop_parts = 1, merge_selector_base = 16, min_bytes_for_wide_part = 104857600, min_level_for_wide_part = 1, vertical_merge_algorithm_min_rows_to_activate = 65536, default_compression_codec = 'ZSTD(1)';

CREATE TABLE IF NOT EXISTS botlogs.otel_logs AS botlogs_ingest.otel_logs
ENGINE = ReplacingMergeTree
PARTITION BY toDate(ReceivedAt)
ORDER BY (TraceId, Timestamp, LogId)
TTL toDateTime(VisibleAt) + toIntervalSecond(15552000)
SETTINGS ttl_only_drop_parts = 1, merge_selector_base = 16, min_bytes_for_wide_part = 104857600, min_level_for_wide_part = 1, vertical_merge_algorithm_min_rows_to_activate = 65536, default_compression_codec = 'ZSTD(1)', non_replicated_deduplication_window = 1000;

ALTER TABLE botlogs.otel_logs ADD INDEX IF NOT EXISTS visible VisibleAt TYPE minmax GRANULARITY 1024;

CREATE MATERIALIZED VIEW IF NOT EXISTS botlogs_ingest.held_logs TO botlogs_held.otel_logs AS
SELECT * FROM botlogs_ingest.otel_logs WHERE NOT Live;

CREATE MATERIALIZED VIEW IF NOT EXISTS botlogs_ingest.live_logs TO botlogs.otel_logs AS
SELECT * FROM botlogs_ingest.otel_logs WHERE Live;

CREATE MATERIALIZED VIEW IF NOT EXISTS botlogs_ingest.state_of_logs TO botlogs.trace_state AS
SELECT
    toDate(record.ReceivedAt) AS Day,
    record.TraceId AS TraceId,
    record.Live AS Live,
    max(record.Environment) AS Environment,
    max(record.EnvironmentGiven) AS EnvironmentGiven,
    max(record.ConversationId) AS ConversationId,
    max(record.BotId) AS BotId,
    max(record.ServiceName) AS ServiceName,
    max(record.Channel) AS Channel,
    max(record.UserId) AS UserId,
    min(record.Timestamp) AS FirstTimestamp,
    max(record.Timestamp) AS LastTimestamp,
    min(record.ReceivedAt) AS FirstReceivedAt,
    max(record.ReceivedAt) AS LastReceivedAt,
    maxIf(record.ReceivedAt, record.EventName = 'bot.conversation.end') AS EndReceivedAt,
    count() AS LogEvents,
    countIf(record.SeverityNumber >= 17) AS Errors,
    sum(record.Bytes) AS Bytes,
    groupUniqArrayIf(sipHash64(if(record.SpanId = '', toString(record.LogId), record.SpanId), record.TurnIndex), record.EventName = 'bot.message.user') AS Turns,
    groupUniqArrayIf(toString(record.FlowId), record.FlowId != '') AS FlowIds,
    groupUniqArrayIf(toString(record.NodeId), record.NodeId != '') AS NodeIds
FROM botlogs_ingest.otel_logs AS record
WHERE record.TraceId != ''
GROUP BY Day, TraceId, Live;

CREATE MATERIALIZED VIEW IF NOT EXISTS botlogs_ingest.totals_of_logs TO botlogs.totals AS
SELECT
    toStartOfHour(record.ReceivedAt) AS Hour,
    record.Environment AS Environment,
    record.BotId AS BotId,
    record.FlowId AS FlowId,
    record.NodeId AS NodeId,
    record.EventName AS EventName,
    count() AS LogEvents,
    countIf(record.SeverityNumber >= 17) AS Errors,
    sum(record.Bytes) AS Bytes
FROM botlogs_ingest.otel_logs AS record
GROUP BY Hour, Environment, BotId, FlowId, NodeId, EventName;

CREATE MATERIALIZED VIEW IF NOT EXISTS botlogs.flow_definitions TO botlogs.flows AS
SELECT FlowId, FlowVersion, BotId, Environment, Body AS Definition, LogAttributes['bot.flow.learned'] = 'true' AS Learned, VisibleAt AS SeenAt
FROM botlogs.otel_logs
WHERE EventName = 'bot.flow.definition';

CREATE VIEW IF NOT EXISTS botlogs.conversation_state_of AS
WITH
    toInt64(30000000000) AS stragglers, -- ns: spans still arriving after an end mark do not resume the conversation
    toUnixTimestamp64Nano(LastReceivedAt) AS last_received,
    toUnixTimestamp64Nano(EndReceivedAt) AS end_received,
    toUnixTimestamp64Nano(receipt.Watermark) AS watermark,
    greatest(toUnixTimestamp64Nano(FirstReceivedAt), watermark) + toInt64(if(channel_age > 0, channel_age, environment_age)) AS age_end,
    end_received > watermark AND last_received <= end_received + stragglers AS signalled,
    if(signalled, end_received, last_received + toInt64(if(channel_idle > 0, channel_idle, environment_idle))) AS quiet_end
SELECT
    c.*,
    receipt.Episode AS ReceiptEpisode,
    receipt.Status AS ReceiptStatus,
    receipt.Decision AS ReceiptDecision,
    receipt.DecidedBy AS ReceiptDecidedBy,
    toUnixTimestamp64Nano(receipt_last) AS ReceiptLastUnixNano,
    watermark AS Watermark,
    receipt.Episode > 0 AND last_received <= watermark AS Settled,
    multiIf(Live, if(quiet_end <= {now_ns:Int64}, quiet_end, 0), Settled, toUnixTimestamp64Nano(receipt.EndedAt), least(quiet_end, age_end)) AS EndedUnixNano,
    multiIf(Live, if(quiet_end <= {now_ns:Int64}, if(signalled, 'signal', 'idle'), ''), Settled, toString(receipt.EndRule), quiet_end > age_end, 'max_age', signalled, 'signal', 'idle') AS EndRule,
    multiIf(Live, 0, Settled, toUnixTimestamp64Nano(receipt.AvailableAt), EndedUnixNano + toInt64(release_delay)) AS AvailableUnixNano,
    multiIf(
        Live, 'live',
        receipt.Status IN ('released', 'restored'), toString(receipt.Status),
        Settled AND receipt.Status = 'dropped', 'dropped',
        Settled OR EndedUnixNano <= {now_ns:Int64}, 'held',
        'ongoing') AS State
FROM
(
    SELECT
        if(t.ConversationId = '', t.TraceId, lower(hex(sipHash128(t.Environment, t.BotId, t.ConversationId)))) AS ConversationKey,
        any(t.ConversationId) AS ConversationId,
        any(t.Environment) AS Environment,
        any(t.BotId) AS BotId,
        max(t.Live) AS Live,
        groupArray(t.TraceId) AS TraceIds,
        argMin(t.TraceId, (t.FirstReceivedAt, t.TraceId)) AS TraceId,
        max(t.EnvironmentGiven) AS EnvironmentGiven,
        max(t.ServiceName) AS ServiceName,
        max(t.Channel) AS Channel,
        max(t.UserId) AS UserId,
        min(t.FirstTimestamp) AS FirstTimestamp,
        max(t.LastTimestamp) AS LastTimestamp,
        min(t.FirstReceivedAt) AS FirstReceivedAt,
        max(t.LastReceivedAt) AS LastReceivedAt,
        max(t.EndReceivedAt) AS EndReceivedAt,
        sum(t.Spans) AS Spans,
        sum(t.NodeActions) AS NodeActions,
        sum(t.LogEvents) AS LogEvents,
        sum(t.Errors) AS Errors,
        sum(t.Bytes) AS Bytes,
        length(groupUniqArrayArray(t.Turns)) AS Turns,
        groupUniqArrayArray(t.FlowIds) AS FlowIds,
        groupUniqArrayArray(t.NodeIds) AS NodeIds
    FROM
    (
        SELECT
            TraceId,
            max(s.Live) AS Live,
            argMax(s.Environment, s.Live) AS Environment,
            max(s.EnvironmentGiven) AS EnvironmentGiven,
            max(s.ConversationId) AS ConversationId,
            max(s.BotId) AS BotId,
            max(s.ServiceName) AS ServiceName,
            max(s.Channel) AS Channel,
            max(s.UserId) AS UserId,
            min(s.FirstTimestamp) AS FirstTimestamp,
            max(s.LastTimestamp) AS LastTimestamp,
            min(s.FirstReceivedAt) AS FirstReceivedAt,
            max(s.LastReceivedAt) AS LastReceivedAt,
            max(s.EndReceivedAt) AS EndReceivedAt,
            sum(s.Spans) AS Spans,
            sum(s.NodeActions) AS NodeActions,
            sum(s.LogEvents) AS LogEvents,
            sum(s.Errors) AS Errors,
            sum(s.Bytes) AS Bytes,
            groupUniqArrayArray(s.Turns) AS Turns,
            groupUniqArrayArray(s.FlowIds) AS FlowIds,
            groupUniqArrayArray(s.NodeIds) AS NodeIds
        FROM botlogs.trace_state AS s
        WHERE s.Day >= {since:Date} AND s.Live <= {include_live:UInt8}
            AND (empty({traces:Array(String)}) OR s.TraceId IN {traces:Array(String)})
        GROUP BY s.TraceId
    ) AS t
    GROUP BY ConversationKey
) AS c
LEFT ANY JOIN
(
    SELECT Name, ReleaseDelay AS release_delay, IdleTimeout AS environment_idle, MaxAge AS environment_age
    FROM botlogs.environments FINAL
) AS e ON e.Name = c.Environment
LEFT ANY JOIN
(
    SELECT Channel AS channel_name, IdleTimeout AS channel_idle, MaxAge AS channel_age
    FROM botlogs.channels FINAL
) AS ch ON ch.channel_name = c.Channel
LEFT ANY JOIN
(
    SELECT ConversationKey AS receipt_key, Episode, Status, Decision, DecidedBy, Watermark, LastTimestamp AS receipt_last, EndedAt, EndRule, AvailableAt
    FROM botlogs.receipts FINAL
    WHERE empty({keys:Array(String)}) OR ConversationKey IN {keys:Array(String)}
    ORDER BY Episode DESC
    LIMIT 1 BY receipt_key
) AS receipt ON receipt.receipt_key = c.ConversationKey;

CREATE VIEW IF NOT EXISTS botlogs.conversation_state AS
SELECT *
FROM botlogs.conversation_state_of(now_ns = {now_ns:Int64}, since = {since:Date}, include_live = {include_live:UInt8}, traces = [], keys = []);

CREATE VIEW IF NOT EXISTS botlogs.conversations AS
SELECT * FROM botlogs.conversation_state(now_ns = toUnixTimestamp64Nano(now64(9)), since = toDate('1970-01-01'), include_live = 1);

CREATE VIEW IF NOT EXISTS botlogs.timeline AS
SELECT
    Timestamp,
    if(EventName = '', 'log', toString(EventName)) AS Kind,
    Environment, BotId, ConversationId, TraceId, SpanId, TurnIndex,
    FlowId, FlowVersion, NodeId, NodeName, NodeType,
    toString(SeverityText) AS Severity,
    Body,
    LogAttributes AS Attributes,
    toUInt64(0) AS Duration,
    leftPad(lower(hex(LogId)), 16, '0') AS LogKey,
    VisibleAt
FROM botlogs.otel_logs FINAL
UNION ALL
SELECT
    Timestamp,
    'span' AS Kind,
    Environment, BotId, ConversationId, TraceId, SpanId, TurnIndex,
    FlowId, FlowVersion, NodeId, NodeName, NodeType,
    if(StatusCode = 'Error', 'ERROR', 'INFO') AS Severity,
    if(StatusMessage = '', toString(SpanName), concat(SpanName, ': ', StatusMessage)) AS Body,
    SpanAttributes AS Attributes,
    Duration,
    '' AS LogKey,
    VisibleAt
FROM botlogs.otel_traces FINAL
WHERE ScopeName != 'otel_botlogs'
UNION ALL
SELECT
    event.1 AS Timestamp,
    toString(event.2) AS Kind,
    Environment, BotId, ConversationId, TraceId, SpanId, TurnIndex,
    FlowId, FlowVersion, NodeId, NodeName, NodeType,
    if(Kind = 'exception', 'ERROR', 'INFO') AS Severity,
    event.3['exception.message'] AS Body,
    CAST(event.3, 'Map(LowCardinality(String), String)') AS Attributes,
    toUInt64(0) AS Duration,
    '' AS LogKey,
    VisibleAt
FROM botlogs.otel_traces FINAL
ARRAY JOIN arrayZip(`Events.Timestamp`, `Events.Name`, `Events.Attributes`) AS event;

CREATE VIEW IF NOT EXISTS botlogs.log_at AS
SELECT Timestamp, Kind, Severity, Body, Attributes, FlowId, NodeId, NodeName, NodeType, TurnIndex, TraceId, SpanId, LogKey
FROM botlogs.timeline
WHERE TraceId IN (
        SELECT TraceId FROM botlogs.trace_state
        WHERE TraceId = {conversation:String} OR ConversationId = {conversation:String})
    AND Timestamp = {ts:DateTime64(9)};

CREATE VIEW IF NOT EXISTS botlogs.node_at AS
SELECT NodeId, NodeName, NodeType, FlowId, FlowVersion, TurnIndex, StartedAt, nullIf(LeftAt, toDateTime64(0, 9)) AS EndedAt, TraceId, SpanId
FROM
(
    SELECT
        TraceId, SpanId,
        any(n.NodeId) AS NodeId, any(n.NodeName) AS NodeName, any(n.NodeType) AS NodeType,
        any(n.FlowId) AS FlowId, any(n.FlowVersion) AS FlowVersion, any(n.TurnIndex) AS TurnIndex,
        min(n.StartedAt) AS StartedAt,
        max(n.LeftAt) AS LeftAt
    FROM
    (
        SELECT TraceId, SpanId, NodeId, NodeName, NodeType, FlowId, FlowVersion, TurnIndex, Timestamp AS StartedAt, addNanoseconds(Timestamp, Duration) AS LeftAt
        FROM botlogs.otel_traces
        WHERE NodeId != '' AND TraceId IN (
            SELECT TraceId FROM botlogs.trace_state
            WHERE TraceId = {conversation:String} OR ConversationId = {conversation:String})
        UNION ALL
        SELECT TraceId, SpanId, NodeId, NodeName, NodeType, FlowId, FlowVersion, TurnIndex, Timestamp AS StartedAt, if(EventName = 'bot.node.exit', Timestamp, toDateTime64(0, 9)) AS LeftAt
        FROM botlogs.otel_logs
        WHERE EventName IN ('bot.node.enter', 'bot.node.exit') AND TraceId IN (
            SELECT TraceId FROM botlogs.trace_state
            WHERE TraceId = {conversation:String} OR ConversationId = {conversation:String})
    ) AS n
    GROUP BY TraceId, SpanId
)
WHERE StartedAt <= {ts:DateTime64(9)} AND (LeftAt = toDateTime64(0, 9) OR LeftAt >= {ts:DateTime64(9)})
ORDER BY StartedAt DESC, LeftAt
LIMIT 1;

