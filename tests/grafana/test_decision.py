"""The first screen of Today, held against an independent computation."""

from __future__ import annotations

import urllib.request
from datetime import date, datetime, timedelta, timezone
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from grafana.execution.macros import Range
from grafana.execution.run import Answer, Database, choices, execute
from grafana.parts.advice import RULES
from tests.grafana.conftest import DASHBOARDS, LAST_DAY, NOW, monday, panel_of, wall_clock
from tests.grafana.normal import Normal
from tests.grafana.test_normal_range import TODAY, written
from tests.grafana.transformed import rows, transformed

if TYPE_CHECKING:
    from tests.grafana.conftest import Board, Filled
    from tests.grafana.normal import Days

Facts = dict[str, float | None]


def shown(answers: list[Answer], title: str) -> list[dict[str, Any]]:
    answer = panel_of(answers, title)
    return [line for table in transformed(answer.panel, answer.frames) for line in rows(table)]


# The rules, written anew: (number, holds it?)
def expected_rule(facts: Facts) -> int | None:
    hrv, pulse, sleep, form, ramp = (facts[name] for name in ("hrv", "pulse", "sleep", "form", "ramp"))
    low = hrv is not None and hrv < -0.5
    fine = hrv is not None and not low
    high = pulse is not None and pulse > 0.5
    rules = [
        low and high,
        low,
        form is not None and form < -30,
        high,
        sleep is not None and sleep < -0.5,
        ramp is not None and ramp > 8,
        fine and form is not None and form > 5,
        fine,
        form is not None and form >= -30,
    ]
    return next((number for number, holds in enumerate(rules, 1) if holds), None)


def simulated(seed: str, usual: tuple[float, float], shift: float, missing: float = 0) -> Days:
    """Seventy days around a mean with a standard deviation, the last seven of them shifted by so many deviations."""
    random, (center, spread) = Random(seed), usual
    return {
        age: None if random.random() < missing else center + random.gauss(shift * spread * (age < 7), spread)
        for age in range(70)
    }


# Shifts of the last week in standard deviations: HRV, resting heart rate, sleep; form in %, ramp; HRV not measured.
CASES: dict[str, tuple[float, float, float, float, float, float]] = {
    "low HRV and a high heart rate": (-1.5, 1.5, 0, 0, 2, 0),
    "low HRV": (-1.5, -0.4, 0, 10, 2, 0),
    "deep fatigue": (0.6, -0.6, 0.6, -40, 2, 0),
    "a high heart rate": (0.6, 1.5, 0.6, 0, 2, 0),
    "short sleep": (0.6, -0.6, -1.5, 0, 2, 0),
    "a steep ramp": (0.6, -0.6, 0.6, 0, 9, 0),
    "freshness": (0.6, -0.6, 0.6, 12, 2, 0),
    "nothing special": (0.6, -0.6, 0.6, 0, 2, 0),
    "no HRV": (0, -0.6, 0.6, 0, 2, 1),
    "too little HRV": (-2, -0.6, 0.6, 0, 2, 0.7),
}


@pytest.mark.parametrize("case", CASES)
def test_the_advice_is_the_first_rule_that_fits(case: str, boards: dict[str, Board], influxdb: str) -> None:
    hrv_shift, pulse_shift, sleep_shift, form, ramp, missing = CASES[case]
    athlete = case.replace(" ", "")
    Database(influxdb, "").ask('CREATE DATABASE "advice" WITH SHARD DURATION 52w')
    database = Database(influxdb, "advice", clock=NOW)
    series: dict[str, Days] = {
        "hrv": simulated(f"{case}/hrv", (60, 6), hrv_shift, missing),
        "restingHR": simulated(f"{case}/pulse", (50, 2), pulse_shift),
        "sleepSecs": simulated(f"{case}/sleep", (27_000, 2_000), sleep_shift),
        "ctl": {0: 50.0},
        "atl": {0: 50 - form / 2},
        "rampRate": {0: ramp},
    }
    for field, values in series.items():
        written(database, athlete, field, values)
    board = boards["intervals-today"]
    span = Range.relative(board["time"]["from"], board["time"]["to"], NOW)
    chosen = choices(board, database, {"athlete": athlete}, span)
    answer = panel_of(list(execute(board, database, chosen, span)), "What to do today")
    numbers = [line["Advice"] for table in transformed(answer.panel, answer.frames) for line in rows(table)]

    places = {
        name: (said := Normal(series[field], logarithm=field == "hrv").say(0)) and said[0]
        for name, field in {"hrv": "hrv", "pulse": "restingHR", "sleep": "sleepSecs"}.items()
    }
    rule = expected_rule({**places, "form": form, "ramp": ramp})
    assert min(numbers) == rule
    mapping = answer.panel["fieldConfig"]["defaults"]["mappings"][0]["options"]
    assert mapping[str(rule)]["text"] == RULES[int(min(numbers)) - 1].sentence


def test_the_cases_reach_every_rule() -> None:
    usual: Facts = {"hrv": 0, "pulse": 0, "sleep": 0, "form": 0, "ramp": 0}
    facts: list[Facts] = [
        {"hrv": -1, "pulse": 1},
        {"hrv": -1},
        {"form": -31},
        {"pulse": 1},
        {"sleep": -1},
        {"ramp": 9},
        {"form": 6},
        {},
        {"hrv": None},
    ]
    assert [expected_rule(usual | one) for one in facts] == list(range(1, len(RULES) + 1))


def test_without_any_data_there_is_no_advice(boards: dict[str, Board], influxdb: str) -> None:
    Database(influxdb, "").ask('CREATE DATABASE "no_advice" WITH SHARD DURATION 52w')
    board = boards["intervals-today"]
    span = Range.relative(board["time"]["from"], board["time"]["to"], NOW)
    database = Database(influxdb, "no_advice", clock=NOW)
    answers = list(execute(board, database, choices(board, database, {"athlete": "i9"}, span), span))
    assert shown(answers, "What to do today") == []
    assert panel_of(answers, "What to do today").panel["fieldConfig"]["defaults"]["noValue"] == "not enough data"


def test_the_rules_stand_in_the_docs_in_their_order() -> None:
    text = (DASHBOARDS.parents[1] / "docs/boards.md").read_text(encoding="utf-8")
    lines = [f"| {number} | {rule.why} | {rule.sentence} |" for number, rule in enumerate(RULES, 1)]
    assert [line for line in text.splitlines() if line in lines] == lines
    assert "no medical advice: who feels ill rests and asks a doctor" in " ".join(text.split())


def test_the_week_is_done_and_planned_as_the_account_has_it(answers: dict[str, list[Answer]], filled: Filled) -> None:
    def of_this_week(moment: str) -> bool:
        return monday(wall_clock(moment).date()) == monday(LAST_DAY)

    done = [one for one in filled.account.activities.values() if of_this_week(one["start_date_local"])]
    plans = [
        event
        for event in filled.account.calendar.events.values()
        if event["category"] in {"WORKOUT", "RACE_A", "RACE_B"} and of_this_week(event["start_date_local"])
    ]
    assert done
    assert plans
    assert shown(answers["intervals-today"], "This week: done of planned") == [
        {
            "Load done": sum(one["icu_training_load"] for one in done),
            "Time done": pytest.approx(sum(one["moving_time"] for one in done) / 3600),
            "Load planned": sum(event.get("icu_training_load", 0) for event in plans),
            "Time planned": pytest.approx(sum(event.get("moving_time", 0) for event in plans) / 3600),
        }
    ]


def test_the_next_a_race_has_its_days_left_and_the_form_projected_for_its_day(
    answers: dict[str, list[Answer]], filled: Filled
) -> None:
    events = filled.account.calendar.events.values()
    race = min(
        (event for event in events if event["category"] == "RACE_A" and event["start_date_local"] > str(LAST_DAY)),
        key=lambda event: str(event["start_date_local"]),
    )
    day = race["start_date_local"][:10]
    row = filled.account.wellness[day]
    left = {"Race": race["name"], "Days left": (date.fromisoformat(day) - LAST_DAY).days}
    form = pytest.approx((row["ctl"] - row["atl"]) / row["ctl"] * 100)
    assert shown(answers["intervals-today"], "Next A race")[0] == left
    assert shown(answers["intervals-today"], "On race day")[0] == {
        "Race": race["name"],
        "Form": form,
        "Fitness": row["ctl"],
    }


def test_all_workouts_of_the_newest_day_are_planned_today_and_no_others(
    boards: dict[str, Board], influxdb: str
) -> None:
    Database(influxdb, "").ask('CREATE DATABASE "plans" WITH SHARD DURATION 52w')
    database = Database(influxdb, "plans", clock=NOW)
    written(database, "i1", "ctl", {0: 40.0, 1: 40.0})
    for number, (age, hour, name) in enumerate([(0, 0, "Run"), (0, 18, "Swim"), (1, 0, "Old"), (-1, 0, "Later")]):
        when = round((TODAY - timedelta(days=age) + timedelta(hours=hour)).timestamp())
        fields = f'name="{name}",moving_time=3600,icu_training_load=5{number}'
        line = f"events,athlete_id=i1,id={number},category=WORKOUT {fields} {when}".encode()
        urllib.request.urlopen(f"{influxdb}/write?db=plans&precision=s", line).close()
    board = boards["intervals-today"]
    span = Range.relative(board["time"]["from"], board["time"]["to"], NOW)
    answers = list(execute(board, database, choices(board, database, {"athlete": "i1"}, span), span))
    assert shown(answers, "Planned today") == [
        {"What": "Run", "Duration": 3600, "Load": 50},
        {"What": "Swim", "Duration": 3600, "Load": 51},
    ]


def test_fitness_shows_the_year_as_it_was_and_the_days_to_come_as_they_are_projected(
    answers: dict[str, list[Answer]], filled: Filled
) -> None:
    drawn: dict[str, dict[str, float]] = {}
    for title in ("Fitness and fatigue, done and projected", "Form, % of fitness"):
        for frame in panel_of(answers["intervals-fitness"], title).frames:
            times, values = (field["values"] for field in frame["fields"])
            name = frame["fields"][1]["config"]["displayNameFromDS"]
            drawn[name] = {day_of(time): value for time, value in zip(times, values, strict=True)}
    expected: dict[str, dict[str, Any]] = {}
    first = "2025-11-17"  # a year ago, from a Monday on
    for day, row in filled.account.wellness.items():
        later = ", projected" if day > str(LAST_DAY) else ""
        values = {"Fitness": row["ctl"], "Fatigue": row["atl"], "Form": (row["ctl"] - row["atl"]) / row["ctl"] * 100}
        for name, value in values.items():
            if day >= first and (name != "Form" or row["ctl"] >= 1):
                expected.setdefault(name + later, {})[day] = pytest.approx(value)
    assert drawn == expected
    assert len(drawn["Fitness, projected"]) == 14


def day_of(moment: float) -> str:
    return datetime.fromtimestamp(moment / 1000, timezone.utc).date().isoformat()
