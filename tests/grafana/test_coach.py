"""The coach's board, held against an independent computation: athletes in several states, east and west of UTC."""

from __future__ import annotations

import urllib.request
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean
from typing import TYPE_CHECKING, Any

import pytest

from grafana.boards.coach import reasons
from grafana.execution.macros import Range
from grafana.execution.run import Database, execute
from tests.grafana.conftest import NOW
from tests.grafana.normal import Normal
from tests.grafana.test_decision import simulated
from tests.grafana.test_normal_range import TODAY, written
from tests.grafana.transformed import rows, transformed

if TYPE_CHECKING:
    from tests.grafana.conftest import Board
    from tests.grafana.normal import Days

UID = "intervals-coach"


@dataclass(frozen=True)
class Case:
    """An athlete: the age of the newest day, what the last week was, and what *Needs a look* is to say."""

    newest: int = 0
    hrv: float = 0.3
    pulse: float = -0.3
    form: float = 0
    ramp: float = 2
    missing: float = 0
    says: str = "nothing"


CASES = {
    "usual": Case(),
    "revoked": Case(ramp=9, says="the sync fails, fitness grows too fast"),
    "low": Case(hrv=-1.5, pulse=-1, says="HRV below normal"),
    "low_and_high": Case(hrv=-1.5, pulse=1.5, says="HRV below normal, resting heart rate above normal"),
    "east": Case(newest=-1, hrv=-1.5, form=-40, says="HRV below normal, deep fatigue"),
    "west": Case(newest=1, pulse=1.5, says="resting heart rate above normal"),
    "tired": Case(form=-31, says="deep fatigue"),
    "steep": Case(ramp=9, says="fitness grows too fast"),
    "fresh": Case(form=30),
    "unmeasured": Case(hrv=-3, missing=1),
    "few": Case(hrv=-3, missing=0.7),
    "two_days_old": Case(newest=2, hrv=-1.5),
    "away": Case(newest=5, hrv=-1.5, form=-40, says="no new day, deep fatigue"),
    "long_away": Case(newest=120, says="no new day"),
}


def line(measurement: str, tags: str, fields: str, when: datetime) -> str:
    return f"{measurement},{tags} {fields} {round(when.timestamp())}"


@pytest.fixture(scope="module")
def series() -> dict[str, dict[str, Days]]:
    """Each athlete's values by their age in days before TODAY."""
    found: dict[str, dict[str, Days]] = {}
    for name, case in CASES.items():
        days: dict[str, Days] = {
            "hrv": simulated(f"{name}/hrv", (60, 6), case.hrv, case.missing),
            "restingHR": simulated(f"{name}/pulse", (50, 2), case.pulse),
            "ctl": dict.fromkeys(range(70), 50.0),
            "atl": dict.fromkeys(range(70), 50 - case.form / 2),
            "rampRate": dict.fromkeys(range(70), case.ramp),
            "ctlLoad": {age: 10.0 + age if age > 1 else 0 for age in range(70)},
        }
        found[name] = {
            field: {age + case.newest: value for age, value in values.items()} for field, values in days.items()
        }
    return found


@pytest.fixture(scope="module")
def table(boards: dict[str, Board], influxdb: str, series: dict[str, dict[str, Days]]) -> list[dict[str, Any]]:
    """The rows of the board, as they are drawn."""
    Database(influxdb, "").ask('CREATE DATABASE "coach" WITH SHARD DURATION 52w')
    database = Database(influxdb, "coach", clock=NOW)
    for name, fields in series.items():
        for field, values in fields.items():
            written(database, name, field, values, flag="tempRestingHR" if field == "restingHR" else "")
    more = [
        *(
            line(
                "athlete",
                "athlete_id=low,id=low",
                f'name="{name}",timezone="Europe/Madrid"',
                TODAY - timedelta(days=days),
            )
            for name, days in (("L. Before", 900), ("Lou Low", 700))
        ),
        line("events", "athlete_id=low,id=1,category=WORKOUT", "icu_training_load=70", TODAY - timedelta(days=6)),
        line("events", "athlete_id=low,id=2,category=RACE_A", "icu_training_load=50", TODAY + timedelta(hours=9)),
        line("events", "athlete_id=low,id=3,category=WORKOUT", "icu_training_load=1000", TODAY - timedelta(days=7)),
        line("events", "athlete_id=low,id=4,category=WORKOUT", "icu_training_load=1000", TODAY + timedelta(days=2)),
        line("events", "athlete_id=low,id=5,category=NOTE", "icu_training_load=1000", TODAY),
        line("activities", "athlete_id=low,id=a,type=Ride", 'updated="x",compliance=80', TODAY - timedelta(days=20)),
        line("activities", "athlete_id=low,id=b,type=Run", 'updated="x",compliance=120', TODAY + timedelta(hours=7)),
        line("activities", "athlete_id=low,id=c,type=Run", 'updated="x",compliance=0', TODAY - timedelta(hours=7)),
        line("activities", "athlete_id=low,id=d,type=Run", 'updated="x",compliance=10', TODAY - timedelta(days=40)),
    ]
    more += [
        line(
            "sync_athletes",
            f"athlete_id={name},job=sync",
            f"success={str(success).lower()},success_value={int(success)}",
            NOW - timedelta(hours=hours),
        )
        for name in CASES
        for hours, success in ((1, name != "revoked"), (5, True), (9, False))
    ]
    body = "\n".join(more).encode()
    urllib.request.urlopen(f"{influxdb}/write?db=coach&precision=s", body).close()
    board = boards[UID]
    span = Range.relative(board["time"]["from"], board["time"]["to"], NOW)
    (answer,) = execute(board, database, {}, span)
    (found,) = transformed(answer.panel, answer.frames)
    return rows(found)


def test_each_athlete_has_a_row_and_what_needs_a_look_is_said_in_words(table: list[dict[str, Any]]) -> None:
    words = reasons()
    assert {row["athlete_id"]: words[row["Need"]][0] for row in table} == {
        name: one.says for name, one in CASES.items()
    }


def test_the_most_urgent_come_first(table: list[dict[str, Any]]) -> None:
    def urgency(row: dict[str, Any]) -> list[bool]:
        order = (
            "the sync fails",
            "no new day",
            "HRV below",
            "deep fatigue",
            "resting heart rate above",
            "fitness grows",
        )
        return [reason not in CASES[row["athlete_id"]].says for reason in order]

    assert table == sorted(table, key=urgency)


def test_states_are_those_of_an_independent_computation(
    table: list[dict[str, Any]], series: dict[str, dict[str, Days]]
) -> None:
    for row in table:
        case, fields = CASES[row["athlete_id"]], series[row["athlete_id"]]
        for column, field in {"HRV": "hrv", "Resting heart rate": "restingHR"}.items():
            said = Normal(fields[field], logarithm=field == "hrv").say(case.newest) if case.newest < 2 else None
            expected = pytest.approx(said[0], rel=1e-6) if said else None
            assert row[column] == expected, (row["athlete_id"], column)
        assert row["Form"] == pytest.approx(case.form)
        assert row["Newest day"] == (TODAY - timedelta(days=case.newest)).timestamp() * 1000
        assert row["Last training"] == (TODAY - timedelta(days=case.newest + 2)).timestamp() * 1000
        synced = NOW - timedelta(hours=5 if row["athlete_id"] == "revoked" else 1)
        assert row["Last sync"] == synced.timestamp() * 1000
        week = [value for age, value in fields["ctlLoad"].items() if 0 <= age < 7]
        assert row["Load"] == (sum(filter(None, week)) if week else None)


def test_plan_and_compliance_are_those_of_the_athlete(table: list[dict[str, Any]]) -> None:
    found = {row["athlete_id"]: (row["Planned"], row["Compliance"]) for row in table}
    assert found.pop("low") == (120, fmean((80, 120)))
    assert set(found.values()) == {(None, None)}


def test_names_stand_beside_the_ids_where_they_are_stored(table: list[dict[str, Any]]) -> None:
    assert {row["athlete_id"]: row["Name"] for row in table} == dict.fromkeys(CASES) | {"low": "Lou Low"}


def test_too_few_values_are_told_in_words_and_have_the_colour_of_no_state(boards: dict[str, Board]) -> None:
    (panel,) = (one for one in boards[UID]["panels"] if one["type"] == "table")
    for column in ("HRV", "Resting heart rate"):
        (found,) = (one for one in panel["fieldConfig"]["overrides"] if one["matcher"]["options"] == column)
        (mappings,) = (one["value"] for one in found["properties"] if one["id"] == "mappings")
        assert mappings[-1] == {
            "type": "special",
            "options": {"match": "null", "result": {"text": "not enough data", "color": "text"}},
        }


def test_every_combination_of_reasons_has_its_words() -> None:
    words = reasons()
    assert sorted(words) == list(range(64))
    assert words[0] == ("nothing", "green")
    assert len({text for text, _ in words.values()}) == 64
