"""Custom fields: what the athletes' own definitions add to the schema."""

from __future__ import annotations

from itertools import permutations
from typing import Any

from tap_intervals_icu.records.custom import custom_properties, tabular


def field(code: str, type_: str) -> dict[str, Any]:
    return {"type": "INPUT_FIELD", "name": code, "content": {"code": code, "type": type_}}


def test_field_to_which_athletes_give_different_types_is_a_number_in_any_order() -> None:
    items = [field("Awake", "numeric"), field("Awake", "text"), field("Mood", "text"), field("Mood", "text")]
    for order in permutations(items):
        assert custom_properties(order, "wellness") == {
            "Awake": {"type": ["number", "null"], "description": "Awake (custom)"},
            "Mood": {"type": ["string", "null"], "description": "Mood (custom)"},
        }
    custom = custom_properties(items, "wellness")
    number = {"id": "2026-03-10", "Awake": 10.5, "Mood": "fine"}
    assert tabular(number, ("id",), custom) == number
    assert tabular(number | {"Awake": "long"}, ("id",), custom) == {
        "id": "2026-03-10",
        "Mood": "fine",
        "extra": '{"Awake":"long"}',
    }
