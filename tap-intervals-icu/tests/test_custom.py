"""Custom fields: what the athletes' own definitions add to the schema."""

from __future__ import annotations

import json
from itertools import permutations
from typing import Any

import pytest

from tap_intervals_icu.records.custom import Properties, custom_properties
from tap_intervals_icu.records.tables import columns_of, custom_columns, tabular


def field(code: str, type_: str) -> dict[str, Any]:
    return {"type": "INPUT_FIELD", "name": code, "content": {"code": code, "type": type_}}


def test_field_to_which_athletes_give_different_types_is_a_number_in_any_order() -> None:
    items = [field("Awake", "numeric"), field("Awake", "text"), field("Mood", "text"), field("Mood", "text")]
    for order in permutations(items):
        assert custom_properties(order, "wellness") == {
            "Awake": {"type": ["number", "null"], "description": "Awake (custom)"},
            "Mood": {"type": ["string", "null"], "description": "Mood (custom)"},
        }


COLUMNS = columns_of(
    {
        "id": {"type": "string", "format": "date"},
        "weight": {"type": ["number", "null"]},
        "locked": {"type": ["boolean", "null"]},
        "updated": {"type": ["string", "null"], "format": "date-time"},
        "sportInfo": {"type": ["array", "null"]},
        "Awake": {"type": ["number", "null"]},
    }
)
FITTING = [
    {},
    {"weight": 70, "locked": False, "updated": "2026-03-10T05:12:33.273+00:00", "sportInfo": [], "Awake": 1.5},
    {"updated": "2021-03-10T05:12:33.273+0000", "weight": None},
    {"updated": "2026-03-10T05:12:33Z"},
]
ODD = [
    {"weight": "70"},
    {"weight": True},
    {"locked": 1},
    {"updated": "yesterday"},
    {"updated": "2026-13-10T05:12:33Z"},
    {"sportInfo": {}},
    {"Awake": "long"},
    {"Unknown": {"a": [1]}},
]


@pytest.mark.parametrize("values", FITTING, ids=str)
def test_record_that_fits_its_table_is_the_same(values: dict[str, Any]) -> None:
    assert tabular({"id": "2026-03-10", **values}, COLUMNS) == {"id": "2026-03-10", **values}


@pytest.mark.parametrize("value", ODD, ids=str)
def test_value_without_a_fitting_column_goes_to_the_json_alone(value: dict[str, Any]) -> None:
    record = tabular({"id": "2026-03-10", "weight": 70, **value}, COLUMNS)

    assert json.loads(record.pop("extra")) == value
    assert record == {"id": "2026-03-10", **({} if "weight" in value else {"weight": 70})}


def types(columns: Properties) -> dict[str, str]:
    return {name: schema["type"][0] for name, schema in columns.items()}


def columns(before: dict[str, str] | None, **codes: str) -> dict[str, str]:
    """The types of the custom columns beside a built-in one."""
    custom = custom_properties([field(code, type_) for code, type_ in codes.items()], "wellness")
    return types(custom_columns(custom, ["stress"], before))


def test_column_of_a_custom_field_keeps_the_type_it_had_first() -> None:
    assert columns({}, How="numeric") == {"How": "number"}
    assert columns({"How": "number"}, How="text") == {"How": "number"}
    assert columns({"How": "string"}, How="numeric") == {"How": "string"}
    assert columns({"How": "number"}) == {"How": "number"}


def test_text_has_no_column_as_its_owner_may_make_it_a_number_unless_version_0_1_gave_it_one() -> None:
    assert columns({}, How="text") == {}
    assert columns(None, How="text", Mood="select") == {"How": "string", "Mood": "number"}


def test_names_that_differ_by_case_have_one_column() -> None:
    assert columns({}, Stress="numeric", Awake="numeric", AWAKE="numeric") == {"Awake": "number"}
    assert columns({"AWAKE": "number"}, Awake="numeric", AWAKE="numeric") == {"AWAKE": "number"}
