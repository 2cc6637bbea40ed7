package stacks;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.logs.Logger;
import io.opentelemetry.api.logs.Severity;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;

/**
 * A bot that knows the OpenTelemetry SDK of Java and nothing of Bot logs: one conversation of two turns, over gRPC or
 * HTTP as OTEL_EXPORTER_OTLP_PROTOCOL says. Its argument is the conversation's id.
 */
public final class Sender {
  private final Tracer tracer;
  private final Logger logger;
  private final Attributes names;

  private Sender(OpenTelemetrySdk sdk, String conversation) {
    tracer = sdk.getTracer("java-bot");
    logger = sdk.getLogsBridge().get("java-bot");
    names = Attributes.builder().put("gen_ai.conversation.id", conversation).put("bot.id", "java-bot").build();
  }

  public static void main(String[] arguments) {
    try (OpenTelemetrySdk sdk = AutoConfiguredOpenTelemetrySdk.initialize().getOpenTelemetrySdk()) { // OTEL_* variables
      new Sender(sdk, arguments[0]).talk();
    }
  }

  private void talk() {
    inSpan("conversation", names, () -> {
      takeTurn(1);
      takeTurn(2);
    });
  }

  private void takeTurn(long turn) {
    Attributes inTurn = names.toBuilder().put("bot.turn.index", turn).build();
    Attributes inNode = inTurn.toBuilder().put("bot.node.id", "ask").put("bot.node.type", "prompt").build();
    inSpan("turn", inTurn, () -> {
      emit(inTurn, "bot.message.user", "message " + turn);
      inSpan("ask", inNode, () -> emit(inTurn, "bot.message.bot", "answer " + turn));
    });
  }

  private void inSpan(String name, Attributes attributes, Runnable work) {
    Span span = tracer.spanBuilder(name).setAllAttributes(attributes).startSpan();
    try (Scope scope = span.makeCurrent()) {
      work.run();
    } finally {
      span.end();
    }
  }

  private void emit(Attributes attributes, String event, String body) {
    logger.logRecordBuilder().setEventName(event).setBody(body).setSeverity(Severity.INFO)
        .setAllAttributes(attributes).emit();
  }
}
