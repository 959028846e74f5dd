from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tap_intervals_icu.streams import LAYOUTS
from tap_intervals_icu.tap import TapIntervalsIcu

if TYPE_CHECKING:
    from singer_sdk import Stream

STREAMS = {
    f"{stream.name} ({layout})": stream
    for layout in LAYOUTS
    for stream in TapIntervalsIcu(config={"api_key": "k", "activity_streams_layout": layout}).streams.values()
}


@pytest.fixture(params=list(STREAMS.values()), ids=list(STREAMS))
def stream(request: pytest.FixtureRequest) -> Stream:
    found: Stream = request.param
    return found


def types(schema: dict[str, Any]) -> set[str]:
    declared = schema.get("type", [])
    return {declared} if isinstance(declared, str) else set(declared)


def test_every_property_is_described(stream: Stream) -> None:
    assert [name for name, schema in stream.schema["properties"].items() if not schema.get("description")] == []


def test_keys_are_there_and_never_null_and_all_else_may_be(stream: Stream) -> None:
    properties = stream.schema["properties"]
    keys = set(stream.primary_keys)

    assert keys
    assert keys <= properties.keys()
    assert {name for name, schema in properties.items() if "null" not in types(schema)} == keys


def test_replication_key_is_a_property(stream: Stream) -> None:
    assert stream.replication_key is None or stream.replication_key in stream.schema["properties"]


def test_schema_is_open_and_numbers_are_no_integers(stream: Stream) -> None:
    # Of the profile, what is not known to be harmless must not pass.
    assert stream.schema.get("additionalProperties", True) == (stream.name != "athlete")
    integers = [name for name, schema in stream.schema["properties"].items() if "integer" in types(schema)]
    # The API's numbers drift between 41 and 41.0; only ids are sure.
    assert [name for name in integers if name not in stream.primary_keys] == []


def test_tables_have_a_column_for_what_the_schema_does_not_know(stream: Stream) -> None:
    is_tabular = stream.config["activity_streams_layout"] == "rows" and stream.name != "athlete"

    assert not is_tabular or stream.schema["properties"]["extra"]["type"] == ["string", "null"]


def test_tombstones_are_declared(stream: Stream) -> None:
    if stream.name in {"activities", "activity_streams", "events"}:
        assert stream.schema["properties"]["_sdc_deleted_at"]["format"] == "date-time"


def test_profile_lets_no_secret_pass() -> None:
    properties = STREAMS["athlete (rows)"].schema["properties"]

    assert properties.keys().isdisjoint(
        {"icu_api_key", "email", "icu_friend_invite_token", "icu_date_of_birth", "suunto_user_id", "polar_scope"}
    )
