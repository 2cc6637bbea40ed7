"""Rules that hide secrets and personal data, by name and by pattern.

A small table instead of a library: the kept ones (presidio and its like) bring language models
of hundreds of megabytes. By name: a value whose name says password, token, card … is masked
everywhere. By pattern: payment cards (with their check digit) everywhere; e-mail addresses, phone
numbers and IBANs where content is not captured.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

RedactHook = Callable[[str, str], str]
"""Given a name and a text, the text that may leave; if it raises, the value is masked."""

_SECRET_NAME: Final = re.compile(
    r"pass(word|wd|phrase|code)|secret|(^|[._-])token$|(access|auth|refresh|bearer|id|api)[._-]?token|api[._-]?key|authorization"
    r"|(^|[._-])cookie|credential|private[._-]?key|card[._-]?(number|no)$|(^|[._-])(cvv|cvc|pin|otp|ssn|pan)$",
    re.IGNORECASE,
)
_MAY_MATCH: Final = re.compile(r"@|\d[\d ().-]{5,}\d|[A-Z]{2}\d\d")
_CARD: Final = re.compile(r"(?<![\w.])\d(?:[ -]?\d){12,18}(?![\w])")
_EMAIL: Final = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_IBAN: Final = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b")
# With a country prefix, or grouped; a bare row of digits is more often an order number.
_PHONE: Final = re.compile(
    r"(?<![\w.:-])(?:(?:\+|00)\d(?:[ ()./-]{0,2}\d){7,14}|\(?\d{2,5}\)?[ ./-]\d{3,4}[ ./-]\d{3,5})(?![\w:-])"
)
_MAX_NAMES: Final = 5000


class Redaction:
    """The rules in force; *personal* adds the patterns for personal data."""

    def __init__(self, names: tuple[str, ...] = (), *, personal: bool, hook: RedactHook | None = None) -> None:
        self._own_names = frozenset(name.lower() for name in names)
        self._personal = personal
        self._hook = hook
        self._known: dict[str, bool] = {}

    def is_secret(self, name: str) -> bool:
        """Whether a value of this name is masked everywhere; answers are remembered, boundedly."""
        known = self._known.get(name)
        if known is None:
            known = name.lower() in self._own_names or _SECRET_NAME.search(name) is not None
            if len(self._known) < _MAX_NAMES:
                self._known[name] = known
        return known

    def redact(self, name: str, text: str) -> str:
        """Return *text* with what the patterns find replaced by its kind in angle brackets."""
        if _MAY_MATCH.search(text):
            text = _CARD.sub(_card, text)
            if self._personal:
                text = _EMAIL.sub("<email>", text)
                text = _IBAN.sub("<iban>", text)
                text = _PHONE.sub("<phone>", text)
        return self._hook(name, text) if self._hook else text


def _card(match: re.Match[str]) -> str:
    digits = [int(character) for character in match.group() if character.isdigit()]
    return "<card>" if _luhn(digits) else match.group()


def _luhn(digits: list[int]) -> bool:
    """Whether the last digit is the check digit of ISO/IEC 7812."""
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    return len(digits) >= 13 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
