"""Starting where something is wrong, and stopping: one clear line, and nothing left behind."""

import os
import signal
import socket
from pathlib import Path

import pytest

from tests.support.processes import Program, free_ports, run, until


def _ports() -> list[str]:
    names = ("--http-port", "--grpc-port", "--otlp-http-port", "--otlp-grpc-port", "--chat-port")
    return [word for name, port in zip(names, free_ports(5), strict=True) for word in (name, str(port))]


def _is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def _assert_one_line(text: str, *words: str) -> None:
    assert len(text.strip().splitlines()) == 1, text
    assert "Traceback" not in text
    for word in words:
        assert word in text


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_one_signal_ends_the_demo_and_its_bots(number: int, tmp_path: Path) -> None:
    """SIGTERM and Ctrl-C end the service and every bot process, with exit code 0."""
    program = Program("demo", "--no-open", "--data", str(tmp_path), *_ports())
    program.wait_for_line("Ctrl-C")
    bots = program.children()

    code = program.stop(number)

    assert (code, program.err) == (0, [])
    assert len(bots) == 4
    until(lambda: all(_is_gone(pid) for pid in bots))


def test_bots_end_when_the_demo_is_killed(tmp_path: Path) -> None:
    """Kill -9 of the demo leaves no bot behind."""
    program = Program("demo", "--no-open", "--data", str(tmp_path), *_ports())
    program.wait_for_line("Ctrl-C")
    bots = program.children()

    program.stop(signal.SIGKILL)

    until(lambda: all(_is_gone(pid) for pid in bots), 20)


@pytest.mark.parametrize("option", ["--http-port", "--otlp-grpc-port", "--chat-port"])
def test_a_busy_port_is_one_line_that_names_it(option: str, tmp_path: Path) -> None:
    """A port in use ends the demo with one line that names it and the way out, exit code 2."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        ended = run("demo", "--no-open", "--data", str(tmp_path), *_ports(), option, port)

    assert ended.returncode == 2
    _assert_one_line(ended.stderr, f"127.0.0.1:{port}", "stop what listens there")


def test_a_data_folder_in_use_is_one_line_that_names_it(tmp_path: Path) -> None:
    """A second service on the same folder ends with one line that names the folder, exit code 2."""
    first = Program("demo", "--no-open", "--data", str(tmp_path), *_ports())
    first.wait_for_line("Ctrl-C")

    second = run("demo", "--no-open", "--data", str(tmp_path), *_ports())

    first.stop()
    assert second.returncode == 2
    _assert_one_line(second.stderr, str(tmp_path))


def test_a_bad_configuration_names_every_fault(tmp_path: Path) -> None:
    """All faults of a file are told at once, each with its path, exit code 2, no traceback."""
    file = tmp_path / "botlogs.yaml"
    file.write_text("storage: {retentoin: 1d}\nenvironments: {production: {release_delay: soon}}\n")

    ended = run("serve", "--config", str(file))

    assert ended.returncode == 2
    assert "storage.retentoin" in ended.stderr
    assert "environments.production.release_delay" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    "arguments", [["conversations", "--nonsense"], ["node", "x"], ["logs", "x", "--at", "yesterday"]]
)
def test_wrong_usage_exits_2(arguments: list[str]) -> None:
    """What the command line cannot mean is told with what would be right, exit code 2."""
    ended = run(*arguments)

    assert ended.returncode == 2
    assert "Error:" in ended.stderr


def test_no_service_exits_1_and_says_what_to_do() -> None:
    """A reading command without a service fails with one line, exit code 1."""
    port = free_ports(1)[0]

    ended = run("conversations", "--url", f"http://127.0.0.1:{port}")

    assert ended.returncode == 1
    _assert_one_line(ended.stderr, f"127.0.0.1:{port}", "botlogs serve", "--url")
