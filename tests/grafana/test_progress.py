"""The board Progress, held against an independent computation."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import groupby
from statistics import fmean
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.bests import bests
from tests.grafana.conftest import LAST_DAY, NOW, look, monday, panel_of, wall_clock
from tests.grafana.test_decision import day_of, shown
from tests.grafana.transformed import rows, transformed

if TYPE_CHECKING:
    from collections.abc import Callable

    from grafana.execution.run import Answer
    from tests.grafana.conftest import Board, Filled

UID = "intervals-progress"
START = date(2026, 1, 1)
"""First day of the board at the tests' now."""
Record = dict[str, Any]


def by_day(filled: Filled, value: Callable[[Record], float], since: date = date.min) -> dict[date, float]:
    """Sums by day of all activities."""
    sums: dict[date, float] = {}
    for one in filled.account.activities.values():
        day = wall_clock(one["start_date_local"]).date()
        if day >= since:
            sums[day] = sums.get(day, 0) + value(one)
    return sums


@pytest.mark.parametrize(
    ("title", "value"),
    [
        ("Distance so far", lambda one: one.get("icu_distance", 0) / 1000),
        ("Time so far", lambda one: one["moving_time"] / 3600),
        ("Load so far", lambda one: one["icu_training_load"]),
    ],
)
def test_years_are_running_sums_by_the_number_of_the_day(
    title: str, value: Callable[[Record], float], answers: dict[str, list[Answer]], filled: Filled
) -> None:
    sums = by_day(filled, value)
    found = shown(answers[UID], title)
    for number, line in enumerate(found, 1):
        assert line["Day"] == number
        for back, name in enumerate(("This year", "A year before")):
            first = START - timedelta(days=365 * back)
            last = first + timedelta(days=number - 1)
            if back or last <= LAST_DAY:
                assert line[name] == pytest.approx(sum(sums[day] for day in sums if first <= day <= last))
    assert len(found) == 365  # the year before is whole
    assert found[-1]["A year before"] > 0


def test_days_and_streaks_are_those_of_the_calendar(answers: dict[str, list[Answer]], filled: Filled) -> None:
    days = {wall_clock(one["start_date_local"]).date() for one in filled.account.activities.values()}
    assert shown(answers[UID], "Days with training")[0]["Days"] == sum(day >= START for day in days)

    first, last = monday(START), monday(LAST_DAY)
    weeks = [first + timedelta(weeks=number) for number in range((last - first).days // 7 + 1)]
    trained = {week: sum(monday(day) == week for day in days) for week in weeks}
    (answer,) = transformed(*_parts(panel_of(answers[UID], "Training days a week")))
    drawn = dict(zip(map(day_of, answer["Time"]), answer["Days"], strict=True))
    assert {week: drawn.get(week.isoformat(), 0) for week in weeks} == trained

    weeks_before = [first - timedelta(weeks=1), *weeks]
    active = [any(monday(day) == week and day >= START - timedelta(days=7) for day in days) for week in weeks_before]
    runs = [(busy, len(list(group))) for busy, group in groupby(active)]
    between = [length for number, (busy, length) in enumerate(runs) if busy and 0 < number < len(runs) - 1]
    assert shown(answers[UID], "Longest streak")[0]["Weeks"] == max(between)


def _parts(answer: Answer) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    return answer.panel, answer.frames


def test_the_streak_that_goes_on_ends_with_the_last_idle_week_that_is_over(
    answers: dict[str, list[Answer]], filled: Filled
) -> None:
    weeks = {monday(wall_clock(one["start_date_local"]).date()) for one in filled.account.activities.values()}
    week, streak = monday(LAST_DAY), 0
    if week not in weeks:
        week -= timedelta(weeks=1)
    while week in weeks:
        week, streak = week - timedelta(weeks=1), streak + 1
    assert shown(answers[UID], "Streak")[0]["Weeks"] == streak
    assert streak > 0


def test_goals_are_held_against_what_is_done_so_far(boards: dict[str, Board], filled: Filled) -> None:
    answers = look(boards[UID], filled, km="5000", hours="300.5", load="0")
    done = {
        "Distance": sum(by_day(filled, lambda one: one.get("icu_distance", 0) / 1000, START).values()),
        "Time": sum(by_day(filled, lambda one: one["moving_time"] / 3600, START).values()),
    }
    elapsed = (NOW - wall_clock(START.isoformat())) / timedelta(days=365)
    expected: dict[str, Any] = {}
    for name, goal in {"Distance": 5000, "Time": 300.5}.items():
        expected |= {f"{name} ahead": done[name] - goal * elapsed, name: done[name] / goal * 100}
        drawn = shown(answers, f"{name} so far")[99]
        assert (drawn["Day"], drawn["Goal"]) == (100, pytest.approx(goal * 100 / 365))
    found = {name: value for line in shown(answers, "Goals of the year") for name, value in line.items()}
    assert {name: found[name] for name in expected} == pytest.approx(expected)
    assert "Load" not in found
    assert shown(answers, "Load so far")[99].get("Goal") is None


def test_the_calendar_has_a_row_per_week_and_a_column_per_day(answers: dict[str, list[Answer]], filled: Filled) -> None:
    sums = by_day(filled, lambda one: one["icu_training_load"])
    found = {}
    for line in shown(answers[UID], "Calendar"):
        week = line.pop("Week")
        for name, load in line.items():
            if load:
                number = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].index(name) + 1
                found[date.fromisocalendar(int(week[:4]), int(week[-2:]), number)] = load
    assert found == {day: load for day, load in sums.items() if day >= START and load}


def test_the_plan_of_each_week_stands_beside_what_was_done(answers: dict[str, list[Answer]], filled: Filled) -> None:
    planned: dict[str, float] = {}
    for event in filled.account.calendar.events.values():
        day = wall_clock(event["start_date_local"]).date()
        if event.get("icu_training_load") and monday(START) <= day <= LAST_DAY + timedelta(days=1):
            week = monday(day).isoformat()
            planned[week] = planned.get(week, 0) + event["icu_training_load"]
    done: dict[str, float] = {}
    for day, load in by_day(filled, lambda one: one["icu_training_load"]).items():
        if day >= monday(START):
            done[monday(day).isoformat()] = done.get(monday(day).isoformat(), 0) + load
    tables = transformed(*_parts(panel_of(answers[UID], "Planned and done by week")))
    drawn = {
        name: {
            day_of(at): load
            for at, load in zip(table["Time"], table[name], strict=True)
            if load and day_of(at) >= min(done)
        }
        for table in tables
        for name in table
        if name != "Time"
    }
    assert drawn == {"Planned": planned, "Done": done}


def test_compliance_is_that_of_the_paired_activities(answers: dict[str, list[Answer]], filled: Filled) -> None:
    expected = [
        one["compliance"]
        for one in filled.account.activities.values()
        if one.get("paired_event_id") and one["start_date_local"] >= START.isoformat()
    ]
    drawn = [line["Compliance"] for line in shown(answers[UID], "Compliance")]
    assert expected
    assert sorted(drawn) == pytest.approx(sorted(expected))


def test_records_are_the_best_of_all_rides_and_runs(answers: dict[str, list[Answer]], filled: Filled) -> None:
    groups = {"Ride": ("Ride", "VirtualRide", "GravelRide"), "Run": ("Run", "TrailRun")}
    found = {
        sport: [
            bests(filled.account.recordings[one["id"]])
            for one in filled.account.activities.values()
            if one["type"] in types
        ]
        for sport, types in groups.items()
    }
    power = {line["secs\\id"]: line["all"] for line in shown(answers[UID], "Best power, cycling")}
    assert power == {
        secs: max(best.power[secs] for best in found["Ride"] if secs in best.power) for secs in (5, 60, 300, 1200)
    }
    times = {line["distance\\id"]: line["all"] for line in shown(answers[UID], "Best times, running")}
    reached = {metres for best in found["Run"] for metres in best.pace} & set(times)
    assert {400.0, 1000.0} <= reached == set(times)
    assert times == {
        metres: min(best.pace[metres] for best in found["Run"] if metres in best.pace) for metres in reached
    }


def best_of_blocks(
    filled: Filled, sports: tuple[str, ...], values: Callable[[Any], dict[str, float]]
) -> dict[tuple[str, str], float]:
    """The highest of each block of four weeks, by its first day and the name of the value."""
    found: dict[tuple[str, str], float] = {}
    monday = date(1970, 1, 5)
    for one in filled.account.activities.values():
        if one["start_date_local"] >= START.isoformat() and one["type"] in sports:
            day = wall_clock(one["start_date_local"]).date()
            block = (monday + timedelta(days=(day - monday).days // 28 * 28)).isoformat()
            for name, value in values(bests(filled.account.recordings[one["id"]])).items():
                found[block, name] = max(value, found.get((block, name), 0))
    return found


POWER = {"5 s": 5, "1 min": 60, "5 min": 300, "20 min": 1200}
DISTANCES = {"1 km": 1000, "5 km": 5000, "10 km": 10_000}


def test_the_history_of_records_has_the_best_of_each_block_of_four_weeks(
    answers: dict[str, list[Answer]], filled: Filled
) -> None:
    power = best_of_blocks(
        filled,
        ("Ride", "VirtualRide", "GravelRide"),
        lambda best: {name: best.power[secs] for name, secs in POWER.items() if secs in best.power},
    )
    pace = best_of_blocks(
        filled,
        ("Run", "TrailRun"),
        lambda best: {name: metres / best.pace[metres] for name, metres in DISTANCES.items() if metres in best.pace},
    )

    def drawn(title: str, names: tuple[str, ...]) -> dict[tuple[str, str], float]:
        lines = rows_of(answers, title)
        return {
            (day_of(line["Time"]), name): line[name]
            for line in lines
            for name in names
            if line.get(name) is not None and line["Time"] >= wall_clock("2025-12-01").timestamp() * 1000
        }

    assert drawn("Best power over the years, cycling", tuple(POWER)) == pytest.approx(power)
    assert drawn("Best pace over the years, running", tuple(DISTANCES)) == pytest.approx(pace)
    assert len(power) > 10
    assert len(pace) > 5
    for line in rows_of(answers, "Best pace over the years, running"):
        if line.get("1 km"):
            assert line["1 km pace"] == pytest.approx(1_000_000 / line["1 km"])


def test_the_same_interval_is_every_work_interval_of_the_chosen_length(
    boards: dict[str, Board], filled: Filled
) -> None:
    length = '"moving_time" >= 60 AND "moving_time" < 120'
    answers = look(boards[UID], filled, length=length)
    expected = [
        part["average_watts"]
        for one in filled.account.activities.values()
        if one["start_date_local"] >= START.isoformat()
        for part in filled.account.intervals(one["id"])["icu_intervals"]
        if part["type"] == "WORK" and 60 <= part["moving_time"] < 120 and part.get("average_watts")
    ]
    assert expected
    drawn = [line["Power"] for line in shown(answers, "Power of the interval")]
    assert sorted(drawn) == sorted(expected)


def test_power_at_a_heart_rate_is_the_mean_of_its_activities_by_quarter(
    boards: dict[str, Board], filled: Filled
) -> None:
    answers = look(boards[UID], filled, beats='"average_heartrate" >= 120 AND "average_heartrate" < 150')
    quarters: dict[date, list[int]] = {}
    for one in filled.account.activities.values():
        if (
            one["start_date_local"] >= START.isoformat()
            and "icu_average_watts" in one
            and 120 <= one.get("average_heartrate", 0) < 150
        ):
            day = wall_clock(one["start_date_local"]).date()
            since = (day - date(1970, 1, 5)).days // 91
            quarters.setdefault(date(1970, 1, 5) + timedelta(days=91 * since), []).append(one["icu_average_watts"])
    drawn = {day_of(line["Time"]): line["Power"] for line in shown(answers, "Power at the same heart rate")}
    assert drawn == {day.isoformat(): pytest.approx(fmean(found)) for day, found in quarters.items()}
    assert len(drawn) > 2


def test_models_of_load_add_up_by_week(answers: dict[str, list[Answer]], filled: Filled) -> None:
    week = monday(LAST_DAY) - timedelta(weeks=2)
    ones = [
        one for one in filled.account.activities.values() if monday(wall_clock(one["start_date_local"]).date()) == week
    ]
    (line,) = (one for one in rows_of(answers, "Load by model") if day_of(one["Time"]) == week.isoformat())
    for name, field in {"Power": "power_load", "Heart rate": "hr_load", "Pace": "pace_load"}.items():
        assert (line[name] or 0) == sum(one.get(field, 0) for one in ones)


def rows_of(answers: dict[str, list[Answer]], title: str) -> list[dict[str, Any]]:
    """The rows of a chart, its series side by side by time."""
    answer = panel_of(answers[UID], title)
    merged: dict[float, dict[str, Any]] = {}
    for table in transformed(answer.panel, answer.frames):
        for line in rows(table):
            merged.setdefault(line["Time"], {}).update(line)
    names = {name for line in merged.values() for name in line}
    return [dict.fromkeys(names) | line for line in merged.values()]
