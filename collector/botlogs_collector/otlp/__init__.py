"""OTLP as bytes: checked, nested values turned into text, encoded again for those who ask."""
