"""Every query of every board, executed against an InfluxDB that the real tap and target have filled."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pytest

from grafana.execution.macros import Range
from grafana.execution.run import Answer, Database, choices, defaults, execute, options
from grafana.parts.style import PERIODS, SPORTS
from tests.grafana.conftest import ATHLETE, LAST_DAY, NOW, START, load, look, panel_of, wall_clock
from tests.grafana.schema import unknown_fields, wrong_units
from tests.grafana.transformed import shown, transformed

if TYPE_CHECKING:
    from grafana.execution.macros import Value
    from tests.grafana.conftest import Board, Filled

MOST_ROWS = 11_000
TEXTS = {"name", "type", "id", "activity_id", "gear_name", "device_name", "sub_type", "description", "updated", "label"}
TEXTS |= {"athlete_id", "outcome", "Last change", "newest"}
TEXTS |= {"comments", "job", "secs", "distance", "What", "Sport", "Race", "message", "Name", "zone"}
HIDDEN_VARIABLE = 2
NEVER = {
    ("Activity", "Pace zones"): "the chosen activity is a ride; a run below has it",
    ("Activity", "Respiration and DFA alpha 1"): "the same",
    ("Wellness", "Baevsky's stress index"): "the synthetic athlete does not measure it",
    ("Wellness", "Blood glucose and lactate"): "the same",
    ("Wellness", "Abdomen"): "the same",
}
"""Panels that stay empty, and why."""


@pytest.mark.parametrize("uid", load())
def test_every_panel_gets_rows_of_the_right_types(
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
        if answer.rows > MOST_ROWS:
            wrong.append(f"{title}: {answer.rows} rows")
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
            if not found and wanted.removesuffix(" pace") not in {*SPORTS, *PERIODS, "Time"}:
                missing.append(f"{answer.panel['title']}: no field {wanted}")
        needed = set(re.findall(r"__data\.fields\.(\w+)", str(config)))
        missing += [f"{answer.panel['title']}: a link needs {name}" for name in needed - names]
    assert missing == []


@pytest.mark.parametrize("uid", load())
def test_fields_and_units_are_those_of_the_schemas(uid: str, boards: dict[str, Board]) -> None:
    assert [*unknown_fields(boards[uid]), *wrong_units(boards[uid])] == []


def test_variables_find_the_athlete_the_sports_and_the_channels(boards: dict[str, Board], filled: Filled) -> None:
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
    assert found.keys() == {"athlete", "sport", "channel"}
    assert {"watts", "heartrate", "latitude"} <= set(found["channel"])


def test_today_is_the_newest_day_and_what_it_lacks_is_empty(answers: dict[str, list[Answer]], filled: Filled) -> None:
    row = filled.account.wellness[LAST_DAY.isoformat()]
    found = {}
    for answer in answers["intervals-today"]:
        columns = [field["name"] for frame in answer.frames[:1] for field in frame["fields"]]
        if columns[1:2] == ["updated"]:
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
    (count,) = panel_of(chosen, "Activities").frames
    assert count["fields"][1]["values"] == [sum(expected.values())]
    assert {frame["name"] for frame in panel_of(chosen, "Load by week").frames} <= set(expected)


def test_a_run_fills_the_panels_that_a_ride_leaves_empty(boards: dict[str, Board], filled: Filled) -> None:
    run = look(boards["intervals-activity"], filled, "respiration", "stride_length", "latlng")
    titles = ("Pace zones", "Respiration and DFA alpha 1", "Speed and pace", "Route by ${route:text}")
    assert [title for title in titles if panel_of(run, title).rows == 0] == []


def test_opened_from_the_menu_activity_lists_names_and_dates_to_choose_from_and_draws_nothing(
    boards: dict[str, Board], filled: Filled
) -> None:
    board = boards["intervals-activity"]
    span = Range.relative(board["time"]["from"], board["time"]["to"], NOW)
    found = list(execute(board, filled.database, choices(board, filled.database, {"athlete": ATHLETE}, span), span))
    (table,) = transformed(found[0].panel, found[0].frames)
    newest = sorted(filled.account.activities.values(), key=lambda one: str(one["start_date_local"]))[:-51:-1]
    expected = [(wall_clock(one["start_date_local"]).timestamp() * 1000, one["name"]) for one in newest]
    assert list(zip(table["Time"], table["name"], strict=True)) == expected
    assert {one.panel["title"] for one in found if one.rows} == {"Choose an activity"}
    shown = {one["name"] for one in board["templating"]["list"] if one.get("hide") != HIDDEN_VARIABLE}
    assert shown == {"datasource", "athlete", "sport", "search", "channel", "route"}


def test_a_search_with_a_slash_or_a_bracket_is_text(boards: dict[str, Board], filled: Filled) -> None:
    name = next(one["name"] for one in filled.account.activities.values() if re.search(r"[()]", one["name"]))
    found = look(boards["intervals-activities"], filled, search=name.upper())
    tables = panel_of([one for one in found if one.panel["type"] == "table"], "Activities").frames
    fields = [field for table in tables for field in table["fields"]]
    assert {value for field in fields if field["name"] == "name" for value in field["values"]} == {name}
    assert panel_of(look(boards["intervals-activities"], filled, search="a/b["), "Load by day").rows == 0


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
    rows = {  # without what is told of all athletes: runs, and the board of a coach
        answer.panel["title"]: answer.rows
        for answer in execute(board, database, values, span)
        if "i999999" in str(answer.statements) and "sync_runs" not in str(answer.statements)
    }
    assert {title: count for title, count in rows.items() if count} == {}
