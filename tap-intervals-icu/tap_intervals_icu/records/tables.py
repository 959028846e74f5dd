"""What fits into a table, whose columns come from the schema and keep their types: pure functions."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tap_intervals_icu.records.custom import Properties

PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "number": (int, float),
    "integer": (int,),
    "string": (str,),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}
TIME = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?")
TO_THE_SECOND = len("2026-03-10T20:00:00")


class Column(NamedTuple):
    """What a column takes: the types of its values; `is_time` if its texts are times or dates, `is_key` if it must."""

    types: frozenset[type]
    is_time: bool = False
    is_key: bool = False

    def holds(self, value: object) -> bool:
        """Tell whether a value has its place in the column."""
        if self.is_key:
            return True
        return type(value) in self.types and not (self.is_time and isinstance(value, str) and not is_time(value))

    def holds_all(self, values: Iterable[object]) -> bool:
        """Tell the same of many values that are no times."""
        return self.types.issuperset(map(type, values))


def is_time(text: str) -> bool:
    """Tell whether a database can read a text as a time or a date."""
    if not TIME.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text.removesuffix("Z")[:TO_THE_SECOND])
    except ValueError:
        return False
    return True


def columns_of(properties: Properties) -> dict[str, Column]:
    """Return the columns of a schema's properties. What cannot be null is a key."""
    columns = {}
    for name, schema in properties.items():
        types = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
        columns[name] = Column(
            frozenset(type_ for json_type in types for type_ in PYTHON_TYPES[json_type]),
            is_time=schema.get("format") in {"date", "date-time"},
            is_key="null" not in types,
        )
    return columns


def tabular(record: dict[str, Any], columns: Mapping[str, Column]) -> dict[str, Any]:
    """Return a record that fits its table; what has no column, or another type than it, becomes JSON text in `extra`.

    Some targets drop what has no column, others fail, as most do at a value of another type.
    """
    extra = {name: value for name, value in record.items() if name not in columns or not columns[name].holds(value)}
    if not extra:
        return record
    rest = {name: value for name, value in record.items() if name not in extra}
    return rest | {"extra": msgspec.json.encode(extra).decode()}


def custom_columns(custom: Properties, known: Iterable[str], before: Mapping[str, str] | None) -> Properties:
    """Return those custom properties that get a column of their own: the others go to `extra`.

    A column keeps the type that it got first, as hardly a target can change it. The owner of a custom field can: so
    only a number gets a column, which most are, and never a second one under the name of the first, whatever is
    remembered of it. Nor does what differs from another column by upper and lower case alone, which many databases do
    not tell apart.

    Args:
        custom: What the athletes define.
        known: The properties of the stream's schema.
        before: The types of the custom columns that the state knows. None for a state of version 0.1, which made
            columns of texts, too: these stay.
    """
    types = {name: json_type(schema) for name, schema in custom.items()}
    if before is None:
        before = types
    taken = {name.casefold() for name in known}
    columns: Properties = {}
    for name in [*before, *(name for name in custom if name not in before)]:
        type_ = before.get(name, types.get(name))
        if name.casefold() not in taken and (name in before or type_ == "number"):
            taken.add(name.casefold())
            columns[name] = {**custom.get(name, {}), "type": [type_, "null"]}
    return columns


def json_type(schema: Mapping[str, Any]) -> str:
    """Return the first type of a property's schema."""
    return str(schema["type"][0])


def column_types(columns: Properties) -> Iterator[str]:
    """Yield a line for each custom column, for the state: its name and type."""
    return (f"{name} {json_type(schema)}" for name, schema in columns.items())


def known_columns(state: Mapping[str, Any]) -> dict[str, str] | None:
    """Return the types of a stream's custom columns by name, as its state has them; None for one of version 0.1."""
    if state and "columns" not in state:
        return None
    return dict(line.rsplit(" ", 1) for line in state.get("columns", ()))
