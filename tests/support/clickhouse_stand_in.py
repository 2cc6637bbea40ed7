"""ClickHouse's HTTP protocol in front of the embedded engine, in a process of its own: a server where there is none.

Enough for clickhouse-connect: queries with typed parameters and settings, inserts with data, errors with
their codes. What only a real server does (users, grants, replication) it does not.
"""

import contextlib
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

_CODE = re.compile(r"Code: (\d+)")
_INSERT_HEAD = re.compile(rb"\s*INSERT\s+INTO\s[^\0]*?\bFORMAT\s+\w+\s*?\n", re.IGNORECASE)
_INSERT_DATA = re.compile(r"\bFORMAT\s+(\w+)\s*$", re.IGNORECASE)
# What the HTTP interface itself takes; the engine would not know them.
_TRANSPORT = {
    "query", "database", "default_format", "session_id", "session_timeout", "session_check", "query_id", "quota_key",
    "compress", "decompress", "wait_end_of_query", "client_protocol_version", "role", "buffer_size",
    "send_progress_in_http_headers", "http_headers_progress_interval_ms", "enable_http_compression", "user", "password",
}  # fmt: skip


@contextlib.contextmanager
def clickhouse_server(folder: Path) -> Generator[str]:
    """Yield the dsn of a stand-in with its data in *folder*; it ends with the block."""
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.clickhouse_stand_in", str(folder.resolve())],
        stdout=subprocess.PIPE, text=True, env=environ, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    try:
        assert process.stdout is not None
        yield f"clickhouse://default@127.0.0.1:{process.stdout.readline().strip()}/"
    finally:
        process.terminate()
        process.wait(30)
        assert process.stdout is not None
        process.stdout.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    path_on_disk = ""
    local = threading.local()

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self._body())

    def _body(self) -> bytes:
        body, encoding = self._sent(), self.headers.get("content-encoding", "")
        if encoding in ("", "identity"):
            return body
        from clickhouse_connect.driver._backend.chdb_backend import _decompress

        return _decompress(body, encoding)

    def _sent(self) -> bytes:
        if self.headers.get("transfer-encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("content-length") or 0))
        chunks: list[bytes] = []
        while size := int(self.rfile.readline().strip() or b"0", 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _answer(self, body: bytes) -> None:
        url = urlsplit(self.path)
        arguments = dict(parse_qsl(url.query, keep_blank_values=True))
        if url.path == "/ping":
            self._send(200, b"Ok.\n", {})
            return
        sql, data = arguments.get("query", ""), body
        if not sql:
            insert = _INSERT_HEAD.match(body)
            head = insert.end() if insert else len(body)
            sql, data = body[:head].decode(), body[head:]
        parameters = {key[6:]: value for key, value in arguments.items() if key.startswith("param_")}
        settings = {k: v for k, v in arguments.items() if k not in _TRANSPORT and not k.startswith("param_")}
        try:
            result = self._run(sql, data, parameters, settings, arguments.get("default_format", "TabSeparated"))
        except Exception as error:  # noqa: BLE001  # a server answers whatever happened
            text = str(error)
            code = _CODE.search(text)
            self._send(500, text.encode(), {"X-ClickHouse-Exception-Code": code[1] if code else "1001"})
        else:
            self._send(200, result, {"X-ClickHouse-Timezone": "UTC", "X-ClickHouse-Summary": "{}"})

    def _run(self, sql: str, data: bytes, parameters: dict[str, str], settings: dict[str, str], fmt: str) -> bytes:
        import chdb

        options = f"?{urlencode(settings)}" if settings else ""
        connection: Any = chdb.connect(f"{self.path_on_disk}{options}")
        try:
            if not data:
                return connection.query(sql.rstrip().rstrip(";"), fmt, params=parameters).bytes() or b""
            with tempfile.NamedTemporaryFile() as file:
                file.write(data)
                file.flush()
                found = _INSERT_DATA.search(sql.rstrip())
                assert found is not None, f"data without FORMAT: {sql[:200]}"
                insert = f"{sql[: found.start()]} FROM INFILE '{file.name}' COMPRESSION 'none' FORMAT {found[1]}"
                connection.query(insert, params=parameters)
                return b""
        finally:
            connection.close()

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the parent's name
        pass


def _serve(folder: str) -> None:
    import chdb

    os.chdir(tempfile.mkdtemp())  # the engine caches the text of Protobuf schemas where it stands
    keep: Any = chdb.connect(folder)  # holds the engine open between requests
    _Handler.path_on_disk = folder
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()
    keep.close()


if __name__ == "__main__":
    _serve(sys.argv[1])
