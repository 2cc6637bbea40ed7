"""The values that parts of the collector hand to one another."""
