"""One attribute of a span, resource, scope or event in SQL: its text, and of which type it was.

Values are stored as text beside an array of types in the order of the map. Rows that came from
another exporter have no types: there a type is guessed from the text, and any text is a text.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeSql:
    """SQL fragments about the attribute *key* (a placeholder) of the maps and arrays named."""

    attributes: str
    types: str
    originals: str
    key: str

    @property
    def text(self) -> str:
        """The value as text; empty where it is missing."""
        return f"{self.attributes}[{self.key}]"

    @property
    def exists(self) -> str:
        """Whether the key is there at all."""
        return f"mapContains({self.attributes}, {self.key})"

    @property
    def is_untyped(self) -> str:
        """Whether the row came without types."""
        return f"empty({self.types})"

    @property
    def type(self) -> str:
        """Its type as in statements.ANY_TYPE; `absent` where it is missing."""
        return f"{self.types}[{self._index}]"

    @property
    def is_nested(self) -> str:
        """Whether it was an array or a map, stored as JSON text."""
        return f"{self.originals}[{self._index}] != ''"

    @property
    def is_text(self) -> str:
        """Whether it is there and is a text."""
        return f"({self.exists} AND ({self.is_untyped} OR ({self.type} = 'string_value' AND NOT {self.is_nested})))"

    @property
    def is_number(self) -> str:
        """Whether it can be a number: then `text` reads as one."""
        return f"({self.is_untyped} OR {self.type} IN ('int_value', 'double_value'))"

    @property
    def is_bool(self) -> str:
        """Whether it can be a boolean: then `text` is true or false."""
        return f"({self.is_untyped} OR {self.type} = 'bool_value')"

    @property
    def kind(self) -> str:
        """One letter: s text, i whole number, d fraction, b boolean, n missing, x anything else."""
        guessed = (
            f"multiIf({self.text} IN ('true', 'false'), 'b', isNotNull(toInt64OrNull({self.text})), 'i', "
            f"isNotNull(toFloat64OrNull({self.text})), 'd', 's')"
        )
        typed = (
            f"transform(toString({self.type}), ['string_value', 'int_value', 'double_value', 'bool_value', 'absent'], "
            "['s', 'i', 'd', 'b', 'n'], 'x')"
        )
        return f"multiIf(NOT {self.exists}, 'n', {self.is_untyped}, {guessed}, {self.is_nested}, 'x', {typed})"

    @property
    def _index(self) -> str:
        return f"indexOf(mapKeys({self.attributes}), {self.key})"


def span_attribute(key: str) -> AttributeSql:
    """Return the span attribute *key*."""
    return AttributeSql(
        attributes="SpanAttributes", types="SpanAttributeTypes", originals="SpanAttributeOriginals", key=key
    )


def resource_attribute(key: str) -> AttributeSql:
    """Return the resource attribute *key*."""
    return AttributeSql(
        attributes="ResourceAttributes", types="ResourceAttributeTypes", originals="ResourceAttributeOriginals", key=key
    )


def scope_attribute(key: str) -> AttributeSql:
    """Return the attribute *key* of the instrumentation scope."""
    return AttributeSql(
        attributes="ScopeAttributes", types="ScopeAttributeTypes", originals="ScopeAttributeOriginals", key=key
    )


def event_attribute(key: str) -> AttributeSql:
    """Return the attribute *key* of a span event, inside the lambda of `EVENTS_EXIST`."""
    return AttributeSql(attributes="ea", types="ety", originals="eo", key=key)


def any_span_event(condition: str) -> str:
    """Return whether *condition* holds for a span event: `en` name, `ea` attributes, `et` time, `ety`, `eo`.

    Rows of other exporters have no arrays of types, so these are filled up to the number of events.
    """
    return (
        f"arrayExists((en, ea, et, ety, eo) -> {condition}, Events.Name, Events.Attributes, Events.Timestamp, "
        "arrayResize(EventAttributeTypes, length(Events.Name)), "
        "arrayResize(EventAttributeOriginals, length(Events.Name)))"
    )
