"""A running `botlogs serve` on ports and a data folder of its own, and what can be asked of it."""

import atexit
import functools
import json
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support.processes import Program, fetch, free_ports, run, until


@functools.cache
def _new_store() -> Path:
    """Return a folder with the schema made and nothing in it, to be copied: making it is most of a first start."""
    kept = tempfile.TemporaryDirectory(prefix="botlogs-new-store-")
    atexit.register(kept.cleanup)
    folder = Path(kept.name) / "data"
    made = run("migrate", environ={"BOTLOGS_STORAGE__DSN": f"chdb://{folder}"})
    assert made.returncode == 0, made.stderr
    return folder


class Service:
    """One service in a process of its own; `restart` begins another on the same folder and ports."""

    def __init__(self, folder: Path, environ: Mapping[str, str] | None = None, *, code: str = "") -> None:
        self.folder = folder
        if not folder.exists():
            shutil.copytree(_new_store(), folder, symlinks=True)
        self._code = code
        grpc, http, api, api_grpc = free_ports(4)
        self.grpc = f"127.0.0.1:{grpc}"
        self.http = f"http://127.0.0.1:{http}"
        self.api = f"http://127.0.0.1:{api}"
        self.environ = {
            "BOTLOGS_STORAGE__DSN": f"chdb://{folder}",
            "BOTLOGS_RECEIVERS__OTLP__GRPC__ENDPOINT": self.grpc,
            "BOTLOGS_RECEIVERS__OTLP__HTTP__ENDPOINT": f"127.0.0.1:{http}",
            "BOTLOGS_API__HTTP": f"127.0.0.1:{api}",
            "BOTLOGS_API__GRPC": f"127.0.0.1:{api_grpc}",
            **(environ or {}),
        }
        self.restart()

    def restart(self) -> None:
        """Start the program and return when it is ready."""
        self.program = Program("serve", environ=self.environ, code=self._code)
        self.program.wait_for_line("ready")

    def __enter__(self) -> "Service":
        return self

    def __exit__(self, *_exc: object) -> None:
        """Whatever a test left running ends."""
        self.program.stop(9)

    def get(self, path: str) -> tuple[int, Any]:
        """Return status and JSON of a query."""
        return fetch(f"{self.api}/api/v1{path}")

    def conversation(self, conversation: str, timeout_s: float = 60.0) -> dict[str, Any]:
        """Return the conversation once it is there."""

        def ask() -> dict[str, Any] | None:
            status, body = self.get(f"/conversations/{conversation}")
            return body if status == 200 else None

        return until(ask, timeout_s)


def post(
    url: str, body: bytes, content_type: str = "application/x-protobuf", encoding: str | None = None
) -> tuple[int, Mapping[str, str], bytes]:
    """Return status, headers and body of the answer to a POST."""
    headers = {"content-type": content_type} | ({"content-encoding": encoding} if encoding else {})
    request = urllib.request.Request(url, body, headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, dict(answer.headers.items()), answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, {key.lower(): value for key, value in error.headers.items()}, error.read()


_ASK = """
import json, sys
from botlogs_collector.store.client import Database
database = Database(sys.argv[1])
print(json.dumps([database.rows(sql) for sql in sys.argv[2:]], default=str))
database.close()
"""


def ask_store(folder: Path, *queries: str) -> list[list[dict[str, Any]]]:
    """Return the rows of each query on a stopped service's folder, asked in a process of its own."""
    command = [sys.executable, "-c", _ASK, f"chdb://{folder}", *queries]
    return json.loads(subprocess.run(command, capture_output=True, check=True, timeout=120).stdout)
