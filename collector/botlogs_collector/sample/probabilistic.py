"""Samples a share of conversations by the hash of their trace id: the processor's own hash.

A conversation that the processor keeps at 10 % is kept here at 10 %. Where several traces are
one conversation, the first trace's id decides for all of them.
"""

from collections.abc import Sequence

from botlogs_collector.model.conversation import ConversationFacts
from botlogs_collector.sample.conditions import Condition
from botlogs_collector.sample.policy import Answer, answer
from botlogs_collector.sample.rates import Rates

DEFAULT_SALT = "default-hash-seed"
_MASK = 0xFFFF_FFFF_FFFF_FFFF
_FNV_OFFSET, _FNV_PRIME = 0xCBF29CE484222325, 0x100000001B3


def fnv1a_64(data: bytes, state: int = _FNV_OFFSET) -> int:
    """Return the 64-bit FNV-1a hash of *data*, going on from *state*."""
    for byte in data:
        state = ((state ^ byte) * _FNV_PRIME) & _MASK
    return state


def threshold(percentage: float) -> int:
    """Return the largest hash that is sampled at *percentage*.

    The processor multiplies 2^64-1 by percentage/100 as a big.Float of 64 bits (rounding half
    to even) and cuts the fraction off. The same in whole numbers; a float would be off by up to 2^11.
    """
    if percentage >= 100:
        return _MASK
    numerator, denominator = (percentage / 100).as_integer_ratio()
    product = numerator * _MASK
    surplus = max(0, product.bit_length() - 64)
    mantissa, rest = product >> surplus, product & ((1 << surplus) - 1)
    half = (1 << surplus) >> 1
    if surplus and (rest > half or (rest == half and mantissa & 1)):
        mantissa += 1
    return (mantissa << surplus) // denominator


class Probabilistic:
    """Samples where FNV-1a-64(salt, 16 trace id bytes) is not above the threshold."""

    conditions: Sequence[Condition] = ()

    def __init__(self, name: str, percentage: float, salt: str) -> None:
        self.name = name
        self._salted = fnv1a_64((salt or DEFAULT_SALT).encode())
        self._threshold = threshold(percentage)
        yes_weight, no_weight = (100 / percentage, 100 / (100 - percentage)) if 0 < percentage < 100 else (1.0, 1.0)
        share = f"the {percentage:g} % that are sampled"
        self._yes = answer(name, "sampled", f"its trace id is within {share}", yes_weight)
        self._no = answer(name, "not_sampled", f"its trace id is outside {share}", no_weight)

    def evaluate(self, facts: ConversationFacts, rates: Rates) -> Answer:  # noqa: ARG002  # the protocol's
        """Hash the first trace's id."""
        hashed = fnv1a_64(bytes.fromhex(facts.trace_ids[0]), self._salted)
        return self._yes if hashed <= self._threshold else self._no
