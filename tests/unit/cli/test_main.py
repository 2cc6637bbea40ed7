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


def test_ddl_prints_the_schema_the_clusters_and_the_rights() -> None:
    """Each for a server or a cluster, ready to be piped into a client."""
    one, many, rights = (
        CliRunner().invoke(botlogs, ["ddl", *options])
        for options in ([], ["--cluster", "main"], ["--grants", "--cluster", "main"])
    )

    assert [one.exit_code, many.exit_code, rights.exit_code] == [0, 0, 0]
    assert "CREATE TABLE IF NOT EXISTS botlogs.otel_traces AS" in one.output
    assert "ON CLUSTER" not in one.output
    assert (
        "CREATE TABLE IF NOT EXISTS botlogs.otel_traces ON CLUSTER 'main' AS botlogs.otel_traces_local" in many.output
    )
    assert "GRANT ON CLUSTER 'main' SELECT ON botlogs.otel_traces_local TO botlogs_reader;" in rights.output


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
