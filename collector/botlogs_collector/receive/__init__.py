"""OTLP over gRPC and HTTP, from the socket to a durable commit."""
