"""The embedded engine behind ClickHouse's HTTP protocol, as far as clickhouse-connect and our SQL need it.

No ClickHouse server is to be had in the tests' environment, so `clickhouse://` runs against this: the same engine,
the same SQL, the real driver and wire format; not a real server's users, replication or sessions.
Run as a program it prints its port: `python -m tests.support.clickhouse_http FOLDER [CONFIG]`.

With a cluster it takes the cluster's own statements. Its one shard is this process: Distributed tables, refreshed views
and volumes are the engine's own and run; `ON CLUSTER` and replication need a Keeper, so they are taken out of the text.
"""

import email
import gzip
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import chdb.state
import lz4.frame
from backports import zstd

from tests.support.native_answer import native_block

_FORMAT = re.compile(r"\bFORMAT\s+(\w+)\s*;?\s*$", re.IGNORECASE)
# An INSERT may carry its data in the body, after the statement's line.
_INSERT = re.compile(rb"\A\s*(INSERT\s[^\n]*?FORMAT\s+\w+)[ \t]*\n(.+)", re.IGNORECASE | re.DOTALL)
_CODE = re.compile(r"Code: (\d+)\.")
# Parameters of the HTTP interface that are no settings.
_TRANSPORT = {
    "query", "database", "query_id", "session_id", "session_timeout", "session_check", "default_format", "role",
    "compress", "decompress", "wait_end_of_query", "buffer_size", "client_protocol_version", "quota_key",
    "send_progress_in_http_headers", "http_headers_progress_interval_ms", "enable_http_compression",
    "prefer_localhost_replica",  # a cluster's only shard is this process, which has no port of its own
}  # fmt: skip
_INFLATE = {"gzip": gzip.decompress, "lz4": lz4.frame.decompress, "zstd": zstd.decompress}


_CLUSTER = """<clickhouse>
  <tcp_port>9000</tcp_port>
  <remote_servers><main><shard><replica><host>127.0.0.1</host><port>9000</port></replica></shard></main></remote_servers>
  <storage_configuration>
    <disks><slow><type>local</type><path>{folder}/slow/</path></slow></disks>
    <policies><tiered><volumes>
      <default><disk>default</disk></default><cold><disk>slow</disk></cold>
    </volumes></tiered></policies>
  </storage_configuration>
</clickhouse>
"""
_ON_CLUSTER = re.compile(r" ON CLUSTER '\w+'")
_WINDOW = re.compile(r"\breplicated_deduplication_window = (\d+), replicated_deduplication_window_seconds = \d+")
_REPLICATED = re.compile(r"\bReplicated(\w*MergeTree)\('[^']*', '[^']*'(?:, )?")


def unreplicated(statement: str) -> str:
    """Return a cluster's statement as one node without a Keeper can run it."""
    plain = _REPLICATED.sub(r"\1(", _ON_CLUSTER.sub("", statement))
    return _WINDOW.sub(r"non_replicated_deduplication_window = \1", plain)


@contextmanager
def clickhouse_server(folder: Path, *, cluster: bool = False) -> Generator[str]:
    """Run the server in a process of its own; yields its `clickhouse://` address. The *cluster* is called `main`."""
    command = [sys.executable, "-m", "tests.support.clickhouse_http", str(folder)]
    if cluster:
        config = folder.with_name(f"{folder.name}-cluster.xml")
        config.write_text(_CLUSTER.format(folder=folder.resolve()), encoding="utf-8")
        command.append(str(config))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"clickhouse://127.0.0.1:{int(process.stdout.readline())}/"
        finally:
            process.terminate()


def _fields(content_type: str, body: bytes) -> dict[str, str]:
    """Return the fields of a form."""
    form = email.message_from_bytes(f"Content-Type: {content_type}\n\n".encode() + body)
    parts = [part for part in form.walk() if not part.is_multipart()]
    values = ((part.get_param("name", header="content-disposition"), part.get_payload(decode=True)) for part in parts)
    return {str(name): value.decode() for name, value in values if isinstance(value, bytes)}


class _Handler(BaseHTTPRequestHandler):
    """One request, one connection to the engine: settings end with it."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else every answer waits 40 ms for an acknowledgement
    address: str

    def do_GET(self) -> None:
        self._answer(200, b"Ok.\n")

    def do_POST(self) -> None:
        parameters = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        body = self.rfile.read(int(self.headers.get("content-length") or 0)) if self._has_length() else self._chunks()
        if encoding := self.headers.get("content-encoding"):
            body = _INFLATE[encoding](body)
        if (form := self.headers.get("content-type", "")).startswith("multipart/form-data"):
            parameters |= _fields(form, body)  # how the driver sends long parameters
            body = b""
        try:
            self._answer(200, *self._run(parameters, body))
        except RuntimeError as error:
            text = str(error)
            code = _CODE.search(text)
            headers = {"X-ClickHouse-Exception-Code": code[1] if code else "1001"}
            self._answer(500, text[text.find("Code:") :].encode(), headers)

    def _run(self, parameters: dict[str, str], body: bytes) -> tuple[bytes, dict[str, str]]:
        connection = chdb.state.connect(self.address)
        try:
            if database := parameters.get("database"):
                connection.query(f"USE `{database}`")
            for name, value in parameters.items():
                if name not in _TRANSPORT and not name.startswith("param_"):
                    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
                    connection.query(f"SET {name} = '{escaped}'")
            if "query" in parameters and body:
                return self._insert(connection, parameters["query"], body), {}
            if insert := _INSERT.match(body):
                return self._insert(connection, insert[1].decode(), insert[2]), {}
            sql = unreplicated(parameters.get("query") or body.decode())
            bound = {name.removeprefix("param_"): v for name, v in parameters.items() if name.startswith("param_")}
            if "clickhouse-go" in self.headers.get("user-agent", ""):
                return self._select_for_go(connection, sql), {}
            return self._select(connection, sql, parameters.get("default_format", "TabSeparated"), bound)
        finally:
            connection.close()

    def _select(self, connection: Any, sql: str, form: str, bound: dict[str, str]) -> tuple[bytes, dict[str, str]]:
        asked = _FORMAT.search(sql)
        if asked:
            sql, form = sql[: asked.start()], asked[1]
        answer = connection.query(sql, form, params=bound) if bound else connection.query(sql, form)
        data = answer.bytes()
        return data, {"X-ClickHouse-Format": form} if data else {}

    def _select_for_go(self, connection: Any, sql: str) -> bytes:
        """Answer what the OpenTelemetry ClickHouse exporter asks: who the server is, and the columns of a table."""
        names, types, *rows = json.loads(
            f"[{_lines_of(connection.query(sql, 'JSONCompactStringsEachRowWithNamesAndTypes'))}]"
        )
        return native_block(list(zip(names, types, strict=True)), rows)

    def _insert(self, connection: Any, sql: str, body: bytes) -> bytes:
        with tempfile.NamedTemporaryFile(suffix=".raw") as file:
            file.write(body)
            file.flush()
            head, _, form = sql.rpartition("FORMAT")
            connection.query(f"{head} FROM INFILE '{file.name}' FORMAT {form}", "TabSeparated")
        return b""

    def _has_length(self) -> bool:
        return "chunked" not in self.headers.get("transfer-encoding", "")

    def _chunks(self) -> bytes:
        parts: list[bytes] = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"X-ClickHouse-Timezone": "UTC", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("X-ClickHouse-Summary", json.dumps({"written_rows": "0"}))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name
        """Say nothing."""


def _lines_of(answer: Any) -> str:
    return ",".join(answer.bytes().decode().splitlines())


def main(folder: str, config: str = "") -> None:
    """Serve until terminated."""
    with tempfile.TemporaryDirectory() as schemas:
        _Handler.address = f"{folder}?format_schema_path={schemas}" + (f"&config-file={config}" if config else "")
        keep = chdb.state.connect(_Handler.address)  # the engine stays open between requests
        server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        print(server.server_address[1], flush=True)  # noqa: T201  # the parent reads it
        server.serve_forever()
        keep.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
