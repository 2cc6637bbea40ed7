"""A bot in a process of its own that does one step of its script for each line it is sent.

So that a test can interleave two of them, or kill one in the middle of a turn.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Generator
from queue import Empty, Queue
from types import TracebackType
from typing import Any, Self

_STEP_S = 60.0
_HEAD = """
import otel_botlogs, sys
otel_botlogs.configure(bot_id="shop", environment="sandbox", endpoint={endpoint!r})

def step(word):
    print(word, flush=True)
    if not sys.stdin.readline():
        raise SystemExit("nobody asks for more")
"""


class BotProcess:
    """A bot called `shop`; its script says `step("word")` where it waits for `go_on`."""

    def __init__(self, script: str, endpoint: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _HEAD.format(endpoint=endpoint) + textwrap.dedent(script)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=clean_environ(),
        )  # fmt: skip
        self._words: Queue[str] = Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def reaches(self, word: str) -> None:
        """Wait until the bot has come to the step *word*, which is its next."""
        try:
            said = self._words.get(timeout=_STEP_S)
        except Empty:
            said = None
        assert said == word, f"{said!r} instead of {word!r}"

    def go_on(self) -> None:
        """Let the bot do what comes after the step it waits in."""
        stdin: Any = self._process.stdin
        stdin.write("\n")
        stdin.flush()

    def ends(self) -> int:
        """Return the exit code once the bot has ended by itself."""
        return self._process.wait(_STEP_S)

    def kill(self) -> None:
        """End it as `kill -9` does; harmless the second time."""
        self._process.kill()
        self._process.wait(_STEP_S)
        self._reader.join(5)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _read(self) -> None:
        lines: Any = self._process.stdout
        for line in lines:
            self._words.put(line.strip())


def run_bot(script: str, endpoint: str) -> list[str]:
    """Run a script to its end; return the lines it printed."""
    source = _HEAD.format(endpoint=endpoint) + textwrap.dedent(script)
    done = subprocess.run(
        [sys.executable, "-c", source],
        env=clean_environ(),
        capture_output=True,
        text=True,
        timeout=_STEP_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@contextlib.contextmanager
def running(*scripts: str, endpoint: str) -> Generator[list[BotProcess]]:
    """Start bots that end with the block at the latest."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(BotProcess(script, endpoint)) for script in scripts]


def clean_environ() -> dict[str, str]:
    """Return the environment without anybody's telemetry settings."""
    return {key: value for key, value in os.environ.items() if not key.startswith(("BOTLOGS_", "OTEL_"))}
