"""Cases that the synthetic athlete does not have, as points written by hand."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from itertools import pairwise
from statistics import fmean, stdev
from typing import TYPE_CHECKING, Any

import pytest

from grafana.execution.macros import Range
from tests.grafana.conftest import NOW, TODAY, day, point
from tests.grafana.transformed import rows, transformed

if TYPE_CHECKING:
    from grafana.execution.run import Answer
    from tests.grafana.conftest import Look


def values(answer: Answer) -> list[Any]:
    """What a panel draws, without times, the day's stamp and gaps."""
    return [
        value
        for table in transformed(answer.panel, answer.frames)
        for name, column in table.items()
        if name not in {"Time", "updated"}
        for value in column
        if value is not None
    ]


def test_a_new_account_without_fitness_has_gaps_and_no_ratio_of_zero(open_board: Look) -> None:
    lines = [day(age, "ctl=0,atl=0,ctlLoad=0") for age in range(20)]
    fitness, today = open_board("intervals-fitness", lines), open_board("intervals-today", [])
    ratios = ("Form, % of fitness", "Acute : chronic", "Acute : chronic load ratio", "Monotony", "Strain")
    assert {title: values(fitness[title]) for title in ratios} == {title: [] for title in ratios}
    assert values(today["Form, % of fitness"]) == []
    assert values(fitness["Fitness"]) == [0]


def test_monotony_counts_days_without_a_row_as_rest_and_leaves_the_running_week_out(open_board: Look) -> None:
    # The newest day is a Friday; before it a week of 10, 10, 20 and days without a row, and one of 30 each day.
    loads = {0: 500, 3: 20, 9: 20, 10: 10, 11: 10} | dict.fromkeys(range(19, 26), 30)
    fitness = open_board("intervals-fitness", [day(age, f"ctlLoad={load}") for age, load in loads.items()])
    week = [10, 10, 20, 0, 0, 0, 0]
    monday = round((TODAY - timedelta(days=11)).timestamp() * 1000)
    found = {title: transformed(fitness[title].panel, fitness[title].frames) for title in ("Monotony", "Strain")}
    monotony = fmean(week) / stdev(week)
    assert found == {
        "Monotony": [{"Week": [monday], "Monotony": [pytest.approx(monotony)]}],
        "Strain": [{"Week": [monday], "Strain": [pytest.approx(sum(week) * monotony)]}],
    }


def test_a_newest_day_that_has_nothing_yet_shows_nothing_of_the_day_before(open_board: Look) -> None:
    fields = "ctl=50,atl=40,rampRate=2,hrv=60,restingHR=50,sleepSecs=27000,sleepScore=80,sleepQuality=2,readiness=70"
    fields += ",fatigue=1,soreness=1,stress=1,mood=1,motivation=1,injury=1,hydration=1,steps=9,spO2=97,respiration=14"
    lines = [day(0, "comments=1"), *(day(age, f"{fields},kcalConsumed=2000") for age in range(1, 80))]
    newest = {uid: open_board(uid, lines) for uid in ("intervals-today", "intervals-wellness", "intervals-fitness")}
    shown = {
        (uid, title, field["name"]): field["values"]
        for uid, panels in newest.items()
        for title, answer in panels.items()
        for frame in answer.frames
        if "updated" in (names := [field["name"] for field in frame["fields"]])
        for field in frame["fields"][names.index("updated") + 1 :]
    }
    assert len(shown) > 20
    assert {value for found in shown.values() for value in found} == {None}


@pytest.mark.parametrize("year", range(2023, 2031))
def test_earlier_years_have_all_their_days_also_around_a_leap_year(year: int, open_board: Look) -> None:
    def first(number: int) -> datetime:
        return datetime(number, 1, 1, tzinfo=timezone.utc)

    lines = [
        point("activities", f"id={number}{name},type=Run", f"elapsed_time=60,icu_training_load={load}", when)
        for number in range(year - 4, year + 1)
        for name, load, when in (
            ("first", 1, first(number) + timedelta(minutes=1)),
            ("last", 10, first(number + 1) - timedelta(minutes=1)),
        )
    ]
    span = Range(round(first(year).timestamp() * 1000), round(first(year + 1).timestamp() * 1000) - 1)
    answer = open_board("intervals-progress", [day(0, "ctl=1"), *lines], span)["Load so far"]
    (table,) = transformed(answer.panel, answer.frames)
    for back, name in enumerate(("This year", "A year before", "Two years before")):
        length = (first(year + 1 - back) - first(year - back)).days
        sums = [value for value in table[name] if value is not None]
        assert (len(sums), sums[0], sums[-2:]) == (length, 1, [1, 11]), (year, name)


def test_values_carried_over_from_the_settings_are_left_out_and_days_without_the_flag_kept(open_board: Look) -> None:
    flags = {0: "true", 1: "true", 2: "false", 3: "false"}
    lines = []
    for age in range(40):
        flag = flags.get(age)
        marks = f",tempWeight={flag},tempRestingHR={flag}" if flag else ""
        value = 99 if flag == "true" else 50
        lines.append(day(age, f"weight={value},restingHR={value},hrv=60,sportInfo_Ride_eftp=250,bodyFat=12" + marks))
    wellness = open_board("intervals-wellness", lines)
    for title in ("Weight", "Resting heart rate"):
        assert {round(value, 5) for value in values(wellness[title])} == {50}
    weight = wellness["Weight and body fat"]
    assert [len(frame["fields"][1]["values"]) for frame in weight.frames[:2]] == [38, 40]
    assert {*values(weight)} == {50, 12}
    assert {round(ratio, 3) for ratio in values(wellness["HRV against resting heart rate"])} == {1.2}
    assert values(open_board("intervals-performance", [])["eFTP per kg, cycling"])[-1] == 5
    today = open_board("intervals-today", [])
    assert values(today["Resting heart rate"]) == []  # the newest day has none
    assert values(today["Weight"])[-1] == 50


def test_an_activity_without_a_name_is_listed_until_a_text_is_searched(open_board: Look) -> None:
    fields = "elapsed_time=60,moving_time=60,icu_training_load=5"
    lines = [
        point("activities", "id=a,type=Run", f'{fields},name="Morning (i1)"', TODAY),
        point("activities", "id=b,type=Run", fields, TODAY),
        day(0, "ctl=1"),
    ]
    found = {
        text: {*_column(open_board("intervals-activities", lines, search=text)["Load by day"])}
        for text in ("", "i1", "morning (", ".*", "x")
    }
    assert found == {"": {10}, "i1": {5}, "morning (": {5}, ".*": set(), "x": set()}


def _column(answer: Answer) -> list[Any]:
    return [value for frame in answer.frames for value in frame["fields"][1]["values"]]


def test_curves_are_those_of_the_newest_sync_where_older_ones_cannot_be_deleted(open_board: Look) -> None:
    def curve(sport: str, period: str, age: int, best: dict[int, int]) -> list[str]:
        end = TODAY - timedelta(days=age)
        tags = f"type={sport},id={period},"
        return [
            *(point("hr_curves", f"{tags}secs={secs}", f"value={value}", end) for secs, value in best.items()),
            *(
                point("pace_curves", f"{tags}distance={secs * 100}", f"value={value}", end)
                for secs, value in best.items()
            ),
        ]

    lines = [
        day(0, "ctl=1"),
        *curve("Run", "42d", 30, {10: 190, 600: 180, 3600: 170}),  # an hour that is no longer within 42 days
        *curve("Run", "42d", 1, {10: 188, 600: 175}),
        *curve("Run", "s1", 51, {10: 187}),  # the season's last day
        *curve("Run", "s1", 51 + 365, {10: 186, 3600: 166}),  # the season before
    ]
    board = open_board("intervals-performance", lines)
    (table,) = transformed(board["Heart rate curve: ${curves}"].panel, board["Heart rate curve: ${curves}"].frames)
    assert rows(table) == [
        {"secs\\id": 10, "42d": 188, "s1": 187},
        {"secs\\id": 600, "42d": 175, "s1": None},
    ]
    paces = board["Pace curve: ${paces}"]
    (table,) = transformed(paces.panel, paces.frames)
    assert rows(table)[0] == {
        "distance\\id": 1000,
        "42d": 1000 / 188,
        "s1": 1000 / 187,
        "42d pace": pytest.approx(188_000),
        "s1 pace": pytest.approx(187_000),
    }


def test_a_swim_has_its_pace_per_100_metres_and_steps_are_counted_on_foot(open_board: Look) -> None:
    def activity(name: str, sport: str) -> list[str]:
        record = point("activities", f"id={name},type={sport}", "average_speed=1.25,average_cadence=80", TODAY)
        sample = point("activity_streams", f"activity_id={name},type={sport}", "velocity_smooth=1.25,cadence=80", TODAY)
        return [record, sample, day(0, "ctl=1")]

    span = Range.relative("now-1d", "now+1d", NOW)
    swim = open_board("intervals-activity", activity("s", "Swim"), span, activity="s", channel="cadence")
    run = open_board("intervals-activity", activity("r", "Run"), span, activity="r", channel="cadence")
    assert values(swim["Speed and pace"]) == [1.25, 80_000]
    assert (values(swim["Cadence"])[0], values(run["Cadence"])[0]) == (80, 160)
    assert values(run["Speed and pace"]) == [1.25, 800_000]


def test_the_last_successful_sync_is_not_a_failed_one(open_board: Look) -> None:
    lines = [
        f"sync_runs,job=sync duration_s=5,success={'true' if age == 30 else 'false'} "
        f"{round((NOW - timedelta(hours=age)).timestamp())}"
        for age in range(40)
    ]
    success = round((NOW - timedelta(hours=30)).timestamp() * 1000)
    (frame,) = open_board("intervals-today", lines)["Last successful sync"].frames
    assert frame["fields"][0]["values"] == [success]
    health = open_board("intervals-sync", [])
    assert health["Last success"].frames[0]["fields"][0]["values"] == [success]
    assert health["Last run"].frames[0]["fields"][0]["values"] == [round(NOW.timestamp() * 1000)]


def test_distributions_are_minutes_in_classes(open_board: Look) -> None:
    start = TODAY + timedelta(hours=6)
    beats = [118] * 600 + [122] * 900 + [127] * 300 + [120] * 60  # seconds at each heart rate
    samples = [
        point("activity_streams", "activity_id=d,type=Ride", f"heartrate={rate}", start + timedelta(seconds=at))
        for at, rate in enumerate(beats)
    ]
    lines = [point("activities", "id=d,type=Ride", "elapsed_time=1860", start), day(0, "ctl=1"), *samples]
    begin = round(start.timestamp() * 1000)
    span = Range(begin, begin + len(beats) * 1000)
    board = open_board("intervals-activity", lines, span, activity="d", channel="heartrate")
    answer = board["Distribution of heart rate"]
    (table,) = transformed(answer.panel, answer.frames)
    assert dict(zip(table["class"], table["Minutes"], strict=True)) == {115: 10, 120: 16, 125: 5}


HOURS_12 = 12 * 3600
PAUSE = range(20_000, 21_800)
"""Half an hour in seconds since the start."""


@pytest.fixture
def expedition() -> list[str]:
    """An activity of 12 hours with a pause."""
    start = TODAY + timedelta(hours=6)
    samples = [
        point(
            "activity_streams",
            "activity_id=long,type=Ride",
            f"heartrate={120 + second % 30},watts={150 + second % 50},velocity_smooth=7,altitude=5,cadence=80,temp=9",
            start + timedelta(seconds=second),
        )
        for second in range(HOURS_12)
        if second not in PAUSE
    ]
    return [point("activities", "id=long,type=Ride", "elapsed_time=43200", start), day(0, "ctl=1"), *samples]


@pytest.mark.parametrize("opened_by", ["its link", "the menu"])
def test_a_long_activity_has_lines_and_they_break_at_its_pause(
    opened_by: str, expedition: list[str], open_board: Look
) -> None:
    start = round((TODAY + timedelta(hours=6)).timestamp() * 1000)
    span = Range(start, start + HOURS_12 * 1000) if opened_by == "its link" else None
    board = open_board("intervals-activity", expedition, span, activity="long", channel="heartrate")
    for title in ("Heart rate", "Power", "Speed and pace", "Altitude and gradient", "Cadence", "Temperature"):
        answer = board[title]
        for frame in answer.frames:
            if not any(value is not None for value in frame["fields"][1]["values"]):
                continue
            name = frame["name"]
            lines, points = drawn(answer.panel, frame)
            pause = any(a < start + PAUSE.start * 1000 and start + PAUSE.stop * 1000 <= b for a, b in lines)
            assert len(lines) >= points - 2 > 10, f"{title}: {len(lines)} lines between {points} points of {name}"
            assert not pause or opened_by == "the menu", f"{title}: a line of {name} goes on through the pause"
            assert len(frame["fields"][0]["values"]) < 11_000


def drawn(panel: dict[str, Any], frame: dict[str, Any]) -> tuple[list[tuple[int, int]], int]:
    """Pairs of times between which Grafana draws a line, and the number of points."""
    custom = dict(panel["fieldConfig"]["defaults"]["custom"])
    for override in panel["fieldConfig"]["overrides"]:
        if override["matcher"]["options"] == frame["name"]:
            custom |= {one["id"].removeprefix("custom."): one.get("value") for one in override["properties"]}
    series = list(zip(frame["fields"][0]["values"], frame["fields"][1]["values"], strict=True))
    found = [(at, time) for at, (time, value) in enumerate(series) if value is not None]
    lines = []
    for (at, time), (next_at, next_time) in pairwise(found):
        gap = next_at - at > 1 or (custom["insertNulls"] and next_time - time > custom["insertNulls"])
        if not gap or (custom["spanNulls"] and next_time - time < custom["spanNulls"]):
            lines.append((time, next_time))
    return lines, len(found)
