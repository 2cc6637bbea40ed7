"""`botlogs tail`: follow one conversation, or all live ones, and come back after every interruption."""

import queue
import threading
from typing import Final, cast

import click

from botlogs_collector.cli.client import Api, Json, Refused, Unreachable, path_of
from botlogs_collector.cli.connection import connected
from botlogs_collector.cli.terminal import console, one_line, print_json, severity_style
from botlogs_collector.cli.times import show_time
from botlogs_collector.clock import SystemClock

_MAX_FOLLOWED: Final = 32  # conversations at once; the service allows a hundred viewers or more
_MAX_WAITING: Final = 10_000  # items; a terminal that stands still makes the readers wait, nothing is dropped
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
        followed.follow(conversation, since_unix_nano=0)
    while True:
        line = followed.lines.get()
        if isinstance(line, BaseException):
            raise line
        name, item = line
        if as_json:
            print_json({"conversation_id": name, **item}, indent=None)
        else:
            console().print(_shown(name if conversation is None else "", item))


class _Followed:
    """The conversations that are followed, each by a thread of its own, into one bounded queue."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._seen: set[str] = set()
        self._places = threading.BoundedSemaphore(_MAX_FOLLOWED)
        self.lines: queue.Queue[_Line] = queue.Queue(_MAX_WAITING)

    def follow(self, conversation: str, since_unix_nano: int) -> None:
        """Follow *conversation*, showing what happened at or after *since_unix_nano*."""
        arguments = (conversation, since_unix_nano)
        threading.Thread(target=self._follow, args=arguments, name=conversation, daemon=True).start()

    def look_for_more(self) -> None:
        """Follow every conversation that becomes active from now on, the most recent ones first."""
        clock, pause = SystemClock(), threading.Event()
        since = clock.now_ns()
        trouble = _Trouble()
        while True:
            try:
                for one in self._api.items("/conversations", {"state": "live"}, _MAX_FOLLOWED):
                    self._consider(one, since)
                trouble.over()
            except Unreachable as error:
                trouble.tell(error)
            except Exception as error:  # noqa: BLE001 - the main thread ends the command with it
                self.lines.put(error)
                return
            pause.wait(_LOOK_EVERY_S)

    def _consider(self, one: Json, since_unix_nano: int) -> None:
        name = str(one.get("conversation_id") or one.get("trace_id"))
        is_new = name not in self._seen and int(str(one.get("last_activity_unix_nano") or 0)) >= since_unix_nano
        if is_new and self._places.acquire(blocking=False):
            self._seen.add(name)
            self.follow(name, since_unix_nano)

    def _follow(self, conversation: str, since_unix_nano: int) -> None:
        last_id: str | None = None
        trouble = _Trouble()
        while True:
            try:
                for event in self._api.events(path_of(conversation, "/stream"), last_id):
                    trouble.over()
                    if event is None:
                        continue
                    last_id = event.id or last_id
                    if int(str(event.data.get("time_unix_nano") or since_unix_nano)) >= since_unix_nano:
                        self.lines.put((conversation, event.data))
            except Refused as error:
                if error.status < 500:
                    self.lines.put(error)
                    return
                trouble.tell(error)
            except Exception as error:  # noqa: BLE001 - a connection breaks in many ways; all mean: come back
                trouble.tell(error)
            trouble.pause()


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
