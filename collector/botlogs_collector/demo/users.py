"""The sample bot's scripted users: who says what, in which environment, at the start and from then on."""

import itertools
import random
import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from botlogs_collector.demo.dialogue import Dialogue

_MAX_USERS: Final = 20  # at once; one who comes then goes away again


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A user's lines, in order; one who does not bring the dialogue to its end has abandoned it."""

    lines: tuple[str, ...]
    think_s: float = 1.0  # before each line, give or take a half

    def slowly(self) -> "Script":
        """Return the same user with time to be watched."""
        return Script(lines=self.lines, think_s=6.0)


FINDS_ORDER: Final = Script(lines=("where is my order?", "B-1234", "no thanks"))
MISTYPES: Final = Script(lines=("my parcel is late, where is it?", "twelve thirty-four", "B-2347", "no, thank you"))
RETURNS: Final = Script(lines=("I want to return a damaged book", "B-4321", "it came torn", "no thanks, bye"))
SHOP_FAILS: Final = Script(lines=("where is my order?", "B-3338"))
BOT_BREAKS: Final = Script(lines=("what is the status of my order?", "B-9123"))
MISUNDERSTOOD: Final = Script(lines=("hmm", "do you sell pencils", "well"))
WANTS_PERSON: Final = Script(lines=("let me talk to a person",))
UNKNOWN_ORDER: Final = Script(lines=("where is my order?", "B-0042", "no thanks"))
ABANDONS: Final = Script(lines=("where is my order?",))
ONLY_LOOKS: Final = Script(lines=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """The users of one environment."""

    at_start: tuple[Script, ...]
    then: tuple[Script, ...] = ()  # one after the other, for ever
    every_s: float = 20.0
    conversation_prefix: str = "web"


CROWDS: Final[dict[str, Crowd]] = {
    "sandbox": Crowd(
        at_start=(MISTYPES.slowly(), BOT_BREAKS, FINDS_ORDER),
        then=(RETURNS.slowly(), MISUNDERSTOOD, UNKNOWN_ORDER, FINDS_ORDER.slowly(), SHOP_FAILS),
        every_s=20.0,
    ),
    "staging": Crowd(at_start=(RETURNS, UNKNOWN_ORDER), then=(FINDS_ORDER, WANTS_PERSON, MISTYPES), every_s=45.0),
    "production": Crowd(
        at_start=(FINDS_ORDER, BOT_BREAKS, ABANDONS, ONLY_LOOKS),
        then=(RETURNS, ONLY_LOOKS, FINDS_ORDER, SHOP_FAILS, ABANDONS, MISTYPES, WANTS_PERSON),
        every_s=20.0,
    ),
    "production-15m": Crowd(at_start=(RETURNS,), conversation_prefix="the-real-15-minutes"),
}


class Users:
    """Lets a crowd talk to the bot until it is stopped."""

    def __init__(self, crowd: Crowd, dialogue: Dialogue, pace: float, on_error: Callable[[Exception], None]) -> None:
        """*pace* multiplies the time that a user thinks: 1 is a person's, 0 none."""
        self._crowd = crowd
        self._dialogue = dialogue
        self._pace = pace
        self._on_error = on_error
        self._stopping = threading.Event()
        self._places = threading.BoundedSemaphore(_MAX_USERS)
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Let the first ones come at once, the others one after the other."""
        for script in self._crowd.at_start:
            self._let_in(script)
        if self._crowd.then:
            threading.Thread(target=self._trickle, name="users", daemon=True).start()

    def stop(self, timeout_s: float) -> None:
        """Let everybody fall silent; return when the turns under way are done, at most *timeout_s* each."""
        self._stopping.set()
        for thread in list(self._threads):
            thread.join(timeout_s)

    def _trickle(self) -> None:
        scripts: Iterator[Script] = itertools.cycle(self._crowd.then)
        while not self._stopping.wait(self._crowd.every_s):
            self._let_in(next(scripts))

    def _let_in(self, script: Script) -> None:
        if self._places.acquire(blocking=False):
            thread = threading.Thread(target=self._talk, args=(script,), name="user", daemon=True)
            self._threads = [known for known in self._threads if known.is_alive()] + [thread]
            thread.start()

    def _talk(self, script: Script) -> None:
        try:
            conversation_id = f"{self._crowd.conversation_prefix}-{secrets.token_hex(4)}"
            user_id = f"reader-{random.randrange(40)}"
            session = self._dialogue.session(conversation_id, channel="web", user_id=user_id)
            self._dialogue.take_turn(session, None)
            for line in script.lines:
                if self._stopping.wait(script.think_s * self._pace * random.uniform(0.5, 1.5)):
                    return
                self._dialogue.take_turn(session, line)
        except Exception as error:  # noqa: BLE001 - one user's trouble is told and keeps nobody else away
            self._on_error(error)
        finally:
            self._places.release()
