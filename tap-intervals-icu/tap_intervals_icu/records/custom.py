"""Custom fields and streams, and what tables can do with properties that no schema knows: pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

Properties = dict[str, dict[str, Any]]

STREAMS = {
    "INPUT_FIELD": "wellness",
    "ACTIVITY_FIELD": "activities",
    "INTERVAL_FIELD": "activity_intervals",
    "ACTIVITY_STREAM": "activity_streams",
}
"""Which stream a kind of custom item belongs to; the other kinds are charts and the like."""

NUMBER_TYPES = {"number", "numeric", "integer", "int", "float", "double", "decimal"}
TEXT_TYPES = {"text", "string"}


def custom_properties(items: Iterable[dict[str, Any]], stream: str) -> Properties:
    """Return the schema of a stream's custom properties, as far as the definitions tell: type, name and unit.

    Where athletes give one code different types it is a number, whoever comes first: charts are made of numbers, and
    a text finds its place elsewhere.

    Args:
        items: Definitions of the athlete's. The keys of `content` are not documented, so none is relied on.
        stream: Name of the stream.

    >>> content = {"code": "AwakeTime", "type": "numeric", "units": "s"}
    >>> custom_properties([{"type": "INPUT_FIELD", "name": "Time awake", "content": content}], "wellness")
    {'AwakeTime': {'type': ['number', 'null'], 'description': 'Time awake, s (custom)'}}
    """
    properties: Properties = {}
    for item in items:
        content = item.get("content")
        if STREAMS.get(str(item.get("type"))) != stream or not isinstance(content, dict):
            continue
        code = content.get("code") or content.get("field")
        type_ = json_type(content.get("type") or content.get("value_type"))
        if isinstance(code, str) and type_ and (code not in properties or type_ == "number"):
            label = ", ".join(str(part) for part in (item.get("name") or code, content.get("units")) if part)
            properties[code] = {"type": [type_, "null"], "description": f"{label} (custom)"}
    return properties


def json_type(name: object) -> str | None:
    """Return the JSON type of a custom item's type, None where the name does not tell."""
    lower = str(name).lower()
    return "number" if lower in NUMBER_TYPES else "string" if lower in TEXT_TYPES else None


def fits(value: object, property_: dict[str, Any]) -> bool:
    """Tell whether a value is of a custom property's type."""
    if value is None:
        return True
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number if "number" in property_["type"] else isinstance(value, str)


def tabular(record: dict[str, Any], known: Collection[str], custom: Properties) -> dict[str, Any]:
    """Return a record with no properties but those of the schema; the others become JSON text in `extra`.

    A table's columns come from the schema: some targets drop what has no column, others fail.

    Args:
        record: Any record.
        known: The properties of the stream's schema.
        custom: Those that the athlete's own definitions add to it.
    """
    extra = {
        name: value
        for name, value in record.items()
        if name not in known and not (name in custom and fits(value, custom[name]))
    }
    if not extra:
        return record
    rest = {name: value for name, value in record.items() if name not in extra}
    return rest | {"extra": msgspec.json.encode(extra).decode()}
