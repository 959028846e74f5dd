"""The alert rules: what Grafana would make of their queries, held against an independent computation."""

from __future__ import annotations

import operator
import urllib.request
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from grafana_foundation_sdk.models import alerting

from grafana.alerts import to_yaml
from grafana.execution.run import Database
from tests.grafana.conftest import DASHBOARDS, NOW
from tests.grafana.normal import Normal
from tests.grafana.test_normal_range import dip, written

if TYPE_CHECKING:
    from tests.grafana.normal import Days

FILE = DASHBOARDS.parent / "alerting/intervals.yaml"
COMPARE = {"gt": operator.gt, "lt": operator.lt}
Rule = dict[str, Any]


def rules() -> dict[str, Rule]:
    (group,) = yaml.safe_load(FILE.read_text(encoding="utf-8"))["groups"]
    return {rule["uid"]: rule for rule in group["rules"]}


@pytest.fixture
def database(influxdb: str, request: pytest.FixtureRequest) -> Database:
    """A database of the test's own; its clock says NOW."""
    name = request.node.name
    Database(influxdb, "").ask(f'CREATE DATABASE "{name}" WITH SHARD DURATION 52w')
    return Database(influxdb, name, clock=NOW)


def firing(rule: Rule, database: Database, tag: str = "athlete_id") -> dict[str, bool]:
    """Each alert of a rule by its tag, and whether it fires: query, reduce to the last number, compare."""
    query, reduced, threshold = (step["model"] for step in rule["data"])
    assert (reduced["expression"], reduced["reducer"], reduced["settings"]) == ("A", "last", {"mode": "dropNN"})
    assert (threshold["expression"], rule["condition"]) == ("B", threshold["refId"])
    (condition,) = threshold["conditions"]
    compare, (limit,) = COMPARE[condition["evaluator"]["type"]], condition["evaluator"]["params"]
    result = {}
    for series in database.ask(query["query"]):
        (who,) = (value for name, value in series["tags"].items() if name == tag)
        values = [row[1] for row in series["values"] if row[1] is not None]
        if values:  # else Grafana calls it no data, which is OK but for the sync
            result[who] = bool(compare(values[-1], limit))
    return result


def test_the_committed_file_is_what_the_code_makes() -> None:
    assert FILE.read_text(encoding="utf-8") == to_yaml(), "run `python -m grafana`"


def test_the_rules_are_in_the_form_of_grafanas_provisioning() -> None:
    wanted = {"uid", "title", "condition", "data", "noDataState", "execErrState", "for", "annotations", "labels"}
    sources = yaml.safe_load((DASHBOARDS.parent / "provisioning/datasources/intervals.yaml").read_text())
    known = {sources["datasources"][0]["uid"], "__expr__"}
    for uid, rule in rules().items():
        assert set(rule) == wanted | {"isPaused"}
        assert len(uid) <= 40
        assert rule["noDataState"] in {"OK", "Alerting", "NoData", "KeepLast"}
        assert [step["refId"] for step in rule["data"]] == ["A", "B", "C"]
        for step in rule["data"]:
            again = alerting.Query.from_json(step).to_json()
            assert {key for key in step if again.get(key) is None} == set()
            assert step["datasourceUid"] in known
        assert {"summary", "description"} == set(rule["annotations"])


def test_the_queries_have_no_variables_and_both_bounds_on_every_level() -> None:
    assert "$" not in FILE.read_text(encoding="utf-8")  # Grafana would put in the environment
    for rule in rules().values():
        query = rule["data"][0]["model"]["query"]
        for select in query.split("SELECT ")[1:]:
            assert 'FROM "' not in select or "time > now() - " in select
        assert query.count("time > now() - ") == query.count("time < now() + ")


def test_hrv_below_normal_three_days_running_fires_for_those_athletes_alone(database: Database) -> None:
    expected = {}
    for seed in range(14):
        simulated = dip((0, 0.7, 1, 2)[seed % 4], (7, 3, 12)[seed % 3], seed, missing=0.2 * (seed % 2))
        athlete = written(database, f"i{seed}", "hrv", simulated)
        normal = Normal(simulated, logarithm=True)
        places = [said[0] for age in sorted(simulated) if (said := normal.say(age))]
        expected[athlete] = len(places) >= 3 and all(place < -0.5 for place in places[:3])
    assert set(expected.values()) == {True, False}
    assert firing(rules()["intervals-hrv-low"], database) == expected


def test_an_athlete_with_too_few_values_has_no_alert(database: Database) -> None:
    written(database, "new", "hrv", dict.fromkeys(range(10), 50.0))
    assert firing(rules()["intervals-hrv-low"], database) == {}


def test_a_ramp_above_8_fires_on_the_newest_day_only(database: Database) -> None:
    ramps: dict[str, Days] = {"steep": {0: 8.1, 1: 2}, "past": {0: 7.9, 1: 12}, "unknown": {0: None, 1: 12}}
    for athlete, values in ramps.items():
        written(database, athlete, "rampRate", values)
    assert firing(rules()["intervals-ramp"], database) == {"steep": True, "past": False}


def test_an_athlete_without_a_new_day_for_three_days_is_told_of(database: Database) -> None:
    for athlete, newest in {"today": 0, "yesterday": 1, "late": 2, "silent": 3}.items():
        written(database, athlete, "ctl", dict.fromkeys(range(newest, 20), 40.0))
    expected = {"today": False, "yesterday": False, "late": False, "silent": True}
    assert firing(rules()["intervals-no-new-day"], database) == expected


def test_a_sync_without_success_for_six_hours_has_no_data_which_alerts(database: Database) -> None:
    rule = rules()["intervals-sync-stale"]
    assert rule["noDataState"] == "Alerting"
    assert firing(rule, database, "job") == {}

    def ran(hours: float, *, success: bool) -> None:
        when = round((NOW - timedelta(hours=hours)).timestamp())
        line = f"sync_runs,job=sync success={str(success).lower()},duration_s=5 {when}".encode()
        urllib.request.urlopen(f"{database.url}/write?db={database.name}&precision=s", line).close()

    ran(7, success=True)
    ran(1, success=False)
    assert firing(rule, database, "job") == {}
    ran(2, success=True)
    assert firing(rule, database, "job") == {"sync": False}
