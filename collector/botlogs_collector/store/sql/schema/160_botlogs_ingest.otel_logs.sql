-- Flattened log records on their way in; stores nothing. The first 16 columns are the insert columns of the
-- OpenTelemetry ClickHouse exporter (EventName included), so that any exporter can insert here.
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
    -- What OTLP says beyond the exporter's columns. Timestamp falls back to ObservedTimestamp; TimeGiven tells.
    ObservedTimestamp DateTime64(9) DEFAULT Timestamp,
    TimeGiven Bool DEFAULT true,
    Flags UInt32 DEFAULT TraceFlags,
    -- The type of each attribute, in the order of the map; and, for nested values alone, the AnyValue as it came.
    ResourceAttributeTypes Array({any_type}),
    ResourceAttributeOriginals Array(String),
    ScopeAttributeTypes Array({any_type}),
    ScopeAttributeOriginals Array(String),
    LogAttributeTypes Array({any_type}),
    LogAttributeOriginals Array(String),
    BodyType {any_type} DEFAULT 'string_value',
    BodyOriginal String,
    -- Dropped by the sender: attributes of the record, the resource, the scope.
    DroppedCounts Array(UInt32),
    ReceivedAt DateTime64(9) DEFAULT now64(9),
    VisibleAt DateTime64(9) DEFAULT ReceivedAt COMMENT 'when readers could first see it: received if live, else released',
    Weight Float32 DEFAULT 1 COMMENT 'how many conversations this one stands for: multiply to estimate totals',
    Bytes UInt32 DEFAULT byteSize(Body, ResourceAttributes, LogAttributes, EventName),
    -- Identity: the same record sent twice is one.
    LogId UInt64 DEFAULT sipHash64(TraceId, SpanId, Timestamp, SeverityNumber, EventName, Body, LogAttributes, ScopeName),
    -- Promoted attributes. An unknown environment counts as the default one, the route with the empty name.
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
