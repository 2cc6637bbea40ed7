"""Auto-instrumentation: one small module for each bot runtime, translation only.

They never know each other.
"""
