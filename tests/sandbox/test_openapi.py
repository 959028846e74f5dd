"""The answers fit the service's own OpenAPI description, where that lies beside the project."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

if TYPE_CHECKING:
    from sandbox import Account
    from tests.sandbox.conftest import Get

REFERENCE = Path(__file__).parents[3] / "shared" / "reference" / "intervals-openapi.json"
OPENAPI_DESCRIPTION_BESIDE_THE_PROJECT = REFERENCE.exists()

CUSTOM = {
    "Wellness": {"SleepingHRrange", "AwakeTime", "RespRate", "REMSleep"},
    "Activity": {"AerobicEffect", "EPOC", "Sweatloss", "LactateSteps"},
}
# Where the wire is known to differ from the description.
ON_THE_WIRE: dict[str, dict[str, Any]] = {
    "Activity": {"skyline_chart_bytes": {"type": ["string", "null"]}},
    "ActivityStream": {
        "data": {"type": "array"},
        "data2": {"type": ["array", "null"]},
        "valueType": {"type": "string"},
    },
    "Event": {"paired_activity_id": {"type": ["string", "null"]}},
    "SportSettings": {"eFTPSupported": {"type": ["boolean", "null"]}},
}


def nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """The description never says that a value may be null; on the wire all may."""
    if schema == {"type": "object"}:  # how the description writes a Java Object: anything
        return {}
    if "$ref" in schema:
        return {"if": {"type": "null"}, "else": {"$ref": schema["$ref"]}}
    result = dict(schema)
    if "type" in schema:
        result["type"] = [schema["type"], "null"]
    if "enum" in schema:
        result["enum"] = [*schema["enum"], None]
    if "items" in schema:
        result["items"] = nullable(schema["items"])
    if "properties" in schema:
        result["properties"] = {key: nullable(value) for key, value in schema["properties"].items()}
    if isinstance(schema.get("additionalProperties"), dict):
        result["additionalProperties"] = nullable(schema["additionalProperties"])
    return result


@lru_cache
def validator(name: str, *, of_list: bool) -> Draft202012Validator:
    """A validator of one schema that accepts no key that is not described, custom ones excepted."""
    schemas = json.loads(REFERENCE.read_text())["components"]["schemas"]
    strict: dict[str, Any] = {}
    for key, schema in schemas.items():
        strict[key] = nullable(schema)
        if "properties" in schema:
            custom: dict[str, Any] = {key_0: {} for key_0 in CUSTOM.get(key, ())}
            strict[key]["properties"] |= custom | ON_THE_WIRE.get(key, {})
            strict[key].setdefault("additionalProperties", False)
    for kind in ("Power", "HR", "Pace"):  # described as lists of DataCurve, the part that the three kinds share
        strict[f"DataCurveSet{kind}Curve"]["properties"]["list"]["items"] = ref(f"{kind}Curve")
    if name == "Activity":  # a list may hold stubs; details hold intervals too
        extra = {"icu_intervals": {"items": ref("Interval")}, "icu_groups": {"items": ref("IntervalGroup")}}
        strict["Activity"]["properties"] |= extra
        strict["Listed"] = {"if": {"required": ["_note"]}, "then": ref("Hidden"), "else": ref("Activity")}
        name = "Listed"
    root = {"type": "array", "items": ref(name), "minItems": 1} if of_list else ref(name)
    return Draft202012Validator({**root, "components": {"schemas": strict}})


def ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


CASES = [
    ("athlete/0", "WithSportSettings", False),
    ("athletes", "AthleteWithTags", True),
    ("athlete/0/wellness", "Wellness", True),
    ("athlete/0/wellness/2026-10-03", "Wellness", False),
    ("athlete/0/activities?oldest=2000-01-01", "Activity", True),
    ("activity/{id}?intervals=true", "Activity", False),
    ("athlete/0/activities/{id}?intervals=true", "Activity", True),
    ("activity/{id}/intervals", "IntervalsDTO", False),
    ("activity/{id}/streams", "ActivityStream", True),
    ("athlete/0/events?oldest=2000-01-01&newest=2099-01-01", "Event", True),
    ("athlete/0/fitness-model-events", "Event", True),
    ("athlete/0/gear", "Gear", True),
    ("athlete/0/sport-settings", "SportSettings", True),
    ("athlete/0/custom-item", "CustomItem", True),
    ("athlete/0/power-curves?type=Ride", "DataCurveSetPowerCurve", False),
    ("athlete/0/hr-curves?type=Run", "DataCurveSetHRCurve", False),
    ("athlete/0/pace-curves?type=Run", "DataCurveSetPaceCurve", False),
    ("athlete/0/activity-power-curves?oldest=2000-01-01&newest=2099-01-01", "ActivityPowerCurvePayload", False),
]

needs_description = pytest.mark.skipif(
    not OPENAPI_DESCRIPTION_BESIDE_THE_PROJECT, reason="needs ../shared/reference/intervals-openapi.json"
)


@needs_description
@pytest.mark.parametrize(("path", "schema", "of_list"), CASES)
def test_answers_validate_against_the_official_openapi_description(
    account: Account,
    get: Get,
    path: str,
    schema: str,
    *,
    of_list: bool,
) -> None:
    interesting = max(account.activities.values(), key=lambda record: len(record.get("stream_types", [])))
    answer = get(path.format(id=interesting["id"]))
    assert answer.status_code == 200
    errors = validator(schema, of_list=of_list).iter_errors(answer.json())
    assert [f"{list(error.absolute_path)}: {error.message[:200]}" for error in errors] == []


@needs_description
def test_the_validation_notices_unknown_keys_and_wrong_types(account: Account) -> None:
    row = dict(next(iter(account.wellness.values())))
    check = validator("Wellness", of_list=False)
    assert check.is_valid(row)
    assert not check.is_valid(row | {"heartRate": 50})
    assert not check.is_valid(row | {"restingHR": "50"})
    assert not check.is_valid(row | {"sportInfo": [{"type": "Quidditch"}]})
