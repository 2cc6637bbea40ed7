r"""What leaves for the terminal: tables for people, JSON for programs, and nothing that steers either.

What a user or a bot said is shown, never obeyed: control characters, terminal escapes and
marks that turn the direction of text are shown as what they are, `\x1b`.
"""

import json
import re
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.console import Console

# C0 (but tab and newline), DEL, C1, line and paragraph separators, and what overrides the direction of text.
_STEERING: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
_BREAKS: Final = str.maketrans({"\n": "⏎", "\t": " "})


def harmless(text: object) -> str:
    """Return *text* with everything that could steer a terminal spelled out."""
    return _STEERING.sub(lambda found: _spelled(found[0]), "" if text is None else str(text))


def indented(text: object, mark: str = "    │ ") -> str:
    """Return *text* harmless, its further lines marked, so that none can pass for a line of ours."""
    return harmless(text).replace("\n", f"\n{mark}")


def one_line(text: object, width: int | None = None) -> str:
    """Return *text* harmless and on one line, cut to *width* characters with a mark."""
    line = harmless(text).translate(_BREAKS)
    return line if width is None or len(line) <= width else line[: width - 1] + "…"


def print_json(document: object, *, indent: int | None = 2) -> None:
    """Print one JSON document; escapes inside strings are JSON's own, so programs read what was there."""
    text = json.dumps(document, indent=indent, ensure_ascii=False)
    print_line(_STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}" if found[0] > "\x1f" else found[0], text))


def print_line(line: str) -> None:
    """Print a line that is harmless already, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def console(*, stderr: bool = False) -> "Console":
    """Return rich's console; colours only on a terminal (NO_COLOR and the like are respected)."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, markup=False, emoji=False)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """Print a table of harmless cells; what does not fit the terminal folds, piped it is as wide as it needs."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*(cell if isinstance(cell, Text) else Text(one_line(cell)) for cell in row))
    out = console()
    if not table.row_count:
        out.print(empty)
    elif out.is_terminal:
        out.print(table)
    else:
        out.width = 10_000  # a pipe has no width: as wide as the table needs
        out.print(table, crop=False)


def severity_style(severity: object) -> str:
    """Return rich's style for a severity's name."""
    text = str(severity or "").upper()
    return {"ERROR": "red", "FATAL": "bold red", "WARN": "yellow", "DEBUG": "dim", "TRACE": "dim"}.get(
        text.rstrip("0123456789").removesuffix("ING"), ""
    )


def _spelled(character: str) -> str:
    return f"\\x{ord(character):02x}" if ord(character) < 0x100 else f"\\u{ord(character):04x}"
