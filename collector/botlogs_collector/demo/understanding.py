"""Intents by their words, with a confidence: enough language for the sample bot, and the same every time."""

import re
from typing import Final

_WORDS: Final = {
    "order_status": {"order", "parcel", "delivery", "delivered", "where", "arrive", "status", "late", "shipped"},
    "return_book": {"return", "refund", "back", "damaged", "wrong", "exchange"},
    "person": {"person", "human", "agent", "someone", "talk", "colleague"},
    "bye": {"no", "bye", "goodbye", "thanks", "nothing", "thank"},
}
_WEIGHT: Final = 0.44  # one telling word is a guess (0.54), two are nearly certain (0.98)


def rank_intents(text: str) -> list[tuple[str, float]]:
    """Return every intent with a confidence between 0 and 1, the most likely first."""
    words = set(re.findall(r"[a-z]+", text.lower()))
    ranked = [(intent, _confidence(len(words & telling))) for intent, telling in _WORDS.items()]
    return sorted(ranked, key=lambda pair: -pair[1])


def _confidence(hits: int) -> float:
    return round(min(0.98, 0.1 + _WEIGHT * hits), 2)
