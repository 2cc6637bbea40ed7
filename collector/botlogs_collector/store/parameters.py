"""Values as typed query parameters: whatever a configuration holds, none of it becomes SQL text."""

from typing import Literal

ParameterType = Literal["String", "Array(String)", "Int64", "Float64"]


class Parameters:
    """Collects the values of one query; `bind` returns the placeholder that stands for one."""

    def __init__(self) -> None:
        self.values: dict[str, object] = {}

    def bind(self, value: object, type_: ParameterType) -> str:
        """Return the placeholder of *value*; equal values share one."""
        for name, known in self.values.items():
            if known == value and type(known) is type(value):
                return f"{{{name}:{type_}}}"
        name = f"p{len(self.values)}"
        self.values[name] = value
        return f"{{{name}:{type_}}}"

    def text(self, value: str) -> str:
        """Return the placeholder of a text."""
        return self.bind(value, "String")

    def texts(self, values: tuple[str, ...]) -> str:
        """Return the placeholder of a list of texts."""
        return self.bind(list(values), "Array(String)")

    def pattern(self, value: str) -> str:
        """Return the placeholder of an RE2 pattern for `match`.

        ClickHouse lets the dot match line breaks, Go's regexp (and so the processor) does not.
        """
        return self.bind(f"(?-s){value}", "String")
