"""One demo for the tests of a process: starting it is what costs."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.support.processes import Program, fetch, free_ports, until

BREAKS = (None, "what is the status of my order?", "B-9123")
"""What a user says until the bot fails and hands over: the demo's policy `errors` keeps it, whatever its id."""
_LOOKERS = 6  # one for each test that asks for one, and one to spare


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """A running demo and where it answers."""

    program: Program
    url: str
    otlp_http: str
    otlp_grpc: str
    api_grpc: str
    chat_url: str
    lookers: list[str] = field(default_factory=list[str])

    def conversations(self, **filters: str) -> list[dict[str, Any]]:
        """Return the first page of the list."""
        query = "&".join(f"{key}={value}" for key, value in filters.items())
        return fetch(f"{self.url}/api/v1/conversations?{query}")[1]["items"]

    def get(self, conversation: str, rest: str = "") -> tuple[int, Any]:
        """Return status and JSON of a conversation's address."""
        return fetch(f"{self.url}/api/v1/conversations/{conversation}{rest}")

    def talk(self, environment: str, *lines: str | None) -> str:
        """Say *lines* in a new conversation, None to open it, and return its id."""
        conversation = f"chat-{uuid.uuid4().hex[:8]}"
        for line in lines:
            self.say(conversation, line, environment)
        return conversation

    def in_state(self, conversation: str, state: str, timeout_s: float = 90.0) -> dict[str, Any]:
        """Return what there is to know of *conversation* once it is in *state*."""

        def ask() -> dict[str, Any] | None:
            status, found = self.get(conversation)
            return found if status == 200 and found["state"] == state else None

        return until(ask, timeout_s)

    def only_looked(self) -> dict[str, Any]:
        """Return a dropped conversation of one turn, which the demo's drop policy is about, and nobody else gets."""
        return self.in_state(self.lookers.pop(), "dropped")

    def chat_of(self, environment: str) -> str:
        """Return the chat page's address of the bot in *environment*."""
        return next(
            bot["chat_url"]
            for bot in fetch(f"{self.chat_url}/about")[1]["deployments"]
            if bot["environment"] == environment
        )

    def say(self, conversation: str, text: str | None, environment: str = "sandbox") -> dict[str, Any]:
        """Send one message to the bot and return its answer."""
        body = {"conversation_id": conversation, "text": text}
        chat = self.chat_of(environment)
        return until(lambda: _answered(*fetch(f"{chat}/chat", body)))


def _answered(status: int, body: dict[str, Any]) -> dict[str, Any] | None:
    return body if status == 200 else None


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo on free ports whose scripted users hardly wait."""
    http, grpc, otlp_http, otlp_grpc = free_ports(4)
    program = Program(
        "demo", "--no-open", "--pace", "0.2", "--data", str(tmp_path_factory.mktemp("demo")), "--chat-port", "0",
        "--http-port", str(http), "--grpc-port", str(grpc),
        "--otlp-http-port", str(otlp_http), "--otlp-grpc-port", str(otlp_grpc),
    )  # fmt: skip
    chat = re.search(r"http://\S+", program.wait_for_line("Talk to the bot"))
    assert chat
    demo = Demo(
        program=program,
        url=f"http://127.0.0.1:{http}",
        otlp_http=f"http://127.0.0.1:{otlp_http}",
        otlp_grpc=f"127.0.0.1:{otlp_grpc}",
        api_grpc=f"127.0.0.1:{grpc}",
        chat_url=chat[0],
    )
    demo.lookers.extend(
        demo.talk("production", None) for _ in range(_LOOKERS)
    )  # now: they are dropped by their silence
    yield demo
    assert program.stop() == 0, program.err
