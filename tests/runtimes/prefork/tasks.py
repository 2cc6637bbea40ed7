"""A bot that works in Celery's prefork pool; the broker is a folder."""

import os

import otel_botlogs
from celery import Celery

otel_botlogs.configure()
with otel_botlogs.conversation("warm-up") as _conv, _conv.turn("hi") as _turn, _turn.node("warm"):
    pass

folder = os.environ["BROKER_FOLDER"]
app = Celery("tasks", broker="filesystem://")
app.conf.broker_transport_options = {
    "data_folder_in": folder, "data_folder_out": folder, "control_folder": f"{folder}/control",
}  # fmt: skip


@app.task
def answer(number: int) -> None:
    """Answer one message."""
    with otel_botlogs.conversation("queue", new=number == 1) as conv:
        with conv.turn(f"message {number}", index=number) as turn, turn.node("answer") as node:
            node.log("worked", pid=os.getpid())
