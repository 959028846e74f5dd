"""An activity's record agrees with its samples: each figure computed anew, from the streams that the server sends."""

from __future__ import annotations

import math
from itertools import pairwise
from statistics import fmean
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import Account
from sandbox.bests import bests, shortest
from sandbox.measured import decoupling, normalized, recovery
from tests.sandbox.conftest import parameters

if TYPE_CHECKING:
    from collections.abc import Iterator

Record = dict[str, Any]
Data = dict[str, list[Any]]


@pytest.fixture(scope="module")
def account() -> Account:
    return Account(parameters(days=365, activities=120, seconds=900))


def recorded(account: Account, *channels: str) -> Iterator[tuple[Record, Data]]:
    """Records that have these channels, with the samples by channel."""
    for name, record in account.activities.items():
        data = {stream["type"]: stream["data"] for stream in account.streams(name)}
        if set(channels) <= set(data):
            yield record, data


def seconds_between(values: list[float | None], low: float, high: float, step: int) -> int:
    return sum(low < value <= high for value in values if value is not None) * step


def zones(values: list[float | None], bounds: list[float], step: int) -> list[int]:
    lower, upper = [-math.inf, *bounds[:-1]], [*bounds[:-1], math.inf]
    return [seconds_between(values, low, high, step) for low, high in zip(lower, upper, strict=True)]


def test_heart_rate_figures_are_those_of_the_samples(account: Account) -> None:
    checked = 0
    for record, data in recorded(account, "heartrate"):
        rates = [rate for rate in data["heartrate"] if rate is not None]
        step = record["icu_median_time_delta"]
        assert record["average_heartrate"] == round(fmean(rates))
        assert record["max_heartrate"] == max(rates)
        assert record["icu_hr_zone_times"] == zones(data["heartrate"], record["icu_hr_zones"], step)
        assert sum(record["icu_hr_zone_times"]) == len(rates) * step
        checked += 1
    assert checked > 60


def test_power_figures_are_those_of_the_samples_and_no_copy_of_the_heart_rate_s(account: Account) -> None:
    alike, checked = 0, 0
    for record, data in recorded(account, "watts"):
        watts, ftp = data["watts"], record["icu_ftp"]
        rolling = [fmean(watts[end - 30 : end]) for end in range(30, len(watts) + 1)]
        weighted = fmean(value**4 for value in rolling) ** 0.25
        times = zones([value / ftp * 100 for value in watts], record["icu_power_zones"], 1)
        assert record["icu_joules"] == sum(watts)
        assert record["icu_average_watts"] == round(fmean(watts))
        assert record["icu_weighted_avg_watts"] == round(weighted)
        assert record["icu_variability_index"] == pytest.approx(weighted / fmean(watts), rel=1e-5)
        assert record["icu_intensity"] == pytest.approx(weighted / ftp * 100, rel=1e-5)
        assert record["icu_training_load"] == round(len(watts) / 36 * (weighted / ftp) ** 2)
        assert record["icu_joules_above_ftp"] == sum(max(0, value - ftp) for value in watts)
        assert record["coasting_time"] == watts.count(0)
        assert [zone["secs"] for zone in record["icu_zone_times"][:7]] == times
        sweet = sum(0.84 * ftp <= value <= 0.97 * ftp for value in watts)
        assert record["icu_zone_times"][7] == {"id": "SS", "secs": pytest.approx(sweet, abs=20)}  # limits in whole W
        alike += times == record.get("icu_hr_zone_times")
        checked += 1
    assert checked > 30
    assert alike == 0


def test_decoupling_is_the_loss_of_output_per_beat_between_the_halves(account: Account) -> None:
    found = []
    for record, data in recorded(account, "heartrate", "velocity_smooth"):
        output, rates = data.get("watts") or data["velocity_smooth"], data["heartrate"]
        half = len(output) // 2
        halves = [
            [(out, rate) for out, rate in zip(output[part], rates[part], strict=True) if rate]
            for part in (slice(half), slice(half, None))
        ]
        first, second = (fmean(out for out, _ in one) / fmean(rate for _, rate in one) for one in halves)
        assert record["decoupling"] == pytest.approx((first - second) / first * 100, abs=1e-4)
        found.append(record["decoupling"])
    assert min(found) < 2
    assert max(found) > 6


def test_pace_climb_cadence_and_temperature_are_those_of_the_samples(account: Account) -> None:
    for record, data in recorded(account, "velocity_smooth"):
        step = record["icu_median_time_delta"]
        assert record["average_speed"] == pytest.approx(data["distance"][-1] / record["moving_time"], rel=0.01)
        assert record["max_speed"] == max(data["velocity_smooth"])
        if "pace_zone_times" in record:
            percent = [speed / record["threshold_pace"] * 100 for speed in data["velocity_smooth"]]
            assert record["pace_zone_times"] == zones(list(percent), record["pace_zones"], step)
        if "total_elevation_gain" in record:
            height = data["altitude"]
            climbed = sum(max(0.0, b - a) for a, b in pairwise(height))
            assert record["total_elevation_gain"] == pytest.approx(climbed, rel=1e-3)
            assert (record["min_altitude"], record["max_altitude"]) == (min(height), max(height))
        if "average_temp" in record:
            assert record["average_temp"] == pytest.approx(fmean(data["temp"]), rel=1e-3)
        if "average_cadence" in record:
            assert record["average_cadence"] == pytest.approx(fmean(filter(None, data["cadence"])), rel=1e-4)


def test_recovery_is_the_largest_fall_within_a_minute_of_a_hard_session(account: Account) -> None:
    checked = 0
    for record, data in recorded(account, "heartrate"):
        if best := record.get("icu_hrr"):
            rates, start, end = data["heartrate"], best["start_index"], best["end_index"]
            assert data["time"][end] - data["time"][start] == best["end_time"] - best["start_time"] == 60
            assert (rates[start], rates[end]) == (best["start_bpm"], best["end_bpm"])
            width = end - start
            falls = [a - b for a, b in zip(rates, rates[width:], strict=False) if a and b]
            assert 0 < best["hrr"] == best["start_bpm"] - best["end_bpm"] <= max(falls)
            checked += 1
    assert checked > 10


def test_intervals_are_means_of_their_samples_and_groups_means_of_their_intervals(account: Account) -> None:
    grouped = 0
    for record, data in recorded(account, "watts", "heartrate"):
        found = account.intervals(record["id"])
        for one in found["icu_intervals"]:
            part = slice(one["start_index"], one["end_index"])
            rates = [rate for rate in data["heartrate"][part] if rate]
            assert one["average_watts"] == round(fmean(data["watts"][part]))
            assert (one["min_heartrate"], one["max_heartrate"]) == (min(rates), max(rates))
        for group in found["icu_groups"]:
            members = [one for one in found["icu_intervals"] if one["group_id"] == group["id"]]
            assert group["count"] == len(members) > 1
            assert group["average_watts"] == pytest.approx(fmean(one["average_watts"] for one in members), rel=1e-5)
            grouped += 1
    assert grouped > 5


def test_best_values_are_the_best_of_all_places_in_the_samples(account: Account) -> None:
    checked = 0
    for record, data in recorded(account, "watts", "heartrate"):
        found = bests(account.recordings[record["id"]])
        for secs in (5, 300):
            every = [fmean(data["watts"][start : start + secs]) for start in range(len(data["watts"]) - secs + 1)]
            assert found.power[secs] == round(max(every))
        assert found.heartrate[1] == record["max_heartrate"]
        assert all(secs <= record["moving_time"] for secs in found.power)
        checked += 1
    assert checked > 30
    assert shortest([10.0, 20.0, 45.0, 60.0], 1, 40.0) == 2  # the third and fourth second
    assert shortest([10.0, 20.0, 45.0, 60.0], 1, 61.0) is None
    run = next(record for record, _ in recorded(account, "stride_length", "distance"))
    metres = [0.0, *next(stream["data"] for stream in account.streams(run["id"]) if stream["type"] == "distance")]
    kilometre = min(
        end - start
        for start in range(len(metres))
        for end in range(start + 1, len(metres))
        if metres[end] - metres[start] >= 1000
    )
    assert bests(account.recordings[run["id"]]).pace[1000.0] == kilometre * run["icu_median_time_delta"]


def test_the_fitness_of_an_activity_is_that_of_its_day(account: Account) -> None:
    for record in account.activities.values():
        day = account.wellness.get(record["start_date_local"][:10])
        if day:
            assert (record["icu_ctl"], record["icu_atl"]) == (day["ctl"], day["atl"])


def test_trimming_recomputes_what_follows_from_the_samples() -> None:
    account = Account(parameters())
    name = next(record["id"] for record, _ in recorded(account, "watts", "heartrate"))
    account.trim(name, 100)
    record = account.activities[name]
    data = {stream["type"]: stream["data"] for stream in account.streams(name)}
    assert record["icu_average_watts"] == round(fmean(data["watts"]))
    assert sum(zone["secs"] for zone in record["icu_zone_times"][:7]) == 100
    assert record["icu_training_load"] == record["power_load"]


def test_steady_power_is_its_own_normalized_power_and_does_not_decouple() -> None:
    assert normalized([200] * 600) == pytest.approx(200)
    assert normalized([150] * 10) == pytest.approx(150)  # shorter than the window
    assert decoupling([200.0] * 100, [140] * 100) == 0
    assert decoupling([200.0] * 100, [140] * 50 + [154] * 50) == pytest.approx(100 / 11)
    assert decoupling([200.0] * 100, [None] * 100) is None
    assert decoupling([0.0] * 100, [140] * 100) is None
    assert recovery([100, *[100] * 80], list(range(81)), 1) == {}
    assert recovery([None] * 81, list(range(81)), 1) == {}
