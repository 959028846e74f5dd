"""Every query of every board, executed against an InfluxDB that the real tap and target have filled."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from statistics import fmean, pstdev
from typing import TYPE_CHECKING, Any

import pytest

from grafana.execution.macros import Range
from grafana.execution.run import Answer, Database, choices, defaults, execute, options
from grafana.parts.style import PERIODS, SPORTS
from tests.grafana.conftest import ATHLETE, LAST_DAY, NOW, load
from tests.grafana.schema import unknown_fields, wrong_units
from tests.grafana.transformed import rows, shown, transformed

if TYPE_CHECKING:
    from grafana.execution.macros import Value
    from tests.grafana.conftest import Board, Filled

START = date(2026, 5, 1)
"""First day of the board Training at NOW."""
BUDGET = 1.0
"""Seconds for the queries of one panel; most take a few milliseconds."""
MOST_ROWS = 11_000
TEXTS = {"name", "type", "id", "activity_id", "gear_name", "device_name", "sub_type", "description", "updated", "label"}
TEXTS |= {"job", "secs", "distance"}
NEVER = {
    ("Activity", "Pace zones"): "the chosen activity is a ride; a run below has it",
    ("Activity", "Respiration and DFA alpha 1"): "the same",
}
"""Panels that stay empty, and why."""


def newest(filled: Filled, *streams: str) -> dict[str, Any]:
    """The newest activity that has these streams."""
    activities = sorted(filled.account.activities.values(), key=lambda one: str(one["start_date_local"]))
    return next(one for one in reversed(activities) if {*streams} <= set(one.get("stream_types") or ()))


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def wall_clock(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


def look(board: Board, filled: Filled, *streams: str, **chosen: Value) -> list[Answer]:
    """Open a board as its links do: the activity board with an activity and its range."""
    span = Range.relative(board["time"]["from"], board["time"]["to"], NOW)
    values: dict[str, Value] = {"athlete": ATHLETE, **chosen}
    if board["title"] == "Activity":
        one = newest(filled, *(streams or ("watts", "latlng", "temp")))
        start = round(wall_clock(one["start_date_local"]).timestamp() * 1000)
        span = Range(start, start + one["elapsed_time"] * 1000)
        values |= {"activity": one["id"], "channel": "torque"}
    if board["title"] == "Wellness":
        values |= {"field": "RespRate"}
    return list(execute(board, filled.database, choices(board, filled.database, values, span), span))


@pytest.fixture(scope="module")
def answers(boards: dict[str, Board], filled: Filled) -> dict[str, list[Answer]]:
    """All answers, by uid of the board."""
    return {uid: look(board, filled) for uid, board in boards.items()}


@pytest.mark.parametrize("uid", load())
def test_every_panel_gets_rows_of_the_right_types_in_time(
    uid: str, boards: dict[str, Board], answers: dict[str, list[Answer]]
) -> None:
    wrong = []
    for answer in answers[uid]:
        title = answer.panel["title"]
        values = [field for frame in answer.frames for field in frame["fields"][1:]]
        some = any(value is not None for field in values for value in field["values"])
        if some is ((boards[uid]["title"], title) in NEVER):
            wrong.append(f"{title}: {'not ' * some}empty, other than expected")
        for frame in answer.frames:
            kinds = {field["name"]: field["type"] for field in frame["fields"]}
            unlike = {name for name, kind in kinds.items() if kind == "string" and name not in TEXTS}
            if kinds["Time"] != "time" or unlike:
                wrong.append(f"{title}: {kinds}")
        if answer.rows > MOST_ROWS or answer.seconds > BUDGET:
            wrong.append(f"{title}: {answer.rows} rows in {answer.seconds:.1f} s")
    assert wrong == []


@pytest.mark.parametrize("uid", load())
def test_overrides_links_and_transformations_name_fields_that_are_there(
    uid: str, answers: dict[str, list[Answer]]
) -> None:
    missing = []
    for answer in answers[uid]:
        if not answer.rows:
            continue
        names = shown(answer.panel, answer.frames)
        possible = names | set(re.findall(r' AS "([^"]+)"', str(answer.statements)))
        config = answer.panel["fieldConfig"]
        for override in config["overrides"]:
            wanted, pattern = override["matcher"]["options"], override["matcher"]["id"] == "byRegexp"
            found = any(re.search(wanted.strip("/"), name) for name in names) if pattern else wanted in possible
            if not found and wanted not in {*SPORTS, *PERIODS, "Time"}:
                missing.append(f"{answer.panel['title']}: no field {wanted}")
        needed = set(re.findall(r"__data\.fields\.(\w+)", str(config)))
        missing += [f"{answer.panel['title']}: a link needs {name}" for name in needed - names]
    assert missing == []


@pytest.mark.parametrize("uid", load())
def test_fields_and_units_are_those_of_the_schemas(uid: str, boards: dict[str, Board]) -> None:
    assert [*unknown_fields(boards[uid]), *wrong_units(boards[uid])] == []


def test_variables_find_the_athlete_the_sports_and_the_newest_activity_first(
    boards: dict[str, Board], filled: Filled
) -> None:
    board = boards["intervals-activity"]
    span = Range.relative("now-7d", "now+1d", NOW)
    values: dict[str, Value] = {"athlete": ATHLETE, "sport": ["$__all"]}
    found = {
        one["name"]: options(one, filled.database, values, span, defaults(board))
        for one in board["templating"]["list"]
        if one["type"] == "query"
    }
    activities = filled.account.activities
    assert found["athlete"] == [ATHLETE]
    assert found["sport"] == sorted({one["type"] for one in activities.values()})
    assert found["activity"] == sorted(activities, reverse=True)
    assert {"watts", "heartrate", "latitude"} <= set(found["channel"])


def _panel(answers: list[Answer], title: str) -> Answer:
    return next(answer for answer in answers if answer.panel["title"] == title)


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
        for frame in _panel(answers["intervals-training"], "Load by week").frames
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
    answer = _panel(answers["intervals-training"], "Load by month")
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
    answer = _panel(answers["intervals-training"], "Distance, month by month over the years")
    (table,) = transformed(answer.panel, answer.frames)
    assert table["Time\\year"] == sorted(expected)
    actual = {line.pop("Time\\year"): {year: km for year, km in line.items() if km} for line in rows(table)}
    assert actual == {month: pytest.approx(years) for month, years in expected.items()}


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
    answer = _panel(answers["intervals-training"], "Easy, moderate and hard by week")
    (table,) = transformed(answer.panel, answer.frames)
    assert rows(table)[-1] == {
        "Time": round(wall_clock(week.isoformat()).timestamp() * 1000),
        **{name: pytest.approx(sum(sum(times[part]) for times in zones) / 3600) for name, part in groups.items()},
    }


def test_the_hrv_band_is_the_mean_of_thirty_values_and_one_deviation(
    answers: dict[str, list[Answer]], filled: Filled
) -> None:
    first = (NOW - timedelta(days=90 + 180)).isoformat()  # the range, and what is read before it
    rows = sorted(filled.account.wellness.items())
    days = [(day, row["hrv"]) for day, row in rows if first <= day <= LAST_DAY.isoformat() and row.get("hrv")]
    windows = {days[index][0]: [value for _, value in days[index - 29 : index + 1]] for index in range(29, len(days))}
    expected = {
        day: pytest.approx((fmean(window) - pstdev(window), fmean(window) + pstdev(window)))
        for day, window in windows.items()
    }
    low, high = _panel(answers["intervals-wellness"], "Heart rate variability").frames[-2:]
    assert {
        datetime.fromtimestamp(when / 1000, timezone.utc).date().isoformat(): pair
        for when, *pair in zip(*(field["values"] for field in (*low["fields"], high["fields"][1])), strict=True)
    } == expected
    assert len(expected) > 60


def test_today_is_the_newest_day_and_what_it_lacks_is_empty(answers: dict[str, list[Answer]], filled: Filled) -> None:
    row = filled.account.wellness[LAST_DAY.isoformat()]
    found = {}
    for answer in answers["intervals-today"]:
        if answer.panel["gridPos"]["y"] < 15 and answer.frames and answer.frames[0]["name"] == "wellness":
            when, _, *values = (field["values"] for field in answer.frames[0]["fields"])
            if len(when) == 1:
                found[answer.panel["title"]] = (when[0], [value for (value,) in values])
    midnight = round(wall_clock(LAST_DAY.isoformat()).timestamp() * 1000)
    assert {moment for moment, _ in found.values()} == {midnight}
    assert found["HRV"][1] == [row.get("hrv")]
    assert found["Form"][1] == [pytest.approx(row["ctl"] - row["atl"])]
    assert found["Body"][1] == [row.get(name) for name in ("steps", "spO2", "respiration", "kcalConsumed")]


def test_sports_filter_what_is_counted(boards: dict[str, Board], filled: Filled) -> None:
    chosen = look(boards["intervals-training"], filled, sport=["Ride", "TrailRun"])
    expected = {
        sport: sum(
            one["type"] == sport and one["start_date_local"] >= START.isoformat()
            for one in filled.account.activities.values()
        )
        for sport in ("Ride", "TrailRun")
    }
    (count,) = _panel(chosen, "Activities").frames
    assert count["fields"][1]["values"] == [sum(expected.values())]
    assert {frame["name"] for frame in _panel(chosen, "Load by week").frames} <= set(expected)


def test_a_run_fills_the_panels_that_a_ride_leaves_empty(boards: dict[str, Board], filled: Filled) -> None:
    run = look(boards["intervals-activity"], filled, "respiration", "stride_length", "latlng")
    titles = ("Pace zones", "Respiration and DFA alpha 1", "Speed and pace", "Route by ${route:text}")
    assert [title for title in titles if _panel(run, title).rows == 0] == []


def test_a_search_with_a_slash_or_a_bracket_is_text(boards: dict[str, Board], filled: Filled) -> None:
    name = next(one["name"] for one in filled.account.activities.values() if re.search(r"[()]", one["name"]))
    found = look(boards["intervals-activities"], filled, search=name.upper())
    (table,) = _panel([one for one in found if one.panel["type"] == "table"], "Activities").frames
    assert {value for field in table["fields"] if field["name"] == "name" for value in field["values"]} == {name}
    assert _panel(look(boards["intervals-activities"], filled, search="a/b["), "Load by day").rows == 0


@pytest.mark.parametrize("uid", load())
def test_queries_are_accepted_with_the_servers_own_clock_and_an_athlete_without_data(
    uid: str, boards: dict[str, Board], filled: Filled
) -> None:
    board = boards[uid]
    span = Range.relative(board["time"]["from"], board["time"]["to"], datetime.now(timezone.utc))
    database = Database(filled.database.url, filled.database.name)
    values = choices(
        board, database, {"athlete": "i999999", "activity": "i0", "channel": "watts", "field": "ctl"}, span
    )
    rows = {
        answer.panel["title"]: answer.rows
        for answer in execute(board, database, values, span)
        if "sync_runs" not in str(answer.statements)
    }
    assert {title: count for title, count in rows.items() if count} == {}
