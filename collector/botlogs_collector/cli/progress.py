"""How far a long command has come: a bar on a terminal, lines where they are asked for, on stderr alone."""

import contextlib
import sys
from collections.abc import Callable, Generator

import click

from botlogs_collector.cli.terminal import console, one_line

Told = Callable[[int, int, str], None]
"""Is told how many steps are done, of how many, and what comes next."""

_WIDTH = 72

progress_option = click.option(
    "--progress/--no-progress", "wanted", default=None, help="Say on stderr how far it is; on a terminal it does."
)


@contextlib.contextmanager
def steps(title: str, *, wanted: bool | None) -> Generator[Told]:
    """Yield what to tell of each step; *wanted*: None for a bar on a terminal and nothing elsewhere."""
    out = console(stderr=True)
    if wanted is False or (wanted is None and not out.is_terminal):
        yield lambda _done, _total, _what: None
    elif not out.is_terminal:
        yield _line
    else:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (
            TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        )  # fmt: skip
        with Progress(*columns, console=out, transient=True) as progress:
            task = progress.add_task(title, total=None)
            yield lambda done, total, what: progress.update(
                task, completed=done, total=total, description=f"{title}: {one_line(what, 40)}"
            )


def _line(done: int, total: int, what: str) -> None:
    sys.stderr.write(f"{done} of {total}: {one_line(what, _WIDTH)}\n")
    sys.stderr.flush()
