"""Samples as rows: the same as in columns, with a time of day, and tombstones for seconds that are gone."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_intervals_icu.changes.fingerprint import listed_activity
from tap_intervals_icu.records.samples import Channel, extent, surplus_rows, to_columns, to_rows
from tap_intervals_icu.records.tables import columns_of

NUMBER = {"type": ["number", "null"]}
KNOWN = columns_of(
    {
        "time": {"type": "number"},
        "watts": NUMBER,
        "moving": {"type": ["boolean", "null"]},
        "hrv": {"type": ["string", "null"]},
    }
)

SAMPLES = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(0, 9)),
        st.one_of(st.none(), st.integers()),
        st.one_of(st.none(), st.lists(st.integers(0, 9), min_size=1, max_size=2)),
    )
)


@given(SAMPLES)
def test_rows_and_columns_hold_the_same_samples(samples: list[tuple[Any, Any, Any]]) -> None:
    time, watts, hrv = ([sample[index] for sample in samples] for index in range(3))
    answer = [{"type": name, "data": data} for name, data in (("time", time), ("watts", watts), ("hrv", hrv))]
    columns = to_columns(msgspec.json.decode(json.dumps(answer), type=list[Channel]), "i1")
    expected: dict[int, dict[str, Any]] = {}
    for second, power, beats in samples:
        if second is not None:
            row = expected.setdefault(second, {"watts": None, "hrv": None})
            row |= {} if power is None else {"watts": power}
            row |= {} if beats is None else {"hrv": ":".join(map(str, beats))}

    rows = list(to_rows({"activity_id": "i1", **columns}, KNOWN))
    found = {row["time"]: {name: row[name] for name in ("watts", "hrv")} for row in rows}
    assert found == expected
    assert [row["time"] for row in rows] == sorted(expected)


def test_row_has_the_time_of_day_and_unknown_channels_as_json() -> None:
    activity = {"activity_id": "i1", "start_date": "2026-05-04T05:30:00Z", "start_date_local": "2026-05-04T07:30:00"}
    rows = to_rows({**activity, "time": [0, 5400.5], "watts": [1, 2], "Fuel": [None, 3]}, KNOWN)

    assert list(rows) == [
        {
            **activity,
            "time": second,
            "watts": power,
            "timestamp": f"2026-05-04T{utc}Z",
            "timestamp_local": f"2026-05-04T{local}",
            "extra": extra,
        }
        for second, power, utc, local, extra in (
            (0, 1, "05:30:00", "07:30:00", '{"Fuel":null}'),
            (5400.5, 2, "07:00:00.500000", "09:00:00.500000", '{"Fuel":3}'),
        )
    ]


def test_value_of_another_type_than_its_column_goes_to_the_json_alone() -> None:
    channels = {"watts": [250, "1.5:2.5"], "moving": [True, None], "hrv": ["810", 9]}
    rows = list(to_rows({"activity_id": "i1", "time": [0, 1], **channels}, KNOWN))

    untimed = [{name: value for name, value in row.items() if not name.startswith("timestamp")} for row in rows]
    assert untimed == [
        {"activity_id": "i1", "time": 0, "watts": 250, "moving": True, "hrv": "810"},
        {"activity_id": "i1", "time": 1, "moving": None, "extra": '{"watts":"1.5:2.5","hrv":9}'},
    ]


@pytest.mark.parametrize("start", [None, "", "not a time"])
def test_activity_without_a_readable_start_has_samples_without_a_time_of_day(start: str | None) -> None:
    activity = {"activity_id": "i1", "start_date": start, "start_date_local": start}

    (row,) = to_rows({**activity, "time": [1]}, KNOWN)
    assert row == {**activity, "time": 1, "timestamp": None, "timestamp_local": None}


def assert_clocks_run_on(zone: str, start: int, seconds: int) -> None:
    """Seconds have passed: the local clock is the wall clock of the start, whatever DST does on the way."""
    utc = datetime.fromtimestamp(start, timezone.utc)
    local = utc.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    activity = {"activity_id": "i1", "start_date": f"{utc:%Y-%m-%dT%H:%M:%SZ}", "start_date_local": local.isoformat()}
    (row,) = to_rows({**activity, "time": [seconds]}, KNOWN)

    assert datetime.fromisoformat(row["timestamp"].replace("Z", "+00:00")) == utc + timedelta(seconds=seconds)
    assert datetime.fromisoformat(row["timestamp_local"]) == local + timedelta(seconds=seconds)

    assert listed_activity({"id": "i1", **activity}, whole=False).day == local.date().toordinal()


@given(
    st.sampled_from(sorted(available_timezones())),
    st.integers(600_000_000, 2_200_000_000),
    st.integers(0, 100_000),
)
def test_clocks_of_any_time_zone_run_on_from_the_start(zone: str, start: int, seconds: int) -> None:
    assert_clocks_run_on(zone, start, seconds)


@pytest.mark.long
def test_clocks_of_all_time_zones_run_on_over_each_change_of_the_clock() -> None:
    noon = 1_767_268_800  # 2026-01-01T12:00:00Z
    changes = 0
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        for day in range(365):
            before, after = (datetime.fromtimestamp(noon + 86_400 * (day + ago), zone) for ago in (-1, 0))
            if before.utcoffset() != after.utcoffset():
                changes += 1
                for hour in range(-24, 1):
                    assert_clocks_run_on(name, noon + 86_400 * day + 3600 * hour, 7200)
    assert changes > 200  # there are zones with DST


def test_seconds_that_are_gone_get_tombstones_and_none_where_the_times_are_the_same() -> None:
    now = datetime(2026, 3, 10, tzinfo=timezone.utc)
    activity = {"athlete_id": "i9", "activity_id": "i1", "time": [0, 2]}

    assert list(surplus_rows(activity, extent({"time": [0, 2]}), now)) == []
    assert list(surplus_rows(activity, extent({"time": []}), now)) == []
    gone = list(surplus_rows(activity, extent({"time": [0, 1, 2, 3, 4]}), now))
    assert [row["time"] for row in gone] == [1, 3, 4]
    assert gone[0] == {"athlete_id": "i9", "activity_id": "i1", "time": 1, "_sdc_deleted_at": now.isoformat()}
