"""Tail sampling as pure functions: facts in, a decision with every vote out."""
