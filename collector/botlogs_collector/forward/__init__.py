"""Forwarding OTLP to other stacks: only what is live or released."""
