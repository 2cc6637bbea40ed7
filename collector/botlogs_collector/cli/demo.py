"""`botlogs demo`: the service, a sample bot in several environments, its users, and a page to talk to it."""

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
import webbrowser
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import click

from botlogs_collector.demo.deployments import Deployments
from botlogs_collector.demo.service_settings import NOTES, PRODUCTION_DELAY, REAL, demo_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Where the demo listens and stores."""

    data: Path | None
    http_port: int
    grpc_port: int
    otlp_http_port: int
    otlp_grpc_port: int
    chat_port: int
    pace: float
    capture_content: str | None
    opens_browser: bool


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Keep the data here; without it, in a temporary folder.")
@click.option("--http-port", default=8080, show_default=True, help="Console and query API.")
@click.option("--grpc-port", default=8081, show_default=True, help="Query API over gRPC.")
@click.option("--otlp-http-port", default=4318, show_default=True, help="OTLP over HTTP.")
@click.option("--otlp-grpc-port", default=4317, show_default=True, help="OTLP over gRPC.")
@click.option("--chat-port", default=8090, show_default=True, help="The page to talk to the bot; 0: any free port.")
@click.option("--pace", default=1.0, show_default=True, help="Of the scripted users: 1 a person's, 0 at once.")
@click.option(
    "--capture-content", type=click.Choice(["full", "masked"]), help="What people say; else masked in production only."
)
@click.option("--no-open", is_flag=True, help="Do not open a browser.")
def demo(*, no_open: bool, **options: object) -> None:
    """Show everything at work with a sample bot; Ctrl-C ends it."""
    chosen = Options(**options, opens_browser=not no_open)  # type: ignore[arg-type]  # click has checked each
    with _folder(chosen.data) as folder:
        asyncio.run(_run(chosen, folder))


@contextlib.contextmanager
def _folder(given: Path | None) -> Generator[str]:
    if given is not None:
        yield str(given)
        return
    with tempfile.TemporaryDirectory(prefix="botlogs-demo-", ignore_cleanup_errors=True) as folder:
        yield folder


async def _run(options: Options, folder: str) -> None:
    stop = asyncio.Event()
    _stop_on_signals(stop)
    bots = Deployments(NOTES, options.chat_port, capture_content=options.capture_content)
    try:
        await bots.start()  # before the engine opens: a process must not fork with an open engine
        await _serve(options, folder, bots, stop)
    finally:
        await bots.stop()


async def _serve(options: Options, folder: str, bots: Deployments, stop: asyncio.Event) -> None:
    from botlogs_collector.app import Service

    settings = demo_settings(
        folder,
        otlp_grpc=f"127.0.0.1:{options.otlp_grpc_port}",
        otlp_http=f"127.0.0.1:{options.otlp_http_port}",
        api_http=f"127.0.0.1:{options.http_port}",
        api_grpc=f"127.0.0.1:{options.grpc_port}",
        chat_origins=tuple(bot.chat_url for bot in bots.all),
    )
    async with Service(settings) as service:
        _stop_on_signals(stop)  # again: the engine puts its own handlers in place when it opens
        await bots.talk(
            f"http://{settings.receivers.otlp.http.endpoint}", f"http://{settings.api.http.endpoint}", options.pace
        )
        click.echo(_welcome(bots, service.console_url.rstrip("/"), folder if options.data else None))
        _open_browser(options, bots.all[0].chat_url)
        await _until(stop, bots)
        await bots.stop()


def _stop_on_signals(stop: asyncio.Event) -> None:
    """Set *stop* on SIGINT or SIGTERM; the second one ends the process at once (the bots see it go)."""

    def on_signal() -> None:
        if stop.is_set():
            os._exit(130)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, on_signal)


async def _until(stop: asyncio.Event, bots: Deployments) -> None:
    stopping = asyncio.create_task(stop.wait())
    ended = asyncio.create_task(bots.first_end())
    done, _ = await asyncio.wait({stopping, ended}, return_when=asyncio.FIRST_COMPLETED)
    if ended in done:
        click.echo(f"botlogs: {ended.result()}; the service goes on", err=True)
        await stopping
    ended.cancel()


def _welcome(bots: Deployments, console_url: str, kept_in: str | None) -> str:
    chats = {bot.environment: bot.chat_url for bot in bots.all}
    lines = [
        f"botlogs demo is ready; console: {console_url}",
        f"  Talk to the bot (sandbox) and watch its logs beside the chat: {chats['sandbox']}",
        f"  Production, readable {PRODUCTION_DELAY} after the end in this demo: {console_url}/?environment=production",
        f"  One conversation waits for the real 15 minutes: {console_url}/?environment={REAL}",
        f"  Data: {kept_in or 'in a temporary folder, gone at the end'}. Ctrl-C ends everything.",
    ]
    return "\n".join(lines)


def _open_browser(options: Options, url: str) -> None:
    """Open *url* for a person at a screen; never a text browser in the terminal."""
    has_screen = sys.platform in ("darwin", "win32") or bool(os.environ.keys() & {"DISPLAY", "WAYLAND_DISPLAY"})
    if options.opens_browser and has_screen and sys.stdout.isatty():
        webbrowser.open(url)
