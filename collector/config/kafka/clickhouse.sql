-- (d) Kafka to Bot logs inside ClickHouse: OpenTelemetry Collector -> Kafka (../otelcol-to-kafka.yaml) -> here. No Python on
-- the path. For a ClickHouse server whose Bot logs schema is made (`botlogs migrate`); run it once, on each server that
-- shall read. The two schema files of the messages must lie in the server's format_schema_path, as botlogs_traces.proto
-- and botlogs_logs.proto:
--   botlogs ddl --protobuf traces > /var/lib/clickhouse/format_schemas/botlogs_traces.proto
--   botlogs ddl --protobuf logs   > /var/lib/clickhouse/format_schemas/botlogs_logs.proto
-- Kafka delivers at least once: what comes twice is shown once. Arrays and maps in attributes are lost here (the
-- engine's Protobuf reader cannot recurse); where they matter, let the OpenTelemetry Collector send to Bot logs instead.

-- What could not be read: the reason and the record, for a month.
CREATE TABLE IF NOT EXISTS botlogs_ingest.kafka_refused
(
    At DateTime64(3) DEFAULT now64(3),
    Topic LowCardinality(String),
    Partition UInt64,
    Offset UInt64,
    Error String,
    Record String
)
ENGINE = MergeTree
ORDER BY At
TTL toDateTime(At) + toIntervalDay(30);

CREATE TABLE IF NOT EXISTS botlogs_ingest.kafka_traces AS botlogs_ingest.otlp_traces
ENGINE = Kafka
SETTINGS
    kafka_broker_list = '127.0.0.1:9092',
    kafka_topic_list = 'otlp_spans',
    kafka_group_name = 'botlogs',
    -- One ExportTraceServiceRequest a record, without a length before it.
    kafka_format = 'ProtobufSingle',
    kafka_schema = 'botlogs_traces:TracesRequest',
    -- An attribute that is 0, false or '' is told from one that has no value.
    input_format_protobuf_oneof_presence = 1,
    -- A record that cannot be read goes to kafka_refused; without this it would stop the topic.
    kafka_handle_error_mode = 'stream',
    kafka_num_consumers = 1,
    -- A commit of the views costs 25 to 45 ms however small it is.
    kafka_max_block_size = 1000,
    kafka_flush_interval_ms = 1000;

CREATE MATERIALIZED VIEW IF NOT EXISTS botlogs_ingest.kafka_traces_read TO botlogs_ingest.otlp_traces AS
SELECT resource_spans FROM botlogs_ingest.kafka_traces WHERE _error = '';

CREATE MATERIALIZED VIEW IF NOT EXISTS botlogs_ingest.kafka_traces_refused TO botlogs_ingest.kafka_refused AS
SELECT _topic AS Topic, _partition AS Partition, _offset AS Offset, _error AS Error, _raw_message AS Record
FROM botlogs_ingest.kafka_traces WHERE _error != '';

CREATE TABLE IF NOT EXISTS botlogs_ingest.kafka_logs AS botlogs_ingest.otlp_logs
ENGINE = Kafka
SETTINGS
    kafka_broker_list = '127.0.0.1:9092',
    kafka_topic_list = 'otlp_logs',
    kafka_group_name = 'botlogs',
    kafka_format = 'ProtobufSingle',
    kafka_schema = 'botlogs_logs:LogsRequest',
    input_format_protobuf_oneof_presence = 1,
    kafka_handle_error_mode = 'stream',
    kafka_num_consumers = 1,
    kafka_max_block_size = 1000,
    kafka_flush_interval_ms = 1000;

CREATE MATERIALIZED VIEW IF NOT EXISTS botlogs_ingest.kafka_logs_read TO botlogs_ingest.otlp_logs AS
SELECT resource_logs FROM botlogs_ingest.kafka_logs WHERE _error = '';

CREATE MATERIALIZED VIEW IF NOT EXISTS botlogs_ingest.kafka_logs_refused TO botlogs_ingest.kafka_refused AS
SELECT _topic AS Topic, _partition AS Partition, _offset AS Offset, _error AS Error, _raw_message AS Record
FROM botlogs_ingest.kafka_logs WHERE _error != '';
