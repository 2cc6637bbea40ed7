"""The command line `botlogs`: one module a group of commands."""

from botlogs_collector.cli.main import main

__all__ = ["main"]
