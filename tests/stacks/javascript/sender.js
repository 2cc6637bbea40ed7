// A bot that knows the OpenTelemetry SDK of JavaScript and nothing of Bot logs: one conversation of two turns,
// over gRPC or HTTP as OTEL_EXPORTER_OTLP_PROTOCOL says. Its argument is the conversation's id.
import { setTimeout as thinking } from "node:timers/promises";
import { context, trace } from "@opentelemetry/api";
import { SeverityNumber } from "@opentelemetry/api-logs";
import { OTLPLogExporter as GrpcLogs } from "@opentelemetry/exporter-logs-otlp-grpc";
import { OTLPLogExporter as HttpLogs } from "@opentelemetry/exporter-logs-otlp-proto";
import { OTLPTraceExporter as GrpcSpans } from "@opentelemetry/exporter-trace-otlp-grpc";
import { OTLPTraceExporter as HttpSpans } from "@opentelemetry/exporter-trace-otlp-proto";
import { detectResources, envDetector } from "@opentelemetry/resources";
import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";

const conversation = process.argv[2];
const overGrpc = process.env.OTEL_EXPORTER_OTLP_PROTOCOL === "grpc";
const resource = detectResources({ detectors: [envDetector] }); // OTEL_RESOURCE_ATTRIBUTES

const tracing = new NodeTracerProvider({
  resource,
  spanProcessors: [new BatchSpanProcessor(overGrpc ? new GrpcSpans() : new HttpSpans())],
});
tracing.register(); // and with it, that a span is the parent of what is made inside it
const logging = new LoggerProvider({
  resource,
  processors: [new BatchLogRecordProcessor({ exporter: overGrpc ? new GrpcLogs() : new HttpLogs() })],
});
const tracer = trace.getTracer("javascript-bot");
const logger = logging.getLogger("javascript-bot");

const names = { "gen_ai.conversation.id": conversation, "bot.id": "javascript-bot" };

// This SDK tells the time of log records in milliseconds: what is said within one has no order.
const THOUGHT_MS = 3;

await tracer.startActiveSpan("conversation", { attributes: names }, async (root) => {
  for (const turn of [1, 2]) await takeTurn(turn);
  root.end();
});
await tracing.shutdown();
await logging.shutdown();

async function takeTurn(turn) {
  const inTurn = { ...names, "bot.turn.index": turn };
  await tracer.startActiveSpan("turn", { attributes: inTurn }, async (span) => {
    emit(inTurn, "bot.message.user", `message ${turn}`);
    await thinking(THOUGHT_MS);
    const inNode = { ...inTurn, "bot.node.id": "ask", "bot.node.type": "prompt" };
    await tracer.startActiveSpan("ask", { attributes: inNode }, async (node) => {
      emit(inTurn, "bot.message.bot", `answer ${turn}`);
      await thinking(THOUGHT_MS);
      node.end();
    });
    span.end();
  });
}

function emit(attributes, eventName, body) {
  logger.emit({ eventName, body, attributes, severityNumber: SeverityNumber.INFO, context: context.active() });
}
