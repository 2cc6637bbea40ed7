"""No value becomes SQL text: every one is bound as a typed parameter. Looks at the code itself."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import botlogs_collector

ROOT = Path(botlogs_collector.__file__).parent
QUERIES = sorted((ROOT / "store" / "sql" / "query").glob("*.sql"))
_SQL = re.compile(r"\b(SELECT|INSERT INTO|ALTER TABLE|CREATE TABLE|DROP|DELETE FROM|WHERE|TRUNCATE)\b")
_BRACES = re.compile(r"\{([^{}]*)\}")
_TYPED = re.compile(r"[a-z_]\w*:[A-Z]\w*(\([\w(),' ]*\))?")
# Texts that stand in a query file for SQL of ours: columns, and compiled conditions (whose values are parameters).
_OURS = {
    *("columns", "span_conditions", "log_conditions", "content", "key_values", "any_value", "any_type"),
    *("window", "lambdas"),  # of forwarding
}
# Where SQL is put together at run time, and of what; whoever adds a file here has looked that no reader's or
# sender's value can get into it.
_MADE_IN = {
    "store/migrate.py": "names of our own tables and columns",
    "store/placement.py": "names of our own tables; the cluster's, which an operator configures",
    "store/retention.py": "our own tables; durations and a storage policy, which an operator configures",
}


@pytest.mark.parametrize("file", QUERIES, ids=lambda file: file.stem)
def test_what_varies_in_a_query_is_a_typed_parameter(file: Path) -> None:
    """In a query file everything in braces has a type, or is SQL of ours by its name."""
    text = re.sub(r"^\s*--.*$", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE)

    held = [name for name in _BRACES.findall(text) if not re.fullmatch(r"[\d,]+", name)]  # a pattern repeats by number
    loose = [name for name in held if not _TYPED.fullmatch(name) and name not in _OURS]

    assert loose == []


def _made_texts(tree: ast.AST) -> Iterator[str]:
    """Yield every text with SQL in it that is put together at run time: f-strings, `%` and `.format`."""
    for node in ast.walk(tree):
        match node:
            case ast.JoinedStr() if any(isinstance(part, ast.FormattedValue) for part in node.values):
                text = "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
            case ast.BinOp(left=ast.Constant(value=str(text)), op=ast.Mod()):
                pass
            case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(text)), attr="format")):
                pass
            case _:
                continue
        if _SQL.search(text):
            yield ast.unparse(node)


def test_sql_is_put_together_where_somebody_looked() -> None:
    """Texts of SQL with something filled in are made in the files named above and nowhere else."""
    made = {
        str(file.relative_to(ROOT)): texts
        for file in sorted(ROOT.rglob("*.py"))
        if "_pb" not in file.parts and (texts := list(_made_texts(ast.parse(file.read_text(encoding="utf-8")))))
    }

    assert {name: texts for name, texts in made.items() if name not in _MADE_IN} == {}


def test_the_search_for_made_texts_finds_them() -> None:
    """A planted f-string, `%` and `.format` are found; a text that only tells of SQL is not."""
    planted = "a = f\"SELECT * FROM x WHERE y = '{y}'\"; b = 'DELETE FROM x %s' % y; c = 'SELECT {}'.format(y)"

    assert len(list(_made_texts(ast.parse(planted)))) == 3
    assert list(_made_texts(ast.parse("f'nothing at {at}'; 'SELECT 1'"))) == []
