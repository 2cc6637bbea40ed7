"""Masking: type, length and a keyed hash stay; what is not known as structure is content."""

from hypothesis import given
from hypothesis import strategies as st

from botlogs_collector.access.mask import Mask, is_structure
from otel_botlogs.semconv import CONTENT_ATTRIBUTES

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def test_a_masked_value_tells_type_length_and_sameness() -> None:
    """Equal values look equal under one key and different under another."""
    mask, other = Mask(b"a" * 32), Mask(b"b" * 32)

    masked = str(mask.value("where is my order?"))

    assert masked.startswith("<masked str len=18 hash=")
    assert masked == mask.value("where is my order?")
    assert masked != mask.value("where is my order!")
    assert masked != other.value("where is my order?")
    assert str(mask.value(42)).startswith("<masked int len=2 ")
    assert str(mask.value([1, "a"])).startswith("<masked list len=7 ")


def test_what_the_plugin_has_masked_stays() -> None:
    """The plugin's own hash, by which a bot's author knows a value, is not hashed again."""
    mask = Mask(b"a" * 32)

    assert mask.value("<masked str len=12 hash=0f3a00ff00aa>") == "<masked str len=12 hash=0f3a00ff00aa>"
    assert "tangerine" not in str(mask.value("<masked str len=12 hash=tangerine>"))
    assert "tangerine" not in str(mask.value("<masked str len=12 hash=0f> tangerine"))


@given(_JSON)
def test_nothing_of_a_value_is_left(value: object) -> None:
    """Whatever it is, what comes out is empty or in the one form of masked values."""
    masked = Mask(b"k" * 32).value(value)

    assert masked is None or masked == "" or str(masked).startswith("<masked ")


def test_content_attributes_are_no_structure() -> None:
    """Nothing that the plugin calls content is shown, and nothing that nobody knows."""
    unknown = {"customer.email", "input.value", "gen_ai.prompt", "llm.output", "exception.message", "url.full", ""}

    shown = {name for name in CONTENT_ATTRIBUTES | unknown if is_structure(name)}

    assert shown == set()
    assert is_structure("bot.node.id")
    assert is_structure("service.name")
