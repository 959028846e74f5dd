"""The synthetic athlete: the same every time, and like a real one."""

from __future__ import annotations

import json
import math
from collections import Counter
from datetime import date, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sandbox import Account, AthleteParameters
from sandbox.keys import ACTIVITY_KEYS, WELLNESS_KEYS
from sandbox.sports import CHANNELS
from tests.accounts import account_of
from tests.sandbox.conftest import LAST_DAY, parameters


def everything(account: Account) -> str:
    streams = {name: account.streams(name) for name in account.activities}
    events = account.calendar.events
    return json.dumps([account.wellness, account.activities, account.stubs, streams, events, account.calendar.gear()])


@cache
def year(**changes: Any) -> Account:
    """Return an account of a year, to be read only: all tests share it."""
    return Account(parameters(**{"days": 365, "activities": 200, "seconds": 1200, **changes}))


def test_equal_parameters_give_equal_bytes_and_another_seed_gives_others() -> None:
    assert everything(Account(parameters())) == everything(Account(parameters()))
    assert everything(Account(parameters())) != everything(Account(parameters(seed=2)))


def test_copied_account_is_as_a_new_one_and_edited_alone() -> None:
    copied, untouched = account_of(parameters()), account_of(parameters())
    copied.rename(min(copied.activities), "Renamed")
    assert everything(copied) != everything(untouched) == everything(Account(parameters()))


def test_fitness_follows_the_formulas_of_the_reference() -> None:
    account = year()
    loads = dict.fromkeys(account.wellness, 0.0)
    for record in account.activities.values():
        loads[record["start_date_local"][:10]] = (
            loads.get(record["start_date_local"][:10], 0) + record["icu_training_load"]
        )
    for stub in account.stubs.values():
        loads[stub["start_date_local"][:10]] = loads.get(stub["start_date_local"][:10], 0) + 40
    rows, checked = account.wellness, 0
    for day, row in rows.items():
        before = (date.fromisoformat(day) - timedelta(days=1)).isoformat()
        if day <= LAST_DAY.isoformat():
            assert row["ctlLoad"] == row["atlLoad"] == loads[day]
        if before in rows:
            for name, days in (("ctl", 42), ("atl", 7)):
                last = rows[before][name]
                expected = last + (row[f"{name}Load"] - last) * (1 - math.exp(-1 / days))
                assert row[name] == pytest.approx(expected, abs=5e-5)
            checked += 1
        week = (date.fromisoformat(day) - timedelta(days=7)).isoformat()
        if week in rows:
            assert row["rampRate"] == pytest.approx(row["ctl"] - rows[week]["ctl"], abs=5e-5)
    assert checked > 350


def test_fitness_builds_in_summer_and_fades_after_it() -> None:
    account = year()
    peak = max(account.wellness.values(), key=lambda row: row["ctl"])
    assert peak["id"][5:7] in {"06", "07", "08", "09"}
    assert peak["ctl"] > 2 * min(row["ctl"] for row in account.wellness.values())


def test_wellness_has_all_keys_and_the_gaps_of_a_real_diary() -> None:
    account = year()
    rows = list(account.wellness.values())
    past = [row for row in rows if row["id"] <= LAST_DAY.isoformat()]
    future = [row for row in rows if row["id"] > LAST_DAY.isoformat()]
    assert all(set(WELLNESS_KEYS) <= row.keys() for row in rows)
    assert len(future) == 14
    assert all(row["hrv"] is None and row["ctl"] is not None for row in future)
    assert len({row["updated"] for row in future}) == 1
    missing = sum(row["hrv"] is None for row in past)
    assert 0.1 < missing / len(past) < 0.4
    assert {row["tempWeight"] for row in past} == {True, False}
    assert {row["sportInfo"] is None for row in past} == {True, False}
    assert any(row.get("SleepingHRrange") for row in past)
    assert 350 < len(past) < 365  # a few days have no record
    for before, after in pairwise(past):
        if after["tempWeight"] and date.fromisoformat(after["id"]) - date.fromisoformat(before["id"]) == timedelta(1):
            assert after["weight"] == before["weight"]


def test_stamps_are_utc_with_milliseconds_and_never_later_than_the_clock() -> None:
    account = year()
    stamps = [row["updated"] for row in account.wellness.values()]
    for record in account.activities.values():
        stamps += [record["created"], record["icu_sync_date"], record["analyzed"]]
        assert record["created"] <= record["icu_sync_date"]
    for text in stamps:
        assert len(text) == 29
        assert text.endswith("+00:00")
        assert datetime.fromisoformat(text) <= account.now
    assert max(Counter(record["icu_sync_date"] for record in account.activities.values()).values()) == 6


def test_local_start_is_the_utc_start_in_the_activity_s_zone() -> None:
    account = year()
    zones = Counter[str]()
    over_midnight = 0
    for record in account.activities.values():
        start = datetime.fromisoformat(record["start_date"].replace("Z", "+00:00"))
        local = start.astimezone(ZoneInfo(record["timezone"])).replace(tzinfo=None)
        assert local.isoformat() == record["start_date_local"]
        zones[record["timezone"]] += 1
        over_midnight += local.date() < (local + timedelta(seconds=record["elapsed_time"])).date()
    assert set(zones) == {"Europe/Madrid", "America/Los_Angeles", "Pacific/Auckland"}
    assert over_midnight >= 1


def test_a_recording_has_equal_lengths_rising_time_and_jumps_at_its_pauses() -> None:
    account = year(seconds=300)
    paused = 0
    for name, record in account.activities.items():
        streams = {stream["type"]: stream for stream in account.streams(name)}
        assert list(streams) == record.get("stream_types", [])
        if not streams:
            continue
        times = streams["time"]["data"]
        assert {len(stream["data"]) for stream in streams.values()} == {len(times)}
        assert times[0] == 0
        steps = [after - before for before, after in pairwise(times)]
        usual = record["icu_median_time_delta"]
        assert min(steps) == usual
        jumps = [before + usual for before, after in pairwise(times) if after - before > usual]
        assert jumps == record.get("recording_stops", [])
        assert times[-1] + usual == record["elapsed_time"]
        assert len(times) * usual == record["moving_time"]
        paused += bool(jumps)
    assert paused > 20


def test_samples_agree_with_the_summary() -> None:
    account = year(activities=40)
    for name, record in account.activities.items():
        data = {stream["type"]: stream["data"] for stream in account.streams(name)}
        if "distance" in data:
            assert data["distance"][-1] == pytest.approx(record["distance"], rel=0.01)
            assert data["distance"] == sorted(data["distance"])
        if "watts" in data:
            assert sum(data["watts"]) / len(data["watts"]) == pytest.approx(record["icu_average_watts"], abs=1)
        if "heartrate" in data:
            rates = [rate for rate in data["heartrate"] if rate is not None]
            assert sum(rates) / len(rates) == pytest.approx(record["average_heartrate"], rel=0.03)


def test_rides_coast_swims_count_lengths_and_yoga_has_no_streams() -> None:
    account = year()
    by_type: dict[str, list[dict[str, Any]]] = {}
    for record in account.activities.values():
        by_type.setdefault(record["type"], []).append(record)
    ride = next(record for record in by_type["Ride"] if "watts" in record.get("stream_types", []))
    data = {stream["type"]: stream for stream in account.streams(ride["id"])}
    coasting = [w for w, grade in zip(data["watts"]["data"], data["grade_smooth"]["data"], strict=True) if grade < -3.5]
    assert coasting
    assert not any(coasting)
    assert len(data["latlng"]["data"]) == len(data["latlng"]["data2"])
    nulls = [[value is None for value in data["latlng"][part]] for part in ("data", "data2")]
    assert nulls[0] == nulls[1]
    swim = next(record for record in by_type["Swim"] if record.get("stream_types"))
    assert swim["lengths"] * swim["pool_length"] == swim["distance"]
    assert "latlng" not in swim["stream_types"]
    assert all(not record.get("stream_types") for record in by_type["Yoga"])
    manual = [record for record in account.activities.values() if record["source"] == "MANUAL"]
    assert {str(record.get("stream_types")) for record in manual} == {"[]", "None"}


def test_odd_values_of_real_accounts_occur() -> None:
    account = year(seconds=300)
    records = list(account.activities.values())
    streams = [stream for name in account.activities for stream in account.streams(name)]
    assert any(record.get("Sweatloss") == "NaN" for record in records)
    assert any(record.get("tags") for record in records)
    assert any(record.get("custom_zones") for record in records)
    assert any(record.get("icu_achievements") for record in records)
    assert any("\n" in record.get("description", "") for record in records)
    assert any(stream["custom"] and stream["name"] for stream in streams)
    hrv = next(stream for stream in streams if stream["type"] == "hrv")
    assert hrv["valueTypeIsArray"]
    assert all(beats is None or all(200 < beat < 1500 for beat in beats) for beats in hrv["data"])
    rates = [stream["data"] for stream in streams if stream["type"] == "heartrate"]
    assert any(None in data for data in rates)
    assert all(
        set(record) <= {*ACTIVITY_KEYS, "AerobicEffect", "EPOC", "Sweatloss", "LactateSteps"} for record in records
    )
    kinds = Counter(stub.get("source") for stub in account.stubs.values())
    assert kinds == {"STRAVA": 2, None: 1}


@pytest.mark.parametrize("channels", [1, 10, len(CHANNELS)])
def test_channels_gives_every_activity_exactly_the_wanted_numeric_channels(channels: int) -> None:
    account = Account(parameters(channels=channels, activities=8, seconds=500))
    for name in account.activities:
        streams = account.streams(name)
        assert [stream["type"] for stream in streams] == ["time", *CHANNELS[:channels], "latlng"]
        assert {len(stream["data"]) for stream in streams} == {500}


@pytest.mark.parametrize(
    ("changes", "counts"),
    [({"days": 0, "activities": 0}, (0, 0)), ({"activities": 0}, (114, 0)), ({"days": 1, "activities": 1}, (15, 1))],
)
def test_small_accounts_exist(changes: dict[str, int], counts: tuple[int, int]) -> None:
    account = Account(parameters(strava_stubs=0, **changes))
    assert len(account.activities) == counts[1]
    assert counts[0] - 4 <= len(account.wellness) <= counts[0]  # a few days have no record
    if not account.activities:
        assert all(row["ctl"] == 0 for row in account.wellness.values() if row["id"] <= LAST_DAY.isoformat())


@pytest.mark.long
def test_twenty_years_hold_12000_activities_without_samples_before_they_are_asked_for() -> None:
    account = Account(parameters(days=7300, activities=12_000, seconds=60))
    assert len(account.activities) == 12_000
    assert not account.replaced_streams


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"days": -1}, "cannot be negative"),
        ({"days": 0}, "without days"),
        ({"seconds": 1}, "at least 10"),
        ({"channels": 99}, "between 1 and"),
        ({"sports": ("Quidditch",)}, "Quidditch"),
        ({"timezone": "Mars/Olympus"}, "Mars/Olympus"),
    ],
)
def test_impossible_parameters_are_refused_with_a_reason(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parameters(**changes)


@pytest.mark.parametrize("zone", ["Europe/Madrid", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_the_last_day_is_the_athletes_own_today_by_default(zone: str) -> None:
    before = datetime.now(ZoneInfo(zone)).date()
    assert before <= AthleteParameters(timezone=zone).last_day <= datetime.now(ZoneInfo(zone)).date()
