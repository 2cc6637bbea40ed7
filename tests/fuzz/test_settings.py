"""Configurations, policies and OTTL conditions that nobody would write: taken, or refused with every fault."""

import tempfile
from pathlib import Path
from typing import Literal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from botlogs_collector.config.faults import Faults
from botlogs_collector.config.load import load_settings
from botlogs_collector.errors import ConfigError
from botlogs_collector.sample.ottl import OttlError, parse_condition
from botlogs_collector.sample.policies import parse_policies
from tests.fuzz.effort import searching

_TYPES = """
    always_sample latency numeric_attribute probabilistic status_code string_attribute trace_state trace_flags
    rate_limiting bytes_limiting span_count boolean_attribute ottl_condition and not drop composite turn_count node
    event abandoned new_path per_key
""".split()  # noqa: SIM905  # as one reads it
_KEYS = """
    receivers otlp grpc http endpoint storage dsn retention hold_retention environments production release_delay aliases
    default_environment conversation idle_timeout channels tail_sampling policies exporters name protocol api auth
    tokens_file key values min_value max_value threshold_ms sampling_percentage status_codes spans_per_second
    span_policy and_sub_policy composite_sub_policy policy_order max_total_spans_per_second rate_allocation percent span
    spanevent error_mode min_spans enabled_regex_matching invert_match
""".split()  # noqa: SIM905
_scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), st.text(max_size=12), st.sampled_from(_TYPES),
    st.sampled_from(["15m", "0s", "-1s", "chdb://x", "127.0.0.1:0", ".*", "(", "ERROR", "x == 1"]),
)  # fmt: skip
_names = st.sampled_from(_KEYS + _TYPES) | st.text(max_size=6)
_trees = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=5), max_leaves=25
)
_policies = st.lists(
    st.fixed_dictionaries({"name": _scalars, "type": st.sampled_from(_TYPES)}, optional=dict.fromkeys(_TYPES, _trees)),
    max_size=4,
)
_tokens = st.sampled_from(
    ["attributes", '["a"]', "name", "status.code", "kind", "duration", "resource", "span", "(", ")", "==", "!=",
     "<", ">=", "and", "or", "not", "IsMatch", "HasPrefix", "Int", "Double", "nil", "true", "1", "-2.5", '"x"', '"\\n"',
     ",", "+", "/", "STATUS_CODE_ERROR", ".", "[", "]", "$", "\u00e9"]
)  # fmt: skip


def _load(text: bytes) -> None:
    with tempfile.NamedTemporaryFile(suffix=".yaml") as file:
        file.write(text)
        file.flush()
        try:
            load_settings(Path(file.name), {}, {"tail_sampling": parse_policies})
        except ConfigError as error:
            assert error.faults  # noqa: PT017  # it may also be good


@searching
@given(document=_trees)
def test_any_yaml_is_a_configuration_or_names_its_faults(document: object) -> None:
    """Never a traceback: every fault is a line of its own."""
    _load(yaml.safe_dump(document, allow_unicode=True).encode())


@searching
@given(text=st.binary(max_size=60))
def test_any_bytes_are_a_configuration_or_are_refused(text: bytes) -> None:
    """Broken UTF-8, tabs, anchors, tags."""
    _load(text)


@searching
@given(policies=_policies)
def test_any_policies_are_read_or_their_faults_named(policies: list[object]) -> None:
    """All types with options of all shapes."""
    parse_policies({"policies": policies}, Faults())


@searching
@given(
    text=st.lists(_tokens, max_size=14).map(" ".join) | st.text(max_size=40),
    scope=st.sampled_from(("span", "spanevent")),
)
def test_any_condition_is_parsed_or_refused_with_a_position(text: str, scope: Literal["span", "spanevent"]) -> None:
    """A column within the text (or just behind it), and words for the problem."""
    try:
        parse_condition(text, scope)
    except OttlError as error:
        assert 1 <= error.column <= len(text) + 1  # noqa: PT017


def test_a_condition_nested_without_end_is_refused() -> None:
    """No depth breaks the parser."""
    with pytest.raises(OttlError, match="nested too deeply"):
        parse_condition("not " * 5000 + "true", "span")


def test_a_file_nested_without_end_is_refused() -> None:
    """Nor does any depth of brackets or mappings break the reading of a file."""
    _load(b"[" * 20_000)
    _load(b"- " * 20_000)


def test_a_date_that_is_none_is_refused() -> None:
    """What YAML takes for a time must be one."""
    _load(b"retention: 2026-99-99")
