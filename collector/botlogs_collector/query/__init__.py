"""The query API: one implementation behind HTTP and gRPC."""
