"""A bot behind gunicorn: configured, and already talking, in the parent that the workers are forked from."""

import os

import otel_botlogs

otel_botlogs.configure()
with otel_botlogs.conversation("warm-up") as _conv, _conv.turn("hi") as _turn, _turn.node("warm"):
    pass


def app(environ, start_response):
    """Answer with the worker's process id; the path is the message, its number the turn's."""
    number = int(environ["PATH_INFO"].strip("/"))
    with (
        otel_botlogs.conversation("web", new=number == 1) as conv,
        conv.turn(f"message {number}", index=number) as turn,
    ):
        with turn.node("answer") as node:
            node.log("worked", pid=os.getpid())
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]
