from __future__ import annotations

from typing import Any

import pytest

from tap_intervals_icu.changes.fingerprint import listed_activity
from tap_intervals_icu.records.rows import activity_record, clean, is_stub, modified, wellness_record

RIDE = {
    "id": "i1",
    "type": "Ride",
    "source": "GARMIN_CONNECT",
    "start_date": "2026-05-04T05:30:00Z",
    "start_date_local": "2026-05-04T07:30:00",
    "created": "2026-05-04T06:31:05.204+00:00",
    "analyzed": "2026-05-04T06:31:05.690+00:00",
    "icu_sync_date": None,
    "gear": {"id": "b1", "name": "Bike", "distance": 1.0},
    "skyline_chart_bytes": "CAcS",
    "name": "Tempo",
}

STUBS: dict[str, dict[str, Any]] = {
    "from Strava": {"id": "16", "start_date_local": "2025-11-05T18:00:00", "source": "STRAVA", "_note": "STRAVA ..."},
    "with a note only": {**RIDE, "_note": "not available"},
    "with a source only": {**RIDE, "source": "STRAVA"},
    "with neither": {"id": "12", "external_id": "wahoo-1", "start_date_local": "2026-05-01T06:30:00", "type": None},
    "without any date": {"id": "12", "type": "Ride"},
}


@pytest.mark.parametrize("row", STUBS.values(), ids=STUBS)
def test_stubs_of_all_kinds_are_recognised(row: dict[str, Any]) -> None:
    assert is_stub(row)


@pytest.mark.parametrize("change", [{}, {"source": None}, {"start_date": None}, {"type": None}, {"name": None}])
def test_activity_with_data_is_no_stub(change: dict[str, Any]) -> None:
    assert not is_stub({**RIDE, **change})


@pytest.mark.parametrize(
    ("stamps", "expected"),
    [
        ({}, ""),
        ({"created": None, "analyzed": None}, ""),
        ({"created": "2026-01-01", "analyzed": "2026-01-03", "icu_sync_date": "2026-01-02"}, "2026-01-03"),
        ({"created": "2026-01-01", "analyzed": None, "icu_sync_date": "2026-01-02"}, "2026-01-02"),
    ],
)
def test_modified_is_the_latest_stamp_there_is(stamps: dict[str, Any], expected: str) -> None:
    assert modified(stamps) == expected


def test_texts_for_no_number_become_null_at_any_depth_and_nothing_else() -> None:
    row = {
        "a": "NaN",
        "b": [1, "-Infinity", {"c": "Infinity"}],
        "d": {"e": "NaN", "f": "Nan"},
        "g": 0,
        "h": "",
        "i": False,
    }
    cleaned = {"a": None, "b": [1, None, {"c": None}], "d": {"e": None, "f": "Nan"}, "g": 0, "h": "", "i": False}

    assert clean(row) == cleaned


def test_records_have_the_athlete_and_the_derived_stamp() -> None:
    assert activity_record({**RIDE, "EPOC": "NaN"}, "i9") == {
        **RIDE,
        "EPOC": None,
        "athlete_id": "i9",
        "updated": "2026-05-04T06:31:05.690+00:00",
    }
    assert activity_record({**RIDE, "id": 7, "created": None, "analyzed": None}, "i9")["updated"] is None
    assert wellness_record({"id": "2026-03-10", "hrv": "NaN"}, "i9") == {
        "id": "2026-03-10",
        "hrv": None,
        "athlete_id": "i9",
    }


NOISE: dict[str, dict[str, Any]] = {
    "mileage of the gear": {"gear": {"id": "b1", "name": "Bike", "distance": 2.0}},
    "preview picture": {"skyline_chart_bytes": "other"},
    "intervals that lists lack": {"icu_intervals": [], "icu_groups": []},
    "order of the keys": {"gear": {"distance": 1.0, "name": "Bike", "id": "b1"}},
}
EDITS: dict[str, dict[str, Any]] = {
    "name": {"name": "Other"},
    "cleared": {"name": None},
    "another gear": {"gear": {"id": "b2", "name": "Bike", "distance": 1.0}},
    "no gear": {"gear": None},
    "new field": {"EPOC": 80},
}
COPIED: dict[str, dict[str, Any]] = {
    "stamp": {"icu_sync_date": "2026-06-01"},
    "type": {"type": "Run"},
    "start": {"start_date": "2026-05-04T05:31:00Z"},
    "local start": {"start_date_local": "2026-05-04T08:30:00"},
}


@pytest.mark.parametrize(
    ("change", "is_other", "has_other_samples"),
    [(change, False, False) for change in NOISE.values()]
    + [(change, True, False) for change in EDITS.values()]
    + [(change, True, True) for change in COPIED.values()],
    ids=[*NOISE, *EDITS, *COPIED],
)
def test_row_changes_with_its_content_and_its_samples_with_what_they_copy(
    change: dict[str, Any], *, is_other: bool, has_other_samples: bool
) -> None:
    before, after = (listed_activity(row, whole=True) for row in (RIDE, {**RIDE, **change}))

    assert (before.digest != after.digest, before.detail != after.detail) == (is_other, has_other_samples)


def test_census_and_whole_row_agree_on_the_detail() -> None:
    census = {name: value for name, value in RIDE.items() if value and name not in {"gear", "name"}}

    assert listed_activity(census, whole=False).detail == listed_activity(RIDE, whole=True).detail
