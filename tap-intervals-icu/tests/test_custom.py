"""Custom fields: what the athletes' own definitions add to the schema."""

from __future__ import annotations

from itertools import permutations
from typing import Any

from tap_intervals_icu.custom import custom_properties, tabular


def field(code: str, type_: str) -> dict[str, Any]:
    return {"type": "INPUT_FIELD", "name": code, "content": {"code": code, "type": type_}}


def test_field_to_which_athletes_give_different_types_has_no_column_in_any_order() -> None:
    items = [field("Awake", "numeric"), field("Awake", "text"), field("Mood", "text"), field("Mood", "text")]
    for order in permutations(items):
        assert custom_properties(order, "wellness") == {
            "Mood": {"type": ["string", "null"], "description": "Mood (custom)"}
        }
    record = {"id": "2026-03-10", "Awake": "about 10 min", "Mood": "fine"}
    assert tabular(record, ("id",), custom_properties(items, "wellness")) == {
        "id": "2026-03-10",
        "Mood": "fine",
        "extra": '{"Awake":"about 10 min"}',
    }
