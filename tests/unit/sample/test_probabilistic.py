"""The share that is sampled is the processor's own: the same hash, the same threshold, the same conversations."""

import random
from fractions import Fraction

import pytest

from botlogs_collector.model.conversation import TraceId
from botlogs_collector.sample.probabilistic import fnv1a_64, threshold
from botlogs_collector.sample.rates import Rates
from tests.support.conversations import facts
from tests.support.policies import policy


@pytest.mark.parametrize(
    ("data", "digest"),
    [(b"", 0xCBF29CE484222325), (b"a", 0xAF63DC4C8601EC8C), (b"foobar", 0x85944171F73967E8)],
)
def test_the_hash_is_fnv_1a(data: bytes, digest: int) -> None:
    """The vectors are those that the authors of FNV published."""
    assert fnv1a_64(data) == digest


@pytest.mark.parametrize("percentage", [0.1, 1, 10, 25, 33.333, 50, 99.9])
def test_the_threshold_is_the_share_of_2_to_the_64_to_64_bits(percentage: float) -> None:
    """Thresholds are exact to the last bits that a big.Float of 64 bits has."""
    exact = Fraction(percentage / 100) * (2**64 - 1)

    assert abs(threshold(percentage) - exact) <= 1


def test_the_ends_are_none_and_all() -> None:
    """0 % samples nothing (but the hash 0), 100 % and more everything."""
    assert threshold(0) == 0
    assert threshold(100) == threshold(250) == 2**64 - 1


def _kept(percentage: float, salt: str, trace_ids: list[str]) -> list[str]:
    sampler = policy(
        f"{{type: probabilistic, probabilistic: {{sampling_percentage: {percentage}, hash_salt: '{salt}'}}}}"
    )
    return [
        each
        for each in trace_ids
        if sampler.evaluate(facts(trace_ids=(TraceId(each),)), Rates({})).vote.vote == "sampled"
    ]


def _published(percentage: int, salt: str, trace_id: str) -> bool:
    """Spell the published algorithm out once more, independently: FNV-1a-64(salt, 16 bytes) <= share of 2^64-1."""
    state = 14695981039346656037
    for byte in salt.encode() + bytes.fromhex(trace_id):
        state = (state ^ byte) * 1099511628211 % 2**64
    return state <= int(Fraction(percentage, 100) * (2**64 - 1))


@pytest.mark.parametrize("salt", ["", "custom-salt"])
def test_a_conversation_kept_by_the_processor_is_kept_here(salt: str) -> None:
    """With the same salt (and the same default salt) the very same trace ids are sampled."""
    ids = [f"{random.Random(seed).getrandbits(128):032x}" for seed in range(2_000)]

    kept = _kept(10, salt, ids)

    assert kept == [each for each in ids if _published(10, salt or "default-hash-seed", each)]
    assert 150 < len(kept) < 250


def test_a_smaller_share_is_part_of_a_larger_one() -> None:
    """Whoever is kept at 5 % is kept at 20 % too."""
    ids = [f"{random.Random(seed).getrandbits(128):032x}" for seed in range(1_000)]

    assert set(_kept(5, "", ids)) <= set(_kept(20, "", ids))


def test_the_first_trace_decides_for_a_conversation_of_many() -> None:
    """A conversation of several traces is sampled as its first trace is, whatever the others are."""
    ids = [f"{random.Random(seed).getrandbits(128):032x}" for seed in range(50)]
    sampler = policy("{type: probabilistic, probabilistic: {sampling_percentage: 50}}")

    for first, second in zip(ids, reversed(ids), strict=True):
        both = facts(trace_ids=(TraceId(first), TraceId(second)))
        alone = facts(trace_ids=(TraceId(first),))
        assert sampler.evaluate(both, Rates({})).vote == sampler.evaluate(alone, Rates({})).vote
