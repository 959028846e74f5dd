from __future__ import annotations

from typing import Any

import pytest

from target_influxdb.points.flatten import MAX_ELEMENTS, flatten


@pytest.mark.parametrize(
    ("value", "fields"),
    [
        (None, {}),
        (1.5, {"p": 1.5}),
        ("", {"p": ""}),
        (False, {"p": False}),
        ({"id": "b1", "name": "Bike", "lost": None}, {"p_id": "b1", "p_name": "Bike"}),
        ({"a": {"b": {"c": 1}}}, {"p_a_b_c": 1}),
        ([{"id": "Z1", "secs": 1200}, {"id": "Z2", "secs": 0}], {"p_Z1": 1200, "p_Z2": 0}),
        (
            [{"type": "Ride", "eftp": 250, "wPrime": None}, {"type": "Run", "eftp": None, "wPrime": 9}],
            {"p_Ride_eftp": 250, "p_Run_wPrime": 9},
        ),
        ([{"id": 1, "code": "x"}, {"id": 2, "code": "y"}], {"p_1": "x", "p_2": "y"}),
        ([{"id": 999, "v": 1}, {"id": "a" * 16, "v": 2}], {"p_999": 1, "p_" + "a" * 16: 2}),
        ([{"id": 1000, "v": 1}, {"id": 1001, "v": 2}], {"p_0_id": 1000, "p_0_v": 1, "p_1_id": 1001, "p_1_v": 2}),
        ([{"id": "1000", "code": "x", "v": 1}], {"p_x_id": "1000", "p_x_v": 1}),
        ([{"id": "a" * 17, "v": 1}], {"p_0_id": "a" * 17, "p_0_v": 1}),
        ([{"code": "x", "v": 1}, {"code": "x", "v": 2}], {"p_0_code": "x", "p_0_v": 1, "p_1_code": "x", "p_1_v": 2}),
        ([{"id": {"deep": 1}, "v": 1}], {"p_0_id_deep": 1, "p_0_v": 1}),
        ([{"id": "a"}, {"id": "b"}], {"p": "a, b"}),
        ([{"v": 1}, {"v": 2}], {"p_0_v": 1, "p_1_v": 2}),
        ([None, {"v": 1}, None, {"v": 2}], {"p_1_v": 1, "p_3_v": 2}),
        ([100, None, 150.5], {"p_0": 100, "p_2": 150.5}),
        ([True, False], {"p_0": True, "p_1": False}),
        (["easy", None, "hills"], {"p": "easy, hills"}),
        ([], {}),
        ([None], {}),
        ({}, {}),
        ([[1, 2], [3]], {"p": "[[1,2],[3]]"}),
        ([1, "a"], {"p": '[1,"a"]'}),
        ([["\ud800", 1.5]], {"p": '[["\ud800",1.5]]'}),
        (list(range(MAX_ELEMENTS + 1)), {"p": str(list(range(MAX_ELEMENTS + 1))).replace(" ", "")}),
    ],
)
def test_nested_values_become_fields_by_the_written_rule(value: Any, fields: dict[str, Any]) -> None:
    assert dict(flatten("p", value)) == fields
