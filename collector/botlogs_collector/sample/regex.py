"""Tells a regular expression that RE2 will refuse while the configuration is read.

The store matches with RE2; this process has none. So: what RE2 lacks on purpose is named
here, the rest of the syntax is the same as Python's, except what `_RE2_ONLY` finds, which
the store checks when the policies are compiled for it.
"""

import re
import warnings

_LACKING = (
    (re.compile(r"(?<!\\)(?:\\\\)*\(\?(?:=|!|<=|<!)"), "RE2 has no look-ahead or look-behind"),
    (re.compile(r"(?<!\\)(?:\\\\)*\\[1-9](?![0-7])"), "RE2 has no back-references"),
    (re.compile(r"(?<!\\)(?:\\\\)*\(\?(?:>|\(|P[=>])"), "RE2 has no such group"),
)
_RE2_ONLY = re.compile(r"\\[zpPQEC]|\[\[:\^?[a-z]+:\]|\(\?<[A-Za-z_]|\(\?[a-zA-Z-]*U|\(\?[a-zA-Z-]+\)|\\x\{")


def regex_fault(pattern: str) -> str | None:
    """Return what is wrong with *pattern* as RE2 syntax, or None."""
    for lacking, fault in _LACKING:
        if lacking.search(pattern):
            return f"{pattern!r}: {fault}"
    if _RE2_ONLY.search(pattern):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(pattern)
    except re.error as error:
        return f"{pattern!r} is not a regular expression: {error}"
    return None
