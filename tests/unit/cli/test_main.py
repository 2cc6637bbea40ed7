"""The command line as a whole."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from botlogs_collector.cli.main import botlogs

_COMMANDS = [
    *("serve", "demo", "check-config", "migrate", "ddl", "import", "doctor", "completion"),
    *("conversations", "logs", "node", "tail", "explain", "keep", "restore", "what-if"),
]


def test_every_command_explains_itself() -> None:
    """Each command of the interface is there, with help."""
    listed = CliRunner().invoke(botlogs, ["--help"]).output

    for command in _COMMANDS:
        assert command in listed
        shown = CliRunner().invoke(botlogs, [command, "--help"])
        assert shown.exit_code == 0
        assert f"Usage: botlogs {command}" in shown.output


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(shell: str) -> None:
    """Every shell gets a script that calls back."""
    assert "_BOTLOGS_COMPLETE" in CliRunner().invoke(botlogs, ["completion", shell]).output


def test_help_loads_neither_engine_nor_servers() -> None:
    """`botlogs --help` stays quick: no database driver, no gRPC, no SDK is imported for it."""
    code = (
        "import sys; from botlogs_collector.cli.main import botlogs; botlogs.main(['--help'], standalone_mode=False);"
        "print(sorted({'chdb', 'clickhouse_connect', 'grpc', 'uvicorn', 'rich', 'opentelemetry'} & set(sys.modules)))"
    )

    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True).stdout

    assert shown.splitlines()[-1] == "[]"
