"""One deployment of the sample bot: `python -m botlogs_collector.demo.bot --environment sandbox --port 0`.

It says one JSON line on standard output once its port is open (`{"chat_url": …}` or `{"error": …}`), waits
for one JSON line on standard input (`Orders`), then talks. When standard input closes it sends what is
queued and ends: whoever started it cannot leave it behind, not even by being killed.
"""

import argparse
import json
import logging
import os
import random
import signal
import sys
import threading
import time
from typing import Final

from botlogs_collector.demo.chat import About, ChatServer
from botlogs_collector.demo.messages import Orders

BOT_ID: Final = "bookshop"
_STOP_S: Final = 3.0


def main() -> None:
    """Run until standard input closes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--environment", required=True)
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the demo's to handle: it closes our standard input
    try:
        server = ChatServer(arguments.port)
    except OSError as error:
        _say({"error": error.strerror or str(error)})
        sys.exit(2)
    _say({"chat_url": server.url})
    line = sys.stdin.readline()
    if line:
        _run(arguments.environment, server, Orders.from_json(line))


def _run(environment: str, server: ChatServer, orders: Orders) -> None:
    import otel_botlogs  # here, so that the port is open, and told, before the SDK is loaded
    from botlogs_collector.demo.dialogue import Dialogue
    from botlogs_collector.demo.nodes import steps
    from botlogs_collector.demo.shop import Shop, start_shop
    from botlogs_collector.demo.users import CROWDS, Users

    otel_botlogs.configure(bot_id=BOT_ID, bot_version="1.4.0", environment=environment, endpoint=orders.otlp_url)
    logging.getLogger("bookshop").addHandler(
        logging.NullHandler()
    )  # its lines belong to the bot logs, not the terminal
    shop = start_shop()
    dialogue = Dialogue(
        steps(Shop(f"http://127.0.0.1:{shop.server_address[1]}")),
        lambda: time.sleep(orders.pace * random.uniform(0.05, 0.35)),
    )
    server.open_chat(
        dialogue, About(environment=environment, console_url=orders.console_url, deployments=orders.deployments)
    )
    threading.Thread(target=server.serve_forever, name="chat", daemon=True).start()
    users = Users(CROWDS[environment], dialogue, orders.pace, _tell)
    users.start()
    sys.stdin.read()  # blocks until the demo closes it
    users.stop(_STOP_S)
    server.shutdown()
    otel_botlogs.shutdown()


def _say(message: dict[str, str]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def _tell(error: Exception) -> None:
    os.write(2, f"demo bot: {type(error).__name__}: {error}\n".encode())


if __name__ == "__main__":
    main()
