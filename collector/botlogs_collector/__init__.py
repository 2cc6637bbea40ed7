"""Receive, hold, sample, release and show the logs of bot conversations."""
