"""Files of telemetry, written by other programs, sent to a running service over OTLP."""
