"""`botlogs tail`: follow one conversation, or all live ones, and come back after every interruption."""

import queue
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final, cast

import click

from botlogs_collector.cli.client import Api, Json, Refused, Unreachable, path_of
from botlogs_collector.cli.connection import connected
from botlogs_collector.cli.terminal import console, one_line, print_json, severity_style
from botlogs_collector.cli.times import show_time
from botlogs_collector.clock import SystemClock

_MAX_FOLLOWED: Final = 32  # conversations at once; the service allows a hundred viewers or more
_MAX_WAITING: Final = 10_000  # items; a terminal that stands still makes the readers wait, nothing is dropped
_MAX_REMEMBERED: Final = 5_000  # items of one conversation; the service repeats a few hundred at most
_SILENT_S: Final = 60.0  # after which a conversation makes room for another
_LOOK_EVERY_S: Final = 2.0
_FIRST_PAUSE_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 15.0

_Line = tuple[str, Json] | BaseException


@click.command()
@click.option("--conversation", help="This one, from its beginning; without it, all live ones from now on.")
@connected
def tail(*, api: Api, as_json: bool, conversation: str | None) -> None:
    """Follow what bots do, as it happens; Ctrl-C ends it. With --json, one line each."""
    followed = _Followed(api)
    if conversation is None:
        threading.Thread(target=followed.look_for_more, name="look", daemon=True).start()
    else:
        followed.follow(conversation, 0, alone=True)
    out = console()
    while True:
        line = followed.lines.get()
        if isinstance(line, BaseException):
            raise line
        name, item = line
        if as_json:
            print_json({"conversation_id": name, **item}, indent=None)
        else:
            out.print(_shown(name if conversation is None else "", item), soft_wrap=True)


@dataclass(slots=True)
class _One:
    """One conversation that is followed."""

    conversation: str
    shown_until: int  # Unix nanoseconds: what happened before it is not shown
    last_sign_s: float
    stopping: threading.Event = field(default_factory=threading.Event)
    shown: OrderedDict[str, None] = field(default_factory=OrderedDict[str, None])  # item ids, the latest last

    def is_new(self, item_id: str) -> bool:
        """Note that an item is shown; whether it is so for the first time (a stream resumed may repeat some)."""
        if item_id in self.shown:
            return False
        self.shown[item_id] = None
        if len(self.shown) > _MAX_REMEMBERED:
            self.shown.popitem(last=False)
        return True


class _Followed:
    """The conversations that are followed, each by a thread of its own, into one bounded queue."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._clock = SystemClock()
        self._current: dict[str, _One] = {}
        self._left: OrderedDict[str, int] = OrderedDict()  # silent ones, and until when they were shown
        self.lines: queue.Queue[_Line] = queue.Queue(_MAX_WAITING)

    def follow(self, conversation: str, since_unix_nano: int, *, alone: bool = False) -> None:
        """Follow *conversation* from a time on; if it is *alone*, what the service refuses ends the command."""
        one = _One(conversation, since_unix_nano, self._clock.monotonic_s())
        self._current[conversation] = one
        threading.Thread(target=self._follow, args=(one, alone), name=conversation, daemon=True).start()

    def look_for_more(self) -> None:
        """Follow every live conversation that is active from now on."""
        since, pause, trouble = self._clock.now_ns(), threading.Event(), _Trouble()
        while True:
            try:
                for found in self._api.items("/conversations", {"state": "live"}, _MAX_FOLLOWED):
                    self._consider(found, since)
                trouble.over()
            except Unreachable as error:
                trouble.tell(error)
            except Exception as error:  # noqa: BLE001 - the main thread ends the command with it
                self.lines.put(error)
                return
            pause.wait(_LOOK_EVERY_S)

    def _consider(self, found: Json, since_unix_nano: int) -> None:
        name = str(found.get("conversation_id") or found.get("trace_id"))
        since = self._left.get(name, since_unix_nano)
        is_active = int(str(found.get("last_activity_unix_nano") or 0)) >= since
        if name not in self._current and is_active and self._has_place():
            self.follow(name, since)

    def _has_place(self) -> bool:
        """Whether another one can be followed; the one that is silent for longest makes room."""
        if len(self._current) < _MAX_FOLLOWED:
            return True
        silent = min(self._current.values(), key=lambda one: one.last_sign_s)
        if self._clock.monotonic_s() - silent.last_sign_s < _SILENT_S:
            return False
        silent.stopping.set()
        del self._current[silent.conversation]
        self._left[silent.conversation] = silent.shown_until
        while len(self._left) > _MAX_WAITING:
            self._left.popitem(last=False)
        return True

    def _follow(self, one: _One, alone: bool) -> None:  # noqa: FBT001 - a thread's argument
        last_id: str | None = None
        trouble = _Trouble()
        while not one.stopping.is_set():
            try:
                for event in self._api.events(path_of(one.conversation, "/stream"), last_id):
                    trouble.over()
                    if one.stopping.is_set():
                        return
                    if event is not None:
                        last_id = event.id or last_id
                        self._show(one, event.data)
            except Refused as error:
                if error.status < 500 and not alone:
                    return
                if error.status < 500:
                    self.lines.put(error)
                    return
                trouble.tell(error)
            except Exception as error:  # noqa: BLE001 - a connection breaks in many ways; all mean: come back
                trouble.tell(error)
            trouble.pause()

    def _show(self, one: _One, item: Json) -> None:
        happened = int(str(item.get("time_unix_nano") or one.shown_until))
        if happened >= one.shown_until and one.is_new(str(item.get("item_id"))):
            one.last_sign_s = self._clock.monotonic_s()
            self.lines.put((one.conversation, item))


class _Trouble:
    """Tells once that the service is gone, once that it is back, and waits longer each time between."""

    def __init__(self) -> None:
        self._told = False
        self._pause_s = _FIRST_PAUSE_S

    def tell(self, error: Exception) -> None:
        if not self._told:
            self._told = True
            click.echo(f"botlogs: interrupted, trying again: {one_line(error)}", err=True)

    def over(self) -> None:
        if self._told:
            click.echo("botlogs: back", err=True)
        self._told = False
        self._pause_s = _FIRST_PAUSE_S

    def pause(self) -> None:
        threading.Event().wait(self._pause_s)
        self._pause_s = min(self._pause_s * 2, _LONGEST_PAUSE_S)


def _shown(conversation: str, item: Json) -> object:
    from rich.text import Text

    severity = one_line(item.get("severity")) or "INFO"
    text = Text(show_time(item.get("time_unix_nano"), 3)[11:-1], "dim", no_wrap=False)
    text.append(f" {severity:<5}", severity_style(severity))
    if conversation:
        text.append(f" {one_line(conversation)}", "magenta")
    if item.get("node_id"):
        text.append(f" [{one_line(item.get('node_id'))}]", "cyan")
    text.append(f" {one_line(item.get('kind'))}", "bold")
    title = one_line(cast("object", item.get("title")))
    return text.append(f" {title}") if title else text
