"""The command `import`: files of other programs into a running service."""

import contextlib
import os
import threading
from collections.abc import Generator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from botlogs_collector.cli.terminal import console, one_line, print_json, print_line
from botlogs_collector.cli.times import DURATION
from botlogs_collector.clock import SystemClock

if TYPE_CHECKING:
    from botlogs_collector.importer.run import FileResult, Watch

_SECOND_NS: Final = 1_000_000_000


@click.command("import")
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE…", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--url", envvar="BOTLOGS_OTLP_URL", show_envvar=True, default="http://127.0.0.1:4318", show_default=True,
    help="Where to send: OTLP/HTTP.",
)  # fmt: skip
@click.option("--token", envvar="BOTLOGS_TOKEN", show_envvar=True, help="Who sends, where the service wants it.")
@click.option("--environment", help="The environment of what comes without one; else the service's default counts.")
@click.option("--from-line", type=click.IntRange(min=1), help="Begin here (1: anew), not where the last run stopped.")
@click.option(
    "--patience", type=DURATION, default="5m", show_default=True, help="How long to try while nothing is taken."
)
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for programs.")
def import_files(
    *,
    files: Sequence[Path],
    url: str,
    token: str | None,
    environment: str | None,
    from_line: int | None,
    patience: int,
    as_json: bool,
) -> int:
    """Send what FILE… holds to a running service.

    Read are OTLP JSON lines (the OpenTelemetry Collector's file exporter) and Jaeger's JSON, plain or compressed
    (gzip, zstd). A bad line is reported, counted and skipped. A second run goes on where the first one stopped;
    what is sent twice is shown once. Exit 1 if anything was skipped, rejected or is still to be sent.
    """
    from botlogs_collector.importer.endpoint import Endpoint
    from botlogs_collector.importer.marks import Marks
    from botlogs_collector.importer.run import import_file

    if not url.startswith(("http://", "https://")):
        raise click.BadParameter("it begins with http:// or https:// (OTLP/HTTP, port 4318)", param_hint="--url")
    endpoint = Endpoint(url, token, SystemClock(), _pause, patience_s=patience / _SECOND_NS)
    marks = Marks(state_folder())
    results: list[FileResult] = []
    for file in files:
        with _progress(file) as watch:
            done = import_file(file, endpoint, marks, watch, environment=environment, from_entry=from_line)
        results.append(done)
        if done.stopped:
            break
    if as_json:
        print_json({"url": url, "files": [asdict(result) for result in results]})
    else:
        for result in results:
            print_line(_summary(result))
    return 0 if len(results) == len(files) and all(result.is_whole for result in results) else 1


def state_folder() -> Path:
    """Return where it is kept how far files were imported: $XDG_STATE_HOME/botlogs/import."""
    base = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(base).expanduser() / "botlogs" / "import"


@contextlib.contextmanager
def _progress(file: Path) -> Generator["Watch"]:
    """Show a bar on a terminal; bad entries are told above it, on stderr, in any case."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    from botlogs_collector.importer.run import Watch

    out = console(stderr=True)

    def tell(line: str) -> None:
        if out.is_terminal:
            out.print(one_line(line))
        else:
            click.echo(one_line(line), err=True)

    if not out.is_terminal:
        yield Watch(bad=tell, position=lambda _at, _size: None)
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=out, transient=True) as progress:
        task = progress.add_task(one_line(file.name, 40), total=file.stat().st_size)
        yield Watch(bad=tell, position=lambda at, size: progress.update(task, completed=at, total=size))


def _summary(result: "FileResult") -> str:
    noun = result.noun
    parts = [f"{result.spans} spans and {result.log_records} log records sent, of {_count(result.entries, noun)}"]
    if result.went_on_after:
        parts.append(f"went on after {noun} {result.went_on_after} (--from-line 1 begins anew)")
    if result.not_handled:
        parts.append(f"{_count(result.not_handled, noun)} of metrics or profiles not handled")
    if result.skipped:
        parts.append(f"{_count(result.skipped, noun)} skipped")
    if result.rejected:
        parts.append(f"{result.rejected} rejected")
    if result.stopped:
        parts.append(f"STOPPED: {result.stopped}; the same command goes on from here")
    return one_line(f"{result.file}: {'; '.join(parts)}")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _pause(seconds: float) -> None:
    threading.Event().wait(seconds)
