"""Commands of whoever runs the service: serve, check-config, migrate, ddl."""

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from botlogs_collector.cli.progress import progress_option, steps
from botlogs_collector.clock import SystemClock
from botlogs_collector.config.load import load_settings
from botlogs_collector.config.settings import Settings
from botlogs_collector.errors import BotLogsError

if TYPE_CHECKING:  # loaded when it serves: other commands answer at once
    from botlogs_collector.app import Service

log = logging.getLogger("botlogs")
_WATCH_S = 2.0

_config = click.option(
    "--config", "-c", type=click.Path(path_type=Path), envvar="BOTLOGS_CONFIG", help="The YAML file; none is needed."
)


def settings_from(config: Path | None, environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of the file and the environment; *environ* stands before both.

    Raises:
        ConfigError: with every fault.
    """
    from botlogs_collector.sample.policies import parse_policies

    return load_settings(config, {**os.environ, **(environ or {})}, {"tail_sampling": parse_policies})


@click.command()
@_config
def serve(config: Path | None) -> None:
    """Receive, hold, release and show: run the service until SIGTERM."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    asyncio.run(run_service(settings_from(config), config))


async def run_service(settings: Settings, config: Path | None = None) -> None:
    """Serve until SIGTERM or SIGINT, then drain; a second signal ends the process at once.

    SIGHUP, or a change of the file *config*, changes policies and environments while running; SIGHUP alone
    also the tokens and the certificates.
    """
    from botlogs_collector.app import Service

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def on_signal() -> None:
        if stop.is_set():
            os._exit(130)
        stop.set()

    async with Service(settings) as service:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, on_signal)
        asked = asyncio.Event()
        loop.add_signal_handler(signal.SIGHUP, asked.set)
        watch = asyncio.create_task(_watch(service, config, asked), name="watch-config")
        click.echo(f"botlogs is ready: {service.console_url}")
        if service.guard.first_token:
            click.echo(f"first login, shown this once: {service.console_url}login#{service.guard.first_token}")
        await stop.wait()
        watch.cancel()


async def _watch(service: "Service", config: Path | None, asked: asyncio.Event) -> None:
    """Load tokens, certificates and *config* again when *asked*, the last also when it changed; faults are refused."""
    seen = _modified_ns(config)
    while True:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asked.wait(), _WATCH_S)
        modified = _modified_ns(config)
        was_asked = asked.is_set()
        if not was_asked and modified == seen:
            continue
        seen = modified
        asked.clear()
        if was_asked:
            await _taken(service, service.reload_tokens())
            await _taken(service, service.reload_certificates())
        if config is not None:
            await _taken(service, _reloaded(service, config))


async def _reloaded(service: "Service", config: Path) -> None:
    await service.reload(settings_from(config))


async def _taken(service: "Service", change: Coroutine[object, object, None]) -> None:
    """Make *change*, counted and logged."""
    try:
        await change
    except BotLogsError as error:
        service.telemetry.reloaded("refused")
        for line in str(error).splitlines():
            log.error("the changed configuration was not taken: %s", line)
    else:
        service.telemetry.reloaded("taken")


def _modified_ns(path: Path | None) -> int:
    try:
        return path.stat().st_mtime_ns if path else 0
    except OSError:  # being replaced
        return 0


@click.command("check-config")
@click.argument("file", type=click.Path(path_type=Path))
def check_config(file: Path) -> None:
    """Check FILE and say everything that is wrong with it, or how much memory it allows."""
    from botlogs_collector.config.memory import memory_ceiling_bytes

    settings = settings_from(file)
    click.echo(f"{file}: good; takes at most {memory_ceiling_bytes(settings) >> 20:,} MiB of memory")


@click.command()
@_config
@progress_option
def migrate(config: Path | None, *, wanted: bool | None) -> None:
    """Make or migrate the store's schema, then leave."""
    from botlogs_collector.store import migrate as schema
    from botlogs_collector.store.client import Database

    settings = settings_from(config)
    database = Database.of(settings.storage)
    try:
        with steps("migrating", wanted=wanted) as told:
            done = schema.migrate(database, settings, SystemClock(), told)
        click.echo(done)
    finally:
        database.close()


@click.command()
@_config
@click.option("--cluster", metavar="NAME", help="For a cluster of servers, as their remote_servers name it.")
@click.option("--grants", is_flag=True, help="Instead: roles, rights, row policies, quotas and limits of who uses it.")
@click.option(
    "--protobuf",
    type=click.Choice(["traces", "logs"]),
    help="Instead: the Protobuf schema of whole requests, for Kafka.",
)
def ddl(config: Path | None, cluster: str | None, protobuf: Literal["traces", "logs"] | None, *, grants: bool) -> None:
    """Print the SQL that makes the schema, or with --grants what each user of it may do."""
    from botlogs_collector.store import access
    from botlogs_collector.store import migrate as schema
    from botlogs_collector.store.ingest import request_schema

    if protobuf:
        click.echo(request_schema(protobuf), nl=False)
        return
    environ = {"BOTLOGS_STORAGE__CLUSTER": cluster, "BOTLOGS_STORAGE__DSN": "clickhouse://"} if cluster else {}
    storage = settings_from(config, environ).storage
    for statement in access.grants(storage.cluster) if grants else schema.ddl(storage):
        click.echo(f"{statement};\n")
