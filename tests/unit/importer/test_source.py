"""Files of every form, cut into entries in bounded memory."""

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from backports import zstd
from hypothesis import given, settings
from hypothesis import strategies as st

from botlogs_collector.errors import InvalidRequest
from botlogs_collector.importer import lines, traces
from botlogs_collector.importer.entry import Entry
from botlogs_collector.importer.lines import read_lines
from botlogs_collector.importer.source import Source
from botlogs_collector.importer.traces import read_traces

_COMPRESS: dict[str, Callable[[bytes], bytes]] = {"plain": bytes, "gzip": gzip.compress, "zstd": zstd.compress}
_LINES = b'{"resourceSpans":[]}\n\n{"resourceLogs":[]}\n'


def _entries(path: Path, after: int = 0, offset: int = 0) -> list[tuple[int, bytes | None]]:
    with Source(path) as source:
        return [(entry.number, entry.data) for entry in source.entries(after, offset)]


def _file(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "telemetry"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("form", ["plain", "gzip", "zstd"])
def test_the_form_is_read_off_the_bytes(tmp_path: Path, form: str) -> None:
    """Plain, gzip and zstd lines are the same lines, whatever the file is called."""
    path = _file(tmp_path, _COMPRESS[form](_LINES))

    assert _entries(path) == [(1, b'{"resourceSpans":[]}\n'), (3, b'{"resourceLogs":[]}\n')]
    assert _entries(path, after=1) == [(3, b'{"resourceLogs":[]}\n')]


def test_compressed_messages_of_the_file_exporter(tmp_path: Path) -> None:
    """With `compression: zstd` it writes a length and a frame for each message."""
    frames = [zstd.compress(document) for document in (b'{"resourceSpans":[]}', b'{"resourceLogs":[]}')]
    path = _file(tmp_path, b"".join(len(frame).to_bytes(4, "big") + frame for frame in frames))

    assert _entries(path) == [(1, b'{"resourceSpans":[]}'), (2, b'{"resourceLogs":[]}')]
    assert _entries(path, after=1, offset=4 + len(frames[0])) == [(2, b'{"resourceLogs":[]}')]


@pytest.mark.parametrize("form", ["gzip", "zstd"])
def test_a_compressed_file_that_ends_early_says_so(tmp_path: Path, form: str) -> None:
    """What comes before the damage is read."""
    path = _file(tmp_path, _COMPRESS[form](_LINES)[:-3])

    with pytest.raises(InvalidRequest, match="damaged or ends early"):
        _entries(path)


def test_the_exporters_protobuf_is_refused_in_words(tmp_path: Path) -> None:
    """It does not say which signal it holds."""
    with pytest.raises(InvalidRequest, match="format: json"):
        _entries(_file(tmp_path, b"\0\0\0\x02\x0a\x00"))


def test_a_document_over_several_lines_is_one_entry() -> None:
    """As `jq .` writes it; a line of one brace among JSON lines spoils its neighbours not."""
    pretty = json.dumps({"resourceSpans": [{"resource": {}}]}, indent=2).encode()
    stream = io.BytesIO(b'{"a":1}\n' + pretty + b'\n{\n{"b":2}\n')

    assert [(entry.number, entry.data) for entry in read_lines(stream)] == [
        (1, b'{"a":1}\n'), (2, pretty + b"\n"), (9, b"{\n"), (10, b'{"b":2}\n'),
    ]  # fmt: skip


def test_a_line_that_is_too_long_is_passed_by(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its number and its end are known, its bytes never were in memory."""
    monkeypatch.setattr(lines, "MAX_ENTRY_BYTES", 20)
    stream = io.BytesIO(b"short\n" + b"x" * 5000 + b"\nshort again\n")

    assert list(read_lines(stream)) == [
        Entry(number=1, data=b"short\n", end=6),
        Entry(number=2, data=None, end=5007),
        Entry(number=3, data=b"short again\n", end=5019),
    ]


_texts = st.text(alphabet='ab"\\{}[],: ☃\n', max_size=8)
_traces = st.lists(st.dictionaries(_texts, _texts | st.lists(st.dictionaries(_texts, _texts, max_size=2), max_size=2)))


@settings(max_examples=50)
@given(found=_traces, chunk=st.integers(1, 40), indent=st.none() | st.just(1))
def test_a_jaeger_document_is_cut_into_its_traces(found: list[dict[str, Any]], chunk: int, indent: int | None) -> None:
    """Whatever is in their texts, however it is written, wherever the chunks end."""
    document = json.dumps({"data": found, "total": 0, "errors": None}, indent=indent, ensure_ascii=False).encode()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(traces, "_CHUNK_BYTES", chunk)
        read = list(read_traces(io.BytesIO(document)))

    assert [json.loads(entry.data or b"") for entry in read] == found
    assert [entry.number for entry in read] == list(range(1, len(found) + 1))


def test_a_trace_that_is_too_long_is_passed_by(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if it is one endless text, with quotes and brackets in it."""
    monkeypatch.setattr(traces, "MAX_ENTRY_BYTES", 100)
    monkeypatch.setattr(traces, "_CHUNK_BYTES", 16)
    long = {"traceID": '"}]\\' * 1000}
    document = json.dumps({"data": [{"a": 1}, long, {"b": 2}]}).encode()

    assert [(entry.number, entry.data) for entry in read_traces(io.BytesIO(document))] == [
        (1, b'{"a": 1}'), (2, None), (3, b'{"b": 2}'),
    ]  # fmt: skip


def test_a_jaeger_file_is_known_by_its_first_key(tmp_path: Path) -> None:
    """Also compressed; some of its traces can be skipped."""
    document = b' {\n "data": [ {"traceID": "1"}, {"traceID": "2"} ] }'

    for content in (document, gzip.compress(document)):
        with Source(_file(tmp_path, content)) as source:
            assert source.noun == "trace"
            assert [entry.data for entry in source.entries(1, 0)] == [b'{"traceID": "2"}']
