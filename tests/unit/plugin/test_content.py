"""What of a value leaves: whole, redacted, masked, cut."""

from __future__ import annotations

import contextlib
import json
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import otel_botlogs
from otel_botlogs import config, guard
from otel_botlogs.content import ContentPolicy
from otel_botlogs.plain import cut, plain
from otel_botlogs.testing import Event, record


def policy(**settings: object) -> ContentPolicy:
    return ContentPolicy(config.load(settings, environ={}))


@pytest.mark.parametrize("environment", ["sandbox", "staging", "Development", "test"])
def test_content_leaves_whole_where_people_build(environment: str) -> None:
    """In sandbox and staging, and what is an alias of them, a builder sees what was said."""
    assert policy(environment=environment).content("body", "hello Anna") == "hello Anna"


@pytest.mark.parametrize("environment", [None, "production", "live", "prod", "qa-7"])
def test_content_is_masked_everywhere_else(environment: str | None) -> None:
    """In production, and where the environment is unknown, a value keeps its type, length and keyed hash."""
    masking = policy(environment=environment)

    masked = masking.content("body", "hello Anna")

    assert masked == masking.content("body", "hello Anna")
    assert masked != masking.content("body", "hello Anne")
    assert masking.content("body", "a" * 200_000) != masking.content("body", "a" * 199_999 + "b")
    assert masked != policy(environment=environment, id_key="other").content("body", "hello Anna")
    assert str(masked).startswith("<masked str len=10 hash=")
    assert "Anna" not in str(masked)


def test_masked_conversation_shows_no_word_of_what_was_said() -> None:
    """Messages, variables, operands, API bodies and model texts are masked; the author's own lines are not."""
    secret = "zanzibar"
    with record(environment="production") as recording, otel_botlogs.conversation("c") as conv:
        with conv.turn(user_message=secret) as turn, turn.node("n") as node:
            node.set_variable("city", secret)
            node.branch("city == home", {"city": secret}, taken=True)
            node.nlu("travel", 0.9, entities={"city": secret})
            node.validation_fail("city", value=secret)
            node.api("GET", "http://x/?q=" + secret, 200, request=secret, response={"city": secret})
            node.llm_request("m", [{"role": "user", "content": secret}])
            node.llm_response("m", secret, tools=[secret], reasoning=secret)
            node.kb(secret, rephrased=secret, results=[secret], answer=secret)
            node.event_in("callback", secret)
            node.event_out("callback", secret)
            node.workflow_output(success=True, value=secret)
            node.feedback(5, secret)
            node.function_error(secret)
            node.agent_message(secret)
            node.event("bot.variable.set", new=secret)
            turn.reply(secret)
            node.log("looked the city up")

    written = json.dumps([(event.name, event.body, dict(event.attributes)) for event in recording.events])
    assert secret not in written
    assert "looked the city up" in written


def test_a_masked_error_keeps_its_type_and_stack_but_not_its_message() -> None:
    """What an exception says often quotes the user: it is content, on errors, captured lines and functions alike."""
    secret = "zanzibar"

    def errors(environment: str) -> list[Event]:
        with record(environment=environment) as recording, otel_botlogs.conversation("c") as conv, conv.turn() as turn:
            with contextlib.suppress(KeyError), turn.node("n") as node:
                try:
                    {}[secret]
                except KeyError:
                    logging.getLogger("shop").exception("look-up failed")
                    node.function_error(f"no city {secret}", error_type="KeyError")
                    raise
            assert secret in str(recording.events) or environment == "production"
        return recording.conversation("c").named("bot.error") + recording.conversation("c").named("bot.log")

    masked, whole = errors("production"), errors("sandbox")

    assert secret not in str(masked)
    for error in masked:
        assert error.attributes["error.type"] == error.attributes["exception.type"] == "KeyError"
        assert error.attributes["exception.message"].startswith("<masked str len=10 hash=")
        assert "{}[secret]" in error.attributes["exception.stacktrace"]
    assert [error.attributes["exception.message"] for error in whole] == [repr(secret)] * 2


def test_setting_and_genai_variable_change_what_is_captured() -> None:
    """One setting decides; without it OpenTelemetry's own variable for GenAI content does."""
    environ = {"OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "NO_CONTENT"}
    assert config.load({"environment": "sandbox"}, environ).captures_content is False
    environ = {"OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "SPAN_AND_EVENT"}
    assert config.load({"environment": "production"}, environ).captures_content is True
    environ["BOTLOGS_CAPTURE_CONTENT"] = "masked"
    assert config.load({"environment": "production"}, environ).captures_content is False
    assert config.load({"capture_content": "full"}, environ).captures_content is True


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "user.password",
        "api_key",
        "Authorization",
        "access_token",
        "set-cookie",
        "card_number",
        "cvv",
        "otp",
    ],
)
def test_secret_names_are_masked_even_in_sandbox(name: str) -> None:
    """A value whose name says that it is a secret never leaves, at the top or nested."""
    sandbox = policy(environment="sandbox")

    assert "hunter2" not in str(sandbox.ordinary(name, "hunter2"))
    assert "hunter2" not in str(sandbox.content("bot.api.request", {"deep": [{name: "hunter2"}]}))
    assert "1234" not in str(sandbox.ordinary(name, 1234))


@pytest.mark.parametrize("name", ["city", "gen_ai.usage.input_tokens", "keyboard", "passenger", "pinned", "author"])
def test_harmless_names_are_not_masked(name: str) -> None:
    """The rules by name do not catch what only looks alike."""
    assert policy(environment="sandbox").ordinary(name, "Rome") == "Rome"


def test_card_numbers_go_everywhere_and_personal_data_in_production() -> None:
    """Cards with a right check digit are never kept; e-mail, phone and IBAN stay where a builder needs them."""
    text = "card 4111 1111 1111 1111, order 4111111111111112, a@b.example, +49 170 1234567, DE89370400440532013000"

    sandbox = policy(environment="sandbox").ordinary("line", text)
    production = policy(environment="production").ordinary("line", text)

    assert sandbox == text.replace("4111 1111 1111 1111", "<card>")
    assert production == "card <card>, order 4111111111111112, <email>, <phone>, <iban>"


def test_rule_that_raises_hides_the_value() -> None:
    """A broken rule masks instead of leaking, and the bot does not notice."""

    def broken(name: str, text: str) -> str:
        raise RuntimeError(text)

    with record(redact_hook=broken) as recording, otel_botlogs.conversation("c") as conv:
        conv.log("my secret line")

    (line,) = recording.conversation("c").named("bot.log")
    assert line.body is not None
    assert line.body.startswith("<masked str len=14")
    assert guard.counts()["redact"] == 1


def test_long_values_are_cut_with_a_mark() -> None:
    """A value over its limit keeps its beginning and says how long it was."""
    short = policy(environment="sandbox", max_value_bytes=1000).ordinary("x", "é" * 100_000)

    assert isinstance(short, str)
    assert len(short.encode()) <= 1000
    assert short.endswith("…[cut, 100000 characters in all]")


def test_event_stays_within_its_own_limit() -> None:
    """Many values, each within its limit, do not make an event of megabytes."""
    with record(max_value_bytes=10_000, max_event_bytes=20_000) as recording, otel_botlogs.conversation("c") as conv:
        conv.log("x" * 9000, **{f"value{i}": "y" * 9000 for i in range(50)}, short="kept")

    (line,) = recording.conversation("c").named("bot.log")
    size = len(line.body or "") + sum(len(str(value)) for value in line.attributes.values())
    assert size < 25_000
    assert line.attributes["short"] == "kept"


class Unspeakable:
    """A value that cannot even say what it is."""

    def __repr__(self) -> str:
        raise RuntimeError("no")

    __str__ = __repr__


def endless() -> Any:
    loop: list[Any] = [1]
    loop.append(loop)
    loop.append({"again": loop})
    return loop


@pytest.mark.parametrize(
    "value",
    [
        Unspeakable(),
        endless(),
        {Unspeakable(): Unspeakable()},
        object(),
        b"\xff" * 10,
        float("nan"),
        1 << 70,
        10**5000,
        {1, 2},
        "\ud800",
    ],
    ids=["unspeakable", "endless", "odd-keys", "object", "bytes", "nan", "big-int", "huge-int", "set", "surrogate"],
)
def test_any_value_becomes_something_that_can_leave(value: object) -> None:
    """Unserializable, recursive and odd values are written in some form and never raise."""
    with record() as recording, otel_botlogs.conversation("c") as conv:
        conv.log("line", value=value)
        conv.set_variable("name", value)
        conv.log(value)

    assert len(recording.conversation("c").events) == 4
    assert guard.counts() == {}


def test_hundred_megabytes_cost_no_more_than_their_limit() -> None:
    """A huge text or container is cut before it is rendered."""
    huge = "x" * 100_000_000
    with record() as recording, otel_botlogs.conversation("c") as conv:
        conv.log("line", text=huge, nested={"deep": [huge] * 1000}, many=list(range(5_000_000)))

    (line,) = recording.conversation("c").named("bot.log")
    assert sum(len(str(value)) for value in line.attributes.values()) < 70_000


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(max_size=8), JSON, min_size=1, max_size=5))
def test_small_containers_become_json_that_reads_back(value: dict[str, object]) -> None:
    """Within its limits a container leaves as JSON text of the same value."""
    assert json.loads(plain(value, 100_000)) == json.loads(json.dumps(value))


@given(st.text(), st.integers(64, 400))
def test_cut_never_exceeds_its_limit(text: str, limit: int) -> None:
    """Whatever the characters, the bytes stay within the limit, and a short text is untouched."""
    result = cut(text, limit)

    assert len(result.encode("utf-8", "replace")) <= limit
    if len(text.encode("utf-8", "replace")) <= limit:
        assert result == text
