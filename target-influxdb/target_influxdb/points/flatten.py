"""Nested values as flat fields, by a rule that keeps names stable when data is edited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from target_influxdb.lineprotocol.literals import json_text
from target_influxdb.lineprotocol.numbers import ARRAYS

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_ELEMENTS = 64
"""Longer arrays become one JSON text."""
NAMING_KEYS = ("id", "code", "type")
"""Keys that name an element of an array of objects, in order of preference."""
LONGEST_ID = 16
"""Ids beyond these name one thing, not a kind of things: as field names there would be no end of them."""
LARGEST_ID = 999


def flatten(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield (field name, scalar) for one property.

    - objects: `gear` {id, name} → `gear_id`, `gear_name`, at any depth;
    - arrays of objects: elements are named by the first of `id`, `code`, `type` that all of them have as a scalar
      and no two share, else by position; ids must be short (16 characters, or up to 999) to name anything;
      with one other key: `zones_Z1`, with several: `zones_Z1_secs`;
    - arrays of numbers and booleans: `limits_0`, `limits_1`, ...;
    - arrays of texts: one text, joined with ", ";
    - everything else (nested, mixed, longer than 64): one JSON text.

    Nulls yield nothing.
    """
    if value is None:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flatten(f"{name}_{key}", inner)
    elif isinstance(value, (tuple, *ARRAYS)):
        yield from _flatten_array(name, value)
    else:
        yield name, value


def _flatten_array(name: str, array: Any) -> Iterator[tuple[str, Any]]:
    elements = [element for element in array if element is not None]
    if not elements:
        return
    if len(array) > MAX_ELEMENTS:
        yield name, json_text(array)
    elif all(isinstance(element, dict) for element in elements):
        yield from _flatten_objects(name, array, elements)
    elif all(isinstance(element, str) for element in elements):
        yield name, ", ".join(elements)
    elif any(isinstance(element, (str, dict, list, tuple)) for element in elements):
        yield name, json_text(array)
    else:
        for position, element in enumerate(array):
            yield from flatten(f"{name}_{position}", element)


def _flatten_objects(name: str, array: Any, elements: list[dict[str, Any]]) -> Iterator[tuple[str, Any]]:
    naming = next((key for key in NAMING_KEYS if _names_all(key, elements)), None)
    others = {key: None for element in elements for key in element if key != naming}
    if naming is not None and not others:
        yield name, ", ".join(str(element[naming]) for element in elements)
    for position, element in enumerate(array):
        if element is None:
            continue
        prefix = f"{name}_{position}" if naming is None else f"{name}_{element[naming]}"
        if naming is not None and len(others) == 1:
            yield from flatten(prefix, element.get(next(iter(others))))
        else:
            for key in others:
                yield from flatten(f"{prefix}_{key}", element.get(key))


def _names_all(key: str, elements: list[dict[str, Any]]) -> bool:
    names = [element.get(key) for element in elements]
    usable = all(isinstance(name, (str, int)) and not isinstance(name, bool) and name != "" for name in names)
    if key == "id" and not all(map(_is_short, names)):
        return False
    return usable and len({str(name) for name in names}) == len(names)


def _is_short(identifier: object) -> bool:
    text = str(identifier)
    return len(text) <= LONGEST_ID and not (text.isdecimal() and int(text) > LARGEST_ID)
