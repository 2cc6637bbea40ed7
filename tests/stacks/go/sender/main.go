// A bot that knows the OpenTelemetry SDK of Go and nothing of Bot logs: one conversation of two turns,
// over gRPC or HTTP as OTEL_EXPORTER_OTLP_PROTOCOL says. Its argument is the conversation's id.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploggrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	otellog "go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

func main() {
	if err := run(context.Background(), os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, conversation string) error {
	spans, logs, err := exporters(ctx)
	if err != nil {
		return err
	}
	res, err := resource.New(ctx, resource.WithFromEnv()) // OTEL_RESOURCE_ATTRIBUTES
	if err != nil {
		return err
	}
	tracing := sdktrace.NewTracerProvider(sdktrace.WithBatcher(spans), sdktrace.WithResource(res))
	logging := sdklog.NewLoggerProvider(
		sdklog.WithProcessor(sdklog.NewBatchProcessor(logs)), sdklog.WithResource(res),
	)
	talk(ctx, tracing.Tracer("go-bot"), logging.Logger("go-bot"), conversation)
	if err := tracing.Shutdown(ctx); err != nil {
		return err
	}
	return logging.Shutdown(ctx)
}

func exporters(ctx context.Context) (sdktrace.SpanExporter, sdklog.Exporter, error) {
	if os.Getenv("OTEL_EXPORTER_OTLP_PROTOCOL") == "grpc" {
		spans, err := otlptrace.New(ctx, otlptracegrpc.NewClient())
		if err != nil {
			return nil, nil, err
		}
		logs, err := otlploggrpc.New(ctx)
		return spans, logs, err
	}
	spans, err := otlptrace.New(ctx, otlptracehttp.NewClient())
	if err != nil {
		return nil, nil, err
	}
	logs, err := otlploghttp.New(ctx)
	return spans, logs, err
}

func talk(ctx context.Context, tracer trace.Tracer, logger otellog.Logger, conversation string) {
	id := attribute.String("gen_ai.conversation.id", conversation)
	bot := attribute.String("bot.id", "go-bot")
	ctx, root := tracer.Start(ctx, "conversation", trace.WithAttributes(id, bot))
	for turn := 1; turn <= 2; turn++ {
		index := attribute.Int("bot.turn.index", turn)
		inTurn, span := tracer.Start(ctx, "turn", trace.WithAttributes(id, bot, index))
		emit(inTurn, logger, conversation, turn, "bot.message.user", fmt.Sprintf("message %d", turn))
		inNode, node := tracer.Start(inTurn, "ask", trace.WithAttributes(
			id, bot, index, attribute.String("bot.node.id", "ask"), attribute.String("bot.node.type", "prompt"),
		))
		emit(inNode, logger, conversation, turn, "bot.message.bot", fmt.Sprintf("answer %d", turn))
		node.End()
		span.End()
	}
	root.End()
}

func emit(ctx context.Context, logger otellog.Logger, conversation string, turn int, event, body string) {
	var record otellog.Record
	record.SetEventName(event)
	record.SetBody(attribute.StringValue(body))
	record.SetSeverity(otellog.SeverityInfo)
	record.AddAttributes(
		attribute.String("gen_ai.conversation.id", conversation), attribute.String("bot.id", "go-bot"),
		attribute.Int("bot.turn.index", turn),
	)
	logger.Emit(ctx, record)
}
