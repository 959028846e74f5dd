"""The SDK's own tests, in both layouts, with all streams selected, against canned answers."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
import responses
from singer_sdk.testing import SuiteConfig, get_tap_test_class

from tap_intervals_icu.tap import TapIntervalsIcu

if TYPE_CHECKING:
    from collections.abc import Iterator

STAMP = "2026-03-10T06:31:05.204+00:00"
LOCAL = "2026-03-10T07:30:00"
TYPES = ["Ride", "VirtualRide"]
PROFILE = {
    "id": "i100001",
    "name": "Test",
    "timezone": "Europe/Madrid",
    "icu_api_key": "never-log",
    "custom_items": [
        {"type": "INPUT_FIELD", "name": "Awake", "content": {"code": "AwakeTime", "type": "numeric", "units": "s"}}
    ],
    "sportSettings": [{"types": TYPES}],
}
WELLNESS = {
    "id": "2026-03-10",
    "ctl": 52.4,
    "updated": STAMP,
    "weight": 70.4,
    "tempWeight": False,
    "sportInfo": [{"type": "Ride", "eftp": 251.3}],
}
LATER = datetime.now(timezone.utc).date() + timedelta(days=2)  # later than today in every time zone
PROJECTED = {
    "id": str(LATER),
    "ctl": 49.1,
    "atl": 40.2,
    "rampRate": -1.5,
    "ctlLoad": 60,
    "atlLoad": 60,
    "updated": STAMP,
}
ACTIVITY = {
    "id": "i140000001",
    "type": "Ride",
    "name": "Tempo",
    "start_date": "2026-03-10T06:30:00Z",
    "start_date_local": LOCAL,
    "created": STAMP,
    "analyzed": STAMP,
    "stream_types": ["time", "watts"],
    "gear": {"id": "b1", "name": "Bike", "distance": 1.0},
    "trainer": True,
    "icu_zone_times": [{"id": "Z1", "secs": 1200}],
    "icu_intervals": [{"id": 1, "type": "WORK", "start_index": 0, "end_index": 2, "average_watts": 201.5}],
}
STREAMS = [
    {"type": "time", "data": [0, 1, 37]},
    {"type": "watts", "data": [200, None, 210.5]},
    {"type": "latlng", "data": [50.1, None, 50.2], "data2": [10.1, None, 10.2]},
    {"type": "hrv", "data": [[810], [795, 802], None]},
]
SETTINGS = {"id": 13, "athlete_id": "i100001", "types": TYPES, "ftp": 240, "created": STAMP, "updated": STAMP}
EVENT = {
    "id": 12,
    "category": "WORKOUT",
    "name": "Sweet spot",
    "start_date_local": "2026-07-20T00:00:00",
    "updated": STAMP,
}
CURVE = {
    "id": "1y",
    "start_date_local": "2025-03-10T00:00:00",
    "end_date_local": "2026-03-10T00:00:00",
    "values": [900, 780],
    "activity_id": ["i140000001", "i140000001"],
}
ANSWERS: dict[str, Any] = {
    r"/athlete/(0|i100001)": PROFILE,
    r"/athlete/i100001/wellness\?.*": [WELLNESS, PROJECTED],
    r"/athlete/i100001/activities(\?|/).*": [ACTIVITY],
    r"/activity/i140000001/streams": STREAMS,
    r"/athlete/i100001/sport-settings": [SETTINGS],
    r"/athlete/i100001/gear": [{"id": "b1", "athlete_id": "i100001", "name": "Bike", "distance": 1234500.0}],
    r"/athlete/i100001/events\?.*": [EVENT],
    r"/athlete/i100001/fitness-model-events": [{**EVENT, "category": "SET_EFTP"}],
    r"/athlete/i100001/(power|hr)-curves\?.*": {"list": [{**CURVE, "secs": [1, 5]}], "activities": {}},
    r"/athlete/i100001/activity-power-curves\?.*": {
        "secs": [5, 60, 300, 1200, 3600],
        "curves": [
            {"id": "i1", "start_date_local": "2026-03-10T08:00:00", "weight": 70.0, "watts": [780, 380, 280, 245, 0]}
        ],
    },
    r"/athlete/i100001/pace-curves\?.*": {"list": [{**CURVE, "distance": [400, 1000]}], "activities": {}},
}


def all_selected(config: dict[str, Any]) -> dict[str, Any]:
    """Return a catalog in which every stream is selected."""
    catalog = dict(TapIntervalsIcu(config=config).catalog_dict)
    for stream in catalog["streams"]:
        for entry in stream["metadata"]:
            if not entry["breadcrumb"]:
                entry["metadata"]["selected"] = True
    return catalog


def standard_tests(layout: str) -> Any:
    config = {"api_key": "never-log", "activity_streams_layout": layout, "requests_per_second": 0}
    return get_tap_test_class(
        TapIntervalsIcu, config=config, suite_config=SuiteConfig(max_records_limit=None), catalog=all_selected(config)
    )


# What the canned answers lack is no fault: they do not hold all 184 properties of an activity.
@pytest.mark.filterwarnings(
    "ignore:Fields in transformed catalog but not in records", "ignore:No records were available"
)
class Answered:
    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def api(cls) -> Iterator[responses.RequestsMock]:
        with responses.RequestsMock(assert_all_requests_are_fired=True) as mock:
            for path, answer in ANSWERS.items():
                mock.get(re.compile(rf"https://intervals\.icu/api/v1{path}$"), json=answer)
            yield mock


class TestRows(Answered, standard_tests("rows")):  # type: ignore[misc] # made by a factory
    """One record a sample."""


class TestColumns(Answered, standard_tests("columns")):  # type: ignore[misc] # made by a factory
    """One record an activity."""
