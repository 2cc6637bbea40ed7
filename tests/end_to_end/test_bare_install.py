"""`pip install otel-botlogs` from the wheel that would be published: the plugin alone; with extras all."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_HEAVY = {"grpcio", "clickhouse-connect", "chdb", "pandas", "numpy", "pyarrow", "starlette", "uvicorn"}


def _run(*command: str | Path) -> str:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.timeout(300)
def test_the_bare_install_is_the_plugin_and_light(tmp_path: Path) -> None:
    """No grpc, no ClickHouse, no pandas come along; with the README's extras it is the service, SQL and console."""
    pip = ("-m", "pip", "--disable-pip-version-check", "--quiet")
    _run(sys.executable, *pip, "wheel", "--no-deps", "--wheel-dir", tmp_path, ROOT)
    (wheel,) = tmp_path.glob("otel_botlogs-*.whl")
    _run(sys.executable, "-m", "venv", tmp_path / "venv")
    python = tmp_path / "venv" / "bin" / "python"

    _run(python, *pip, "install", wheel)

    listed = json.loads(_run(python, *pip[:-1], "list", "--format", "json"))
    assert {package["name"].lower() for package in listed} & _HEAVY == set()
    used = _run(
        python,
        "-c",
        "import otel_botlogs, sys\n"
        "with otel_botlogs.conversation('c') as conversation, conversation.turn(user_message='hi') as turn:\n"
        "    turn.reply('hello')\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'grpc', 'chdb', 'clickhouse_connect'}))",
    )
    assert used.strip() == "[]"

    _run(python, *pip, "install", f"{wheel}[collector,embedded]")

    botlogs = tmp_path / "venv" / "bin" / "botlogs"
    assert "CREATE TABLE IF NOT EXISTS botlogs.otel_traces" in _run(botlogs, "ddl")
    (console,) = (tmp_path / "venv" / "lib").glob("*/site-packages/botlogs_dashboards/console/index.html")
    assert console.is_file()
