"""What reaches the terminal."""

import contextlib
import json
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botlogs_collector.cli.terminal import harmless, indented, one_line, print_json, print_table

_PRINTS_RED = """
from rich.text import Text
from botlogs_collector.cli.terminal import print_table, severity_style
print_table(("severity",), [(Text("ERROR", severity_style("ERROR")),)], empty="")
"""
_STEERING = {
    chr(code) for code in (*range(0x20), 0x7F, *range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}


@given(st.text())
def test_no_text_can_steer_a_terminal(text: str) -> None:
    """Whatever was said, no control character, escape or direction mark gets through, and one line stays one."""
    assert not (set(harmless(text)) & (_STEERING - {"\n", "\t"}))
    assert not (set(one_line(text)) & _STEERING)
    assert len(one_line(text).splitlines()) <= 1


def test_an_escape_is_shown_as_what_it_is() -> None:
    """A clear-screen sequence and its one-byte form are spelled out."""
    assert harmless("\x1b[2J\x9b2J") == "\\x1b[2J\\x9b2J"


def test_further_lines_cannot_pass_for_ours() -> None:
    """Every further line of a text is marked."""
    assert indented("a\n2026-01-01T00:00:00Z INFO forged").splitlines()[1].startswith("    │ ")


@given(st.dictionaries(st.text(), st.text()))
def test_json_keeps_what_was_there(document: dict[str, str]) -> None:
    """Programs read exactly what was said, out of text that steers nothing."""
    with pytest.MonkeyPatch.context() as patch:
        lines: list[str] = []
        patch.setattr("botlogs_collector.cli.terminal.print_line", lines.append)

        print_json(document)

    assert json.loads(lines[0]) == document
    assert not (set(lines[0]) & (_STEERING - {"\n"}))


def test_a_table_in_a_pipe_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    """Piped, no cell is cut or folded, and markup in it means nothing."""
    print_table(("a", "b"), [("x" * 200, "[red]not red[/red]\x1b[31m")], empty="none")

    row = capsys.readouterr().out.splitlines()[-2 if capsys else -1]
    assert "x" * 200 in row
    assert "[red]not red[/red]\\x1b[31m" in row


def _printed(environ: dict[str, str], *, on_terminal: bool) -> bytes:
    """Return what a program that prints an error in red writes to a terminal or to a pipe."""
    ours, theirs = os.openpty() if on_terminal else os.pipe()
    with subprocess.Popen(
        (sys.executable, "-c", _PRINTS_RED), stdout=theirs, env={"PATH": os.environ["PATH"], "TERM": "xterm", **environ}
    ) as program:
        os.close(theirs)
        assert program.wait(60) == 0
    with os.fdopen(ours, "rb", buffering=0) as read, contextlib.suppress(OSError):  # a terminal whose other end is gone
        return read.read(65_536)
    return b""


def test_colours_are_for_terminals() -> None:
    """A terminal gets colours, unless NO_COLOR is set; a pipe never gets an escape."""
    assert b"\x1b[31mERROR" in _printed({}, on_terminal=True)
    assert b"\x1b[31m" not in _printed({"NO_COLOR": "1"}, on_terminal=True)
    assert b"\x1b" not in _printed({}, on_terminal=False)
