"""The SQL of sql/, one object or query a file, read once."""

import functools
import re
from importlib.resources import files

# The type of an OTLP attribute value, by the number of its oneof field; `absent` is an empty value.
ANY_TYPE = (
    "Enum8('absent' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'bytes_value' = 7)"
)
ANY_VALUE = (
    "Tuple(string_value String, bool_value Bool, int_value Int64, double_value Float64, bytes_value String, "
    f"original String, value {ANY_TYPE})"
)

_ROOT = files("botlogs_collector.store") / "sql"
_COMMENT = re.compile(r"^\s*--.*$", re.MULTILINE)


def schema_names() -> list[str]:
    """Return the names of all schema objects in the order in which they are created."""
    names = (entry.name for entry in (_ROOT / "schema").iterdir())
    return sorted(name.removesuffix(".sql") for name in names if name.endswith(".sql"))


def schema_statements(name: str, *, retention_s: int, hold_retention_s: int) -> list[str]:
    """Return the statements of one schema file with its settings filled in."""
    text = (_ROOT / "schema" / f"{name}.sql").read_text(encoding="utf-8")
    times = {"{retention_s}": str(retention_s), "{hold_retention_s}": str(hold_retention_s)}
    for key, value in times.items():
        text = text.replace(key, value)
    return split_statements(filled(text))


def access_names() -> list[str]:
    """Return the names of the files that say who may do what, in the order in which they are run."""
    names = (entry.name for entry in (_ROOT / "access").iterdir())
    return sorted(name.removesuffix(".sql") for name in names if name.endswith(".sql"))


def access_statements(name: str) -> list[str]:
    """Return the statements of sql/access/*name*.sql."""
    return split_statements((_ROOT / "access" / f"{name}.sql").read_text(encoding="utf-8"))


def filled(text: str) -> str:
    """Return *text* with the names of types replaced by the types."""
    return text.replace("{any_value}", ANY_VALUE).replace("{any_type}", ANY_TYPE)


def split_statements(text: str) -> list[str]:
    """Return the statements of *text*, each without its comment lines and semicolon."""
    return [part.strip() for part in _COMMENT.sub("", text).split(";\n") if part.strip()]


@functools.cache
def query(name: str) -> str:
    """Return the text of sql/query/*name*.sql; values are bound as typed parameters, never pasted."""
    text = (_ROOT / "query" / f"{name}.sql").read_text(encoding="utf-8")
    return _COMMENT.sub("", text).strip().rstrip(";")


@functools.cache
def question(name: str, given: frozenset[str]) -> str:
    """Return the text of sql/query/*name*.sql without its lines that end with `-- if x`, unless x is *given*."""
    return asked(query(name), given)


def asked(text: str, given: frozenset[str]) -> str:
    """Return *text* without its lines that end with `-- if x`, unless x is *given*."""
    lines: list[str] = []
    for line in text.splitlines():
        kept, mark, condition = line.partition(" -- if ")
        if not mark or condition.strip() in given:
            lines.append(kept)
    return "\n".join(lines)
