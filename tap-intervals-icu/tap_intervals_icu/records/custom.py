"""Custom fields and streams as the athletes define them: pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

Properties = dict[str, dict[str, Any]]

STREAMS = {
    "INPUT_FIELD": "wellness",
    "ACTIVITY_FIELD": "activities",
    "INTERVAL_FIELD": "activity_intervals",
    "ACTIVITY_STREAM": "activity_streams",
}
"""Which stream a kind of custom item belongs to; the other kinds are charts and the like."""

NUMBER_TYPES = {"number", "numeric", "integer", "int", "float", "double", "decimal", "select"}
"""The options of a `select` have numbers."""
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
