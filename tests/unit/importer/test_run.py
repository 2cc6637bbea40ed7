"""Files sent to an endpoint: once, whole, in few requests; resumed; bad lines by number; patience with a busy one."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from botlogs_collector.clock import ManualClock
from botlogs_collector.importer import outgoing
from botlogs_collector.importer.endpoint import Endpoint
from botlogs_collector.importer.marks import Marks
from botlogs_collector.importer.run import FileResult, Watch, import_file
from tests.support.answering_otlp import Answer, AnsweringOtlp, answering_otlp

_GONE = Answer(status=503)


def _spans(*ids: int, span_id: str | None = None, environment: str | None = None) -> str:
    """One line of the file exporter with a span for each of *ids*."""
    resource = [{"key": "deployment.environment", "value": {"stringValue": environment}}] if environment else []
    spans = [{"traceId": f"{i:032x}", "spanId": span_id or f"{i:016x}", "name": f"n{i}"} for i in ids]
    return json.dumps({"resourceSpans": [{"resource": {"attributes": resource}, "scopeSpans": [{"spans": spans}]}]})


def _record(text: str) -> str:
    records = [{"timeUnixNano": "1", "body": {"stringValue": text}}]
    return json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": records}]}]})


class _Import:
    """`botlogs import` of one file, without its terminal."""

    def __init__(self, tmp_path: Path) -> None:
        self.path = tmp_path / "telemetry.jsonl"
        self.clock = ManualClock(1_790_000_000_000_000_000)
        self.waited: list[float] = []
        self.told: list[str] = []
        self._marks = Marks(tmp_path / "state")

    def write(self, lines: Sequence[str], *, end: str = "\n") -> None:
        self.path.write_text("\n".join(lines) + end)

    def run(self, endpoint: AnsweringOtlp, *, environment: str | None = None, start: int | None = None) -> FileResult:
        def pause(seconds: float) -> None:
            self.waited.append(seconds)
            self.clock.advance(seconds)

        sender = Endpoint(endpoint.url, "secret", self.clock, pause, patience_s=100)
        watch = Watch(bad=self.told.append, position=lambda _at, _size: None)
        return import_file(self.path, sender, self._marks, watch, environment=environment, from_entry=start)


@pytest.fixture
def importing(tmp_path: Path) -> _Import:
    """An import whose clock stands still."""
    return _Import(tmp_path)


def test_spans_and_logs_arrive_in_few_requests(importing: _Import) -> None:
    """A thousand lines are two requests, one a signal, with the token."""
    importing.write([_spans(i) for i in range(1, 1000)] + [_record("a line")])

    with answering_otlp() as endpoint:
        result = importing.run(endpoint)

    assert (result.spans, result.log_records, result.entries, result.is_whole) == (999, 1, 1000, True)
    assert [span.name for span in endpoint.spans] == [f"n{i}" for i in range(1, 1000)]
    assert [record.body.string_value for record in endpoint.records] == ["a line"]
    assert [path for path, _, _ in endpoint.asked] == ["/v1/traces", "/v1/logs"]
    assert endpoint.asked[0][2]["authorization"] == "Bearer secret"


def test_bad_lines_are_reported_by_number_and_skipped(importing: _Import) -> None:
    """Their neighbours arrive; metrics are counted as not handled, which is no failure of a line."""
    importing.write([_spans(1), '{"resourceSpans": [', '{"some": "thing"}', '{"resourceMetrics": []}', _spans(2)])

    with answering_otlp() as endpoint:
        result = importing.run(endpoint)

    assert [span.name for span in endpoint.spans] == ["n1", "n2"]
    assert (result.skipped, result.not_handled, result.is_whole) == (2, 1, False)
    assert [bad["line"] for bad in result.bad] == [2, 3]
    assert importing.told[0].endswith("line 2: not JSON: Expecting value at character 20")
    assert 'line 3: no telemetry: a line holds an object with "resourceSpans"' in importing.told[1]


def test_rejected_ids_are_told_by_their_line(importing: _Import) -> None:
    """The endpoint says how many it rejected; which lines they are on is known here."""
    importing.write([_spans(1), _spans(2, 3, span_id="abcd"), _spans(4)])
    refusal = ExportTraceServiceResponse()
    refusal.partial_success.rejected_spans = 3
    refusal.partial_success.error_message = "no room"

    with answering_otlp(Answer(body=refusal.SerializeToString())) as endpoint:
        result = importing.run(endpoint)

    assert (result.spans, result.rejected, result.skipped, result.is_whole) == (1, 3, 0, False)
    assert "line 2: 2 of 2 rejected: trace_id must be 16 bytes" in importing.told[0]
    assert "line 1: the endpoint rejected 1 between here and 3: no room" in importing.told[1]


def test_a_refused_request_is_found_among_its_neighbours(importing: _Import) -> None:
    """A request of many lines that is refused is halved until the line is found; the others arrive."""
    importing.write([_spans(i) for i in (1, 2, 3, 4)])
    no = Answer(status=400)

    with answering_otlp(no, Answer(), no, no) as endpoint:  # 1-4 no, 1-2 yes, 3-4 no, 3 no, 4 yes
        result = importing.run(endpoint)

    assert [span.name for span in endpoint.spans] == ["n1", "n2", "n4"]
    assert (result.skipped, [bad["line"] for bad in result.bad]) == (1, [3])


def test_large_lines_are_cut(importing: _Import, monkeypatch: pytest.MonkeyPatch) -> None:
    """No request is larger than the limit, whatever a line holds."""
    monkeypatch.setattr(outgoing, "REQUEST_BYTES", 1000)
    importing.write([_spans(*range(1, 200), environment="sandbox")])

    with answering_otlp() as endpoint:
        importing.run(endpoint)

    assert max(size for _, size, _ in endpoint.asked) <= 1000
    assert sorted(span.name for span in endpoint.spans) == sorted(f"n{i}" for i in range(1, 200))
    for request in endpoint.traces:
        assert request.resource_spans[0].resource.attributes[0].value.string_value == "sandbox"


def test_a_second_run_sends_what_is_new(importing: _Import) -> None:
    """Nothing if nothing changed; the lines that were appended if the file grew."""
    importing.write([_spans(1), _spans(2)])
    with answering_otlp() as endpoint:
        importing.run(endpoint)
        again = importing.run(endpoint)
        with importing.path.open("a") as file:
            file.write(_spans(3) + "\n")
        grown = importing.run(endpoint)

    assert (again.entries, again.spans, again.went_on_after) == (0, 0, 2)
    assert (grown.entries, grown.spans) == (1, 1)
    assert [span.name for span in endpoint.spans] == ["n1", "n2", "n3"]


def test_a_run_can_begin_anew_or_at_a_line(importing: _Import) -> None:
    """`--from-line` wins over what is remembered; the numbers stay those of the file."""
    importing.write([_spans(1), _spans(2), "oops", _spans(3)])
    with answering_otlp() as endpoint:
        importing.run(endpoint)
        anew = importing.run(endpoint, start=1)
        later = importing.run(endpoint, start=3)

    assert (anew.spans, later.spans) == (3, 1)
    assert later.bad[0]["line"] == 3


def test_another_file_of_the_same_name_is_read_from_its_start(importing: _Import) -> None:
    """Logs rotate: the mark is of the file's content."""
    importing.write([_spans(1), _spans(2)])
    with answering_otlp() as endpoint:
        importing.run(endpoint)
        importing.write([_spans(3), _spans(4), _spans(5)])
        rotated = importing.run(endpoint)

    assert rotated.spans == 3


def test_a_line_that_is_still_being_written_is_read_next_time(importing: _Import) -> None:
    """It counts as bad now; the next run reads it whole."""
    importing.write([_spans(1), _spans(2)[:40]], end="")
    with answering_otlp() as endpoint:
        cut = importing.run(endpoint)
        importing.write([_spans(1), _spans(2)])
        whole = importing.run(endpoint)

    assert (cut.spans, cut.skipped) == (1, 1)
    assert (whole.spans, whole.skipped) == (1, 0)


def test_a_damaged_file_gives_what_it_has(importing: _Import) -> None:
    """The lines before the damage arrive, and where it is is told."""
    importing.path.write_bytes(gzip.compress("\n".join(_spans(i) for i in range(2000)).encode())[:-1000])

    with answering_otlp() as endpoint:
        result = importing.run(endpoint)

    assert 0 < result.spans < 2000
    assert result.skipped == 1
    assert "damaged or ends early" in importing.told[0]


def test_a_jaeger_file_arrives(importing: _Import) -> None:
    """Each trace stands alone: a bad one is told by its number."""
    good = {
        "traceID": "1",
        "spans": [{"traceID": "1", "spanID": "2", "startTime": 1, "processID": "p"}],
        "processes": {},
    }
    importing.path.write_text(json.dumps({"data": [good, {"traceID": "x"}]}))

    with answering_otlp() as endpoint:
        result = importing.run(endpoint)

    assert [span.span_id.hex() for span in endpoint.spans] == ["2".rjust(16, "0")]
    assert (result.noun, result.skipped, result.bad[0]["trace"]) == ("trace", 1, 2)


def test_an_environment_is_set_where_there_is_none(importing: _Import) -> None:
    """Resources that name theirs, by the new or the old attribute, keep it."""
    importing.write([_spans(1), _spans(2, environment="production"), _record("a line")])

    with answering_otlp() as endpoint:
        importing.run(endpoint, environment="sandbox")

    groups = (*endpoint.traces[0].resource_spans, *endpoint.logs[0].resource_logs)
    found = [[(item.key, item.value.string_value) for item in group.resource.attributes] for group in groups]
    assert found == [
        [("deployment.environment.name", "sandbox")],
        [("deployment.environment", "production")],
        [("deployment.environment.name", "sandbox")],
    ]


def test_a_busy_endpoint_is_waited_for_as_it_asks(importing: _Import) -> None:
    """Retry-After in seconds or as a date; without it the waits grow."""
    importing.write([_spans(1)])
    busy = [
        Answer(status=429, headers={"Retry-After": "7"}),
        Answer(status=503, headers={"Retry-After": "Mon, 21 Sep 2026 14:13:39 GMT"}),  # the clock's start and 19 s
        Answer(status=502), Answer(status=504),
    ]  # fmt: skip

    with answering_otlp(*busy) as endpoint:
        result = importing.run(endpoint)

    assert importing.waited == [7, 12, 4, 8]
    assert (result.spans, result.is_whole) == (1, True)


def test_an_import_that_is_given_up_goes_on_where_it_stopped(
    importing: _Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was taken is remembered, what was not is sent by the next run; nothing is lost."""
    monkeypatch.setattr(outgoing, "REQUEST_BYTES", 1)  # a request a line
    importing.write([_spans(1), _spans(2), _spans(3)])

    with answering_otlp(Answer(), *[_GONE] * 9) as endpoint:
        stopped = importing.run(endpoint)
        again = importing.run(endpoint)

    assert stopped.stopped
    assert "answered 503" in stopped.stopped
    assert (stopped.spans, again.spans) == (1, 2)
    assert [span.name for span in endpoint.spans] == ["n1", "n2", "n3"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(status=401), "give a token with --token"),
        (Answer(status=404), "without /v1/traces"),
        (Answer(status=429, headers={"Retry-After": "3600"}), "asks to come back in 3600 s"),
    ],
    ids=["no token", "wrong address", "come back later"],
)
def test_what_waiting_cannot_mend_stops_at_once(importing: _Import, answer: Answer, said: str) -> None:
    """With the reason and the way out; no line is blamed."""
    importing.write([_spans(1)])

    with answering_otlp(answer) as endpoint:
        result = importing.run(endpoint)

    assert result.stopped
    assert said in result.stopped
    assert (importing.waited, result.skipped) == ([], 0)
