"""Turn a bot's conversations into OpenTelemetry traces and log events."""
