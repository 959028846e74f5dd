"""Numbers on the boards, compared with the account that the real tap and target have synced."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pytest

from grafana.execution.macros import Range
from grafana.execution.run import Answer, marks
from tests.grafana.conftest import ATHLETE, LAST_DAY, NOW, START, look, monday, panel_of, wall_clock
from tests.grafana.normal import Normal
from tests.grafana.transformed import rows, transformed

if TYPE_CHECKING:
    from tests.grafana.conftest import Board, Filled


def test_weeks_start_on_monday_and_hold_the_load_of_their_days(
    answers: dict[str, list[Answer]], filled: Filled
) -> None:
    expected: dict[tuple[str, str], float] = {}
    first = monday(START)  # whole, although the range begins within it
    for one in filled.account.activities.values():
        week = monday(wall_clock(one["start_date_local"]).date())
        if week >= first and "icu_training_load" in one:
            key = one["type"], week.isoformat()
            expected[key] = expected.get(key, 0) + one["icu_training_load"]
    actual = {
        (frame["name"], day): load
        for frame in panel_of(answers["intervals-training"], "Load by week").frames
        for when, load in zip(*(field["values"] for field in frame["fields"]), strict=True)
        if (day := datetime.fromtimestamp(when / 1000, timezone.utc).date().isoformat()) >= first.isoformat()
    }
    assert actual == expected


def test_months_hold_the_load_of_their_days(answers: dict[str, list[Answer]], filled: Filled) -> None:
    expected: dict[str, dict[str, float]] = {}
    for one in filled.account.activities.values():
        if one["start_date_local"] >= START.isoformat() and "icu_training_load" in one:
            month = expected.setdefault(one["start_date_local"][:7], {})
            month[one["type"]] = month.get(one["type"], 0) + one["icu_training_load"]
    answer = panel_of(answers["intervals-training"], "Load by month")
    (table,) = transformed(answer.panel, answer.frames)
    actual = {
        line.pop("Time\\type"): {sport: load for sport, load in line.items() if load is not None}
        for line in rows(table)
    }
    assert actual == expected
    assert list(actual) == sorted(actual)


def test_years_stand_side_by_side_with_the_distance_of_each_month(
    answers: dict[str, list[Answer]], filled: Filled
) -> None:
    expected: dict[str, dict[str, float]] = {}
    for one in filled.account.activities.values():
        if one.get("icu_distance"):
            year, month, _ = one["start_date_local"].split("-")
            months = expected.setdefault(month, {})
            months[year] = months.get(year, 0) + one["icu_distance"] / 1000
    answer = panel_of(answers["intervals-training"], "Distance, month by month over the years")
    (table,) = transformed(answer.panel, answer.frames)
    assert table["Time\\year"] == sorted(expected)
    actual = {line.pop("Time\\year"): {year: km for year, km in line.items() if km} for line in rows(table)}
    assert actual == {month: pytest.approx(years) for month, years in expected.items()}


def test_threshold_power_per_kg_is_that_of_the_days_on_which_the_weight_was_measured(
    boards: dict[str, Board], filled: Filled
) -> None:
    expected = {}
    for day, row in filled.account.wellness.items():
        power = next((one["eftp"] for one in row.get("sportInfo") or () if one["type"] == "Ride"), None)
        if power and row.get("weight") and not row.get("tempWeight") and START.isoformat() <= day <= str(LAST_DAY):
            expected[day] = pytest.approx(power / row["weight"])
    (frame,) = panel_of(look(boards["intervals-performance"], filled), "eFTP per kg, cycling").frames
    times, values = (field["values"] for field in frame["fields"])
    drawn = {
        datetime.fromtimestamp(at / 1000, timezone.utc).date().isoformat(): value
        for at, value in zip(times, values, strict=True)
        if value is not None
    }
    assert {day: value for day, value in drawn.items() if day >= START.isoformat()} == expected
    assert len(expected) > 20


def test_the_list_has_the_pace_of_swims_per_100_metres_and_of_all_others_per_km(
    boards: dict[str, Board], filled: Filled
) -> None:
    answers = look(boards["intervals-activities"], filled)
    answer = panel_of([one for one in answers if one.panel["type"] == "table"], "Activities")
    (table,) = transformed(answer.panel, answer.frames)
    found = {line["id"]: (line["pace_ms"], line["swim_ms"]) for line in rows(table)}
    expected = {}
    for one in filled.account.activities.values():
        if one["id"] in found:
            seconds = 1 / one["pace"] if one.get("pace") else None  # a metre takes
            swims = one["type"].endswith("Swim")
            per = seconds and pytest.approx(seconds * (100 if swims else 1000) * 1000)
            expected[one["id"]] = (None, per) if swims else (per, None)
    assert found == expected
    assert any(swim for _, swim in found.values())


def test_easy_moderate_and_hard_are_the_zones_of_a_week_in_three_groups(
    answers: dict[str, list[Answer]], filled: Filled
) -> None:
    groups = {"Easy": slice(2), "Moderate": slice(2, 4), "Hard": slice(4, 7)}
    week = monday(LAST_DAY)
    zones = [
        one["icu_hr_zone_times"]
        for one in filled.account.activities.values()
        if one.get("icu_hr_zone_times") and monday(wall_clock(one["start_date_local"]).date()) == week
    ]
    answer = panel_of(answers["intervals-training"], "Easy, moderate and hard by week")
    (table,) = transformed(answer.panel, answer.frames)
    assert rows(table)[-1] == {
        "Time": round(wall_clock(week.isoformat()).timestamp() * 1000),
        **{name: pytest.approx(sum(sum(times[part]) for times in zones) / 3600) for name, part in groups.items()},
    }


NORMAL = {
    ("wellness", "HRV, normal?"): ("hrv", ""),
    ("wellness", "Resting heart rate, normal?"): ("restingHR", "tempRestingHR"),
    ("wellness", "Sleep, normal?"): ("sleepSecs", ""),
    ("wellness", "Sleep score, normal?"): ("sleepScore", ""),
    ("today", "State: HRV"): ("hrv", ""),
    ("today", "State: Resting heart rate"): ("restingHR", "tempRestingHR"),
    ("today", "State: Sleep"): ("sleepSecs", ""),
}


@pytest.mark.parametrize(("board", "title"), NORMAL)
def test_the_newest_day_against_its_normal_range_is_what_python_says(
    board: str, title: str, answers: dict[str, list[Answer]], filled: Filled
) -> None:
    field, carried = NORMAL[board, title]
    days = {
        (LAST_DAY - wall_clock(day).date()).days: None if row.get(carried) else row.get(field)
        for day, row in filled.account.wellness.items()
    }
    said = Normal(days, logarithm=field == "hrv").say(0)
    assert said is not None
    scale = 3600 if field == "sleepSecs" else 1
    (frame,) = panel_of(answers[f"intervals-{board}"], title).frames
    shown = [column["values"] for column in frame["fields"]]
    midnight = round(wall_clock(LAST_DAY.isoformat()).timestamp() * 1000)
    words_and_week = [[pytest.approx(said[0])], [pytest.approx(said[1] / scale)]]
    assert shown == [[midnight], *(words_and_week if board == "wellness" else words_and_week[:1])]


def test_the_next_planned_workouts_are_shown_and_nothing_of_the_past(
    answers: dict[str, list[Answer]], filled: Filled
) -> None:
    coming = sorted(
        (event["start_date_local"], event["name"])
        for event in filled.account.calendar.events.values()
        if event["category"] in {"WORKOUT", "RACE_A"} and event["start_date_local"] >= LAST_DAY.isoformat()
    )
    answer = panel_of(answers["intervals-today"], "Planned")
    (table,) = transformed(answer.panel, answer.frames)
    shown = [
        (datetime.fromtimestamp(line["Time"] / 1000, timezone.utc).date().isoformat(), line["What"])
        for line in rows(table)
    ]
    assert shown == [(moment[:10], name) for moment, name in coming[:5]]


WITH_DAYS = ("today", "fitness", "training", "wellness", "performance", "activities")


@pytest.mark.parametrize("name", WITH_DAYS)
def test_races_ahead_notes_and_holidays_are_marked_on_every_chart_of_days(
    name: str, boards: dict[str, Board], filled: Filled
) -> None:
    marked = ("RACE_A", "NOTE", "HOLIDAY")
    events = [one for one in filled.account.calendar.events.values() if one["category"] in marked]
    assert {event["category"] for event in events} == {*marked}
    expected = {
        (event["category"], event["name"], _ms(event["start_date_local"]), _ms(event.get("end_date_local")))
        for event in events
    }
    span = Range.relative("now-2y", "now+30d", NOW)
    found = set()
    for frame in marks(boards[f"intervals-{name}"], filled.database, {"athlete": ATHLETE, "sport": ["$__all"]}, span):
        columns = {field["name"]: field["values"] for field in frame["fields"]}
        found |= set(zip(columns["category"], columns["name"], columns["Time"], columns["end_local_ms"], strict=True))
    assert found == expected
    for mark in boards[f"intervals-{name}"]["annotations"]["list"]:
        target = mark["target"]
        assert {target["textColumn"], target["tagsColumn"], target["timeEndColumn"]} <= set(columns)


def _ms(text: str | None) -> int | None:
    return round(wall_clock(text).timestamp() * 1000) if text else None


@pytest.mark.parametrize(
    ("start", "first"),
    [
        ("now-26w/w", "2026-05-18T00:00:00"),  # a Monday
        ("now-6M/M", "2026-05-01T00:00:00"),
        ("now-9M", "2026-02-20T20:30:00"),
        ("now-1d/d", "2026-11-19T00:00:00"),
        ("now", "2026-11-20T20:30:00"),
    ],
)
def test_relative_times_go_back_to_whole_weeks_and_months(start: str, first: str) -> None:
    moment = datetime.fromtimestamp(Range.relative(start, "now", NOW).start / 1000, timezone.utc)
    assert moment == wall_clock(first)
