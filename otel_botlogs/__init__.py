"""Turn a bot's conversations into OpenTelemetry traces and log events.

    import otel_botlogs

    otel_botlogs.configure(bot_id="support", environment="sandbox")
    with otel_botlogs.conversation("conv-42") as conv, conv.turn(user_message="hello") as turn:
        with turn.node("greet", type="message") as node:
            node.log("said hello")
        turn.reply("Hello!")

Nothing here ever raises into the bot, and with no configuration nothing happens. See
`otel_botlogs/README.md`.
"""

from otel_botlogs.active import configure, flush, shutdown
from otel_botlogs.conversation import Conversation
from otel_botlogs.decorators import node
from otel_botlogs.entry import conversation, current_conversation, current_node, current_turn, instrument
from otel_botlogs.flow import Flow, find_flow, flow
from otel_botlogs.guard import counts
from otel_botlogs.node import Node
from otel_botlogs.turn import Turn

__all__ = [
    "Conversation",
    "Flow",
    "Node",
    "Turn",
    "configure",
    "conversation",
    "counts",
    "current_conversation",
    "current_node",
    "current_turn",
    "find_flow",
    "flow",
    "flush",
    "instrument",
    "node",
    "shutdown",
]
