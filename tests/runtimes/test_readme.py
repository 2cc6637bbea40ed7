"""The README's example for each runtime runs on it as it stands there, and its conversation arrives."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.runtimes.conftest import Collector, environ_of
from tests.runtimes.venvs import REPOSITORY, Venv

TEXT = (REPOSITORY / "otel_botlogs" / "README.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"<!-- runtime example: (\S+) -->\n```python\n(.*?)```", TEXT, re.DOTALL))

# What stands around an example so that it needs no network: the last line of a bot polls for ever.
BEFORE = {
    "telegram": "from telegram.ext import Application\nApplication.run_polling = lambda self: print(self.handlers)\n",
    "aiogram": """
from aiogram import Dispatcher
async def start_polling(self, bot): print(self.message.handlers)
Dispatcher.start_polling = start_polling
""",
    "rasa_sdk": "__name__ = 'bot'\n",
}
AFTER = {
    "rasa_sdk": """
import asyncio
from rasa_sdk.executor import ActionExecutor
executor = ActionExecutor()
executor.register_action(Hello)
call = {"next_action": "action_hello", "tracker": {"sender_id": "ann", "latest_message": {"text": "hi"}}, "domain": {}}
asyncio.run(executor.run(call))
""",
}
ARRIVES = {
    "langgraph": ("echo", "thread-1", 1, 1),
    "rasa_sdk": ("hello", "ann", 1, 1),
    "microsoft_agents": ("greeter", "talk-1", 2, 4),  # a step, its prompt twice, a step
}


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_the_example_of_the_readme_runs(name: str, collector: Collector) -> None:
    """It ends by itself without an error or a complaint of the plugin, and what it shows can be read."""
    venv = Venv(folder=name, version="latest")
    if not venv.is_ready():
        pytest.skip(f"the environment of {name} was not asked for")

    source = BEFORE.get(name, "") + EXAMPLES[name] + AFTER.get(name, "")
    done = subprocess.run(
        [str(venv.bin / "python"), "-c", source], capture_output=True, text=True, timeout=240, check=False,
        env={**environ_of(venv, collector, None), "TELEGRAM_TOKEN": "1:secret"},
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert "otel_botlogs:" not in done.stderr
    if name in ARRIVES:
        bot_id, conversation_id, turns, node_actions = ARRIVES[name]
        listed = collector.get(f"/conversations?bot={bot_id}")["items"]
        (found,) = (item for item in listed if item["conversation_id"] == conversation_id)
        assert (found["turns"], found["node_actions"]) == (turns, node_actions)
