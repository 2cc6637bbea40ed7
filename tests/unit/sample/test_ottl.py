"""The OTTL conditions that people write are understood; others are refused with their position."""

import pytest

from botlogs_collector.sample.ottl import OttlError, Scope, parse_condition
from botlogs_collector.sample.ottl_ast import Call, Compare, Constant, Logic, Math, Not, Path

KIND = Path("span", "kind", "int")
NAME = Path("span", "name", "text")


def test_not_binds_tighter_than_and_and_and_than_or() -> None:
    """Precedence is OTTL's: or < and < not < comparison."""
    tree = parse_condition('not name == "a" and kind == 1 or true', "span")

    negated = Not(Compare("==", NAME, Constant("a", "text")))
    assert tree == Logic(
        "or", Logic("and", negated, Compare("==", KIND, Constant(1, "int"))), Constant(value=True, type="bool")
    )


def test_parentheses_group_booleans_and_numbers_alike() -> None:
    """`(a + b) > c` and `(a or b) and c` begin alike and are told apart."""
    numbers = parse_condition("(end_time_unix_nano - start_time_unix_nano) / 1000000 > 5000", "span")
    booleans = parse_condition("(kind == 1 or kind == 2) and kind != 3", "span")

    assert isinstance(numbers, Compare)
    assert isinstance(numbers.left, Math)
    assert isinstance(booleans, Logic)
    assert booleans.op == "and"


@pytest.mark.parametrize(
    ("text", "scope", "path"),
    [
        ('attributes["a"]', "span", Path("span", "attributes", "attribute", "a")),
        ('span.attributes["a"]', "span", Path("span", "attributes", "attribute", "a")),
        ('resource.attributes["a"]', "spanevent", Path("resource", "attributes", "attribute", "a")),
        ('attributes["a"]', "spanevent", Path("event", "attributes", "attribute", "a")),
        ("spanevent.name", "spanevent", Path("event", "name", "text")),
        ("span.name", "spanevent", NAME),
        ("instrumentation_scope.name", "span", Path("scope", "name", "text")),
        ("status.code", "span", Path("span", "status.code", "int")),
    ],
)
def test_a_path_means_a_field_of_its_context(text: str, scope: Scope, path: Path) -> None:
    """Paths without an owner belong to the condition's own record."""
    tree = parse_condition(f"{text} != nil", scope)

    assert tree == Compare("!=", path, Constant(None, "nil"))


def test_enums_durations_and_escapes_become_constants() -> None:
    """What is constant is worked out once, while the configuration is read."""
    assert parse_condition("status.code == STATUS_CODE_ERROR", "span") == Compare(
        "==", Path("span", "status.code", "int"), Constant(2, "int")
    )
    assert parse_condition(r'name == "a\"b\\d\u00e9"', "span") == Compare("==", NAME, Constant('a"b\\dé', "text"))
    tree = parse_condition('end_time - start_time >= Duration("1m30s")', "span")
    assert isinstance(tree, Compare)
    assert tree.right == Constant(90_000_000_000, "duration")


def test_converters_keep_their_arguments() -> None:
    """A converter's result is a value of its own type."""
    tree = parse_condition('IsMatch(attributes["url.path"], "^/health$") and Int(attributes["n"]) >= -1', "span")

    assert isinstance(tree, Logic)
    assert isinstance(tree.left, Call)
    assert tree.left.function == "IsMatch"
    assert isinstance(tree.right, Compare)
    assert tree.right.left.type == "maybe_int"
    assert tree.right.right == Constant(-1, "int")


@pytest.mark.parametrize(
    ("text", "column", "problem"),
    [
        ("name = 5", 6, "unexpected '='"),
        ("(name", 6, "ends too early"),
        ("", 1, "ends too early"),
        ('name == "x', 9, "unclosed text"),
        ('true and attribute["a"] == 1', 10, "did you mean attributes?"),
        ('attributes["a"]["b"] == 1', 1, "nested values are not supported"),
        ("attributes == nil", 1, "needs one key"),
        ('name["a"] == 1', 1, "has no keys"),
        ("attributes[0] == 1", 11, "a position in a list"),
        ('kind == 1 and IsMtch(name, "a")', 15, "unknown function IsMtch"),
        ("IsMatch(name)", 1, "takes 2 arguments, not 1"),
        ("IsMatch(name, name)", 15, "must be a text"),
        ('IsMatch(name, "(")', 15, "not a regular expression"),
        ('IsMatch(name, "a(?!b)")', 15, "no look-ahead"),
        ('name == "\\d"', 10, r"write \\d"),
        ('attributes["a"] + 1 > 2', 1, "wrap the attribute in Int() or Double()"),
        ("kind + 1.5 > 2", 1, "cannot calculate a whole number + a fraction"),
        ("kind == KIND_SERVER", 9, "unknown name KIND_SERVER"),
        ("kind", 1, "must be true or false"),
        ("true and (kind or true)", 11, "must be true or false"),
        ('kind == 1 or Duration("5 s") == nil', 14, "is not a duration"),
        ("kind == 9223372036854775808", 9, "64 bits"),
        ("spanevent.name == nil", 1, "list it under spanevent"),
    ],
)
def test_what_is_not_understood_is_refused_with_its_position(text: str, column: int, problem: str) -> None:
    """An unsupported condition is a fault of the configuration that says where and what would be right."""
    with pytest.raises(OttlError, match=r"^column \d+: ") as refused:
        parse_condition(text, "span")

    assert refused.value.column == column
    assert problem in str(refused.value)
