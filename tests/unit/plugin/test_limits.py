"""However much a bot says in one event, what leaves has a size that was promised, as OTLP encodes it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans

import otel_botlogs
from otel_botlogs import guard, semconv
from otel_botlogs.limits import RECORD_BYTES, Value, fit, size_of
from otel_botlogs.testing import Recording, record

LIMIT = 65_536
DROPPED = semconv.BOT_DROPPED_ATTRIBUTES_COUNT


def sizes(recording: Recording) -> dict[str, int]:
    """Return the bytes of the largest record of each event name, as the exporter encodes it."""
    request = encode_logs(recording.log_exporter.get_finished_logs())
    records = [log for group in request.resource_logs for scope in group.scope_logs for log in scope.log_records]
    return {
        log.event_name: max(one.ByteSize() for one in records if one.event_name == log.event_name) for log in records
    }


def test_twenty_thousand_attributes_leave_as_many_as_there_is_room_for() -> None:
    """Names count: the record is within the limit, the first attributes are on it, the rest are counted."""
    with record() as recording, otel_botlogs.conversation("c") as conv:
        conv.log("line", **{f"attribute.number.{number}": number for number in range(20_000)})

    (line,) = recording.conversation("c").named("bot.log")
    own = [name for name in line.attributes if name.startswith("attribute.")]
    assert own == [f"attribute.number.{number}" for number in range(len(own))]
    assert len(own) > 500
    assert line.attributes[DROPPED] == 20_000 - len(own)
    assert LIMIT // 3 < sizes(recording)["bot.log"] <= LIMIT


def test_long_names_and_values_leave_within_the_limit() -> None:
    """A name of a megabyte is left out, values are cut with a mark, short ones stay whole, however they are mixed."""
    given = {
        "short": "kept",
        "n" * 1_000_000: 1,
        **{f"value{number}": "é" * 9000 for number in range(50)},
        "last": True,
    }
    with record() as recording, otel_botlogs.conversation("c") as conv:
        conv.log("x" * 15_000, **given)
        conv.event("bot." + "e" * 100_000, "body", **given)
        conv.set_variable("v" * 100_000, "w" * 100_000)

    (line,) = recording.conversation("c").named("bot.log")
    assert (line.attributes["short"], line.attributes["last"], line.attributes[DROPPED]) == ("kept", True, 1)
    assert (line.body or "").endswith("…[cut, 15000 characters in all]")
    assert all(str(line.attributes[f"value{number}"]).endswith("in all]") for number in range(50))
    assert all(size <= LIMIT for size in sizes(recording).values()), sizes(recording)


def test_what_a_place_carries_is_bounded_too() -> None:
    """Attributes of a conversation, a turn and a node go on every span and event: later ones are left out, and told."""
    many = {f"attribute.number.{number}": "x" * 1000 for number in range(2000)}
    with record() as recording, otel_botlogs.conversation("c", attributes=many) as conv:
        with conv.turn(attributes=many) as turn, turn.node("n", attributes=many) as node:
            for number in range(2000):
                node.set_attribute(f"later.{number}", number)
            node.log("x" * 100_000, **many)
            node.log("fits")
        conv.end()

    assert all(size <= LIMIT for size in sizes(recording).values()), sizes(recording)
    spans = encode_spans(recording.spans).resource_spans[0].scope_spans[0].spans
    assert all(span.ByteSize() <= LIMIT // 2 for span in spans)
    (enter,) = recording.conversation("c").named("bot.node.enter")
    assert enter.attributes["attribute.number.0"] == "x" * 1000
    assert enter.attributes[DROPPED] > 2000
    assert guard.counts()["attributes"] > 2000


def test_an_event_that_fits_is_untouched(recording: Recording) -> None:
    """No mark, no count, nothing cut."""
    with otel_botlogs.conversation("c") as conv:
        conv.log("é" * 8000, text="y" * 16_000, number=1)

    (line,) = recording.conversation("c").named("bot.log")
    assert (line.body, line.attributes["text"], line.attributes["number"]) == ("é" * 8000, "y" * 16_000, 1)
    assert DROPPED not in line.attributes


VALUES = st.text(max_size=300) | st.integers(-(2**63), 2**63 - 1) | st.booleans() | st.floats()


@given(
    st.dictionaries(st.text(min_size=1, max_size=40), VALUES, max_size=60), st.none() | st.text(max_size=2000),
    st.integers(600, 6000),
)  # fmt: skip
def test_any_event_fits(attributes: dict[str, Value], body: str | None, limit: int) -> None:
    """Whatever the names and values: within the limit, in order, and what is gone is counted."""
    before = dict(attributes)

    kept, dropped = fit(attributes, body, limit)

    assert len(attributes) + dropped == len(before)
    assert list(attributes) == [name for name in before if name in attributes]
    assert size_of(attributes) + len((kept or "").encode()) + RECORD_BYTES <= limit
    if not dropped and attributes == before:
        assert kept is None or kept == body or "…[cut" in kept
