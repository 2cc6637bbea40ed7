"""The demo: a sample bot in processes of its own, its users, and the settings that the service gets for it.

Nothing here is used by `botlogs serve`. The bot knows the plugin and OTLP only, as any bot would.
"""
