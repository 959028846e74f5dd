"""Alert rules, a file of Grafana's provisioning that is off by default: see docs/boards.md.

Their queries carry no variables of a board. A rule has an alert for each athlete (tag `athlete_id`).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import yaml

from grafana.parts.advice import STEEP
from grafana.parts.normal_range import ALL_ATHLETES, BOTH, CHANGE, HRV, of_all
from grafana.parts.query import statement

FOLDER, GROUP, SOURCE = "Intervals.icu", "intervals", "intervals"
"""Folder and group of the rules, and the uid of the provisioned data source."""
LOW_DAYS, STALE_HOURS, SILENT_DAYS = 3, 6, 3
SEASON = f"time > now() - {BOTH + 30}d AND time < now() + 1d"
"""Enough for the normal range, and for a month in which the last days with a verdict may lie."""
MONTH = "time > now() - 30d AND time < now() + 1d"
APART = 'GROUP BY "athlete_id"'
HEAD = """# Alert rules: HRV below normal three days running, ramp rate above 8, a sync that does not succeed, an
# athlete without new days. Off by default; docs/boards.md says how to switch them on. Written by
# `python -m grafana`: edit grafana/alerts.py.
"""


class Rule(NamedTuple):
    """Fires where the last value of the query is above (`gt`) or below (`lt`) a limit."""

    name: str
    title: str
    query: str
    limit: tuple[str, float]
    summary: str
    description: str
    no_data: str = "OK"


def _low() -> str:
    """Return the share of the last three days with a verdict on which HRV was below normal: 1 means all of them.

    (abs(x) - x) / (2 * abs(x)) is 1 where x is below 0, and else 0.
    """
    x = f'("{HRV.name}" + {CHANGE})'
    days = statement(f'(abs{x} - {x}) / (2 * abs{x}) AS "low"', f"({of_all(HRV, SEASON)})", SEASON, tail=APART)
    return statement(f'moving_average("low", {LOW_DAYS}) AS "value"', f"({days})", SEASON, tail=APART)


def _silent() -> str:
    """Return the share that exists of five days, from three days ago to tomorrow: 0 means none."""
    daily = 'GROUP BY time(1d), "athlete_id" fill(0)'
    days = statement('count("updated") AS "row"', '"wellness"', ALL_ATHLETES, MONTH, tail=daily)
    return statement(f'moving_average("row", {SILENT_DAYS + 1}) AS "value"', f"({days})", MONTH, tail=APART)


def _ramp() -> str:
    day = statement('last("updated") AS "updated", "rampRate"', '"wellness"', ALL_ATHLETES, MONTH, tail=APART)
    return statement('"rampRate" AS "value"', f"({day})", MONTH, tail=APART)


def _successes() -> str:
    when = f"time > now() - {STALE_HOURS}h AND time < now() + 1h"
    return statement('count("duration_s") AS "value"', '"sync_runs"', '"success" = true', when, tail='GROUP BY "job"')


WHO = "{{ .Labels.athlete_id }}"
RULES = (
    Rule(
        "hrv-low",
        "HRV below normal three days running",
        _low(),
        ("gt", 0.99),
        f"HRV of athlete {WHO} has been below normal for three days",
        "Easy days until it is back within normal, and a look at sleep, stress and load; who feels ill "
        "rests. The rule of HRV-guided training, no medical advice. Board Wellness shows the course.",
    ),
    Rule(
        "ramp",
        "Ramp rate above 8",
        _ramp(),
        ("gt", STEEP),
        f"Fitness of athlete {WHO} grew by more than 8 points within a week",
        "Add no load this week: more than 5 to 8 points a week are seldom borne for long. Board Fitness "
        "shows the course.",
    ),
    Rule(
        "sync-stale",
        "No successful sync for six hours",
        _successes(),
        ("lt", 1),
        "The sync has not succeeded for six hours",
        "Is the service running? Board Sync health shows the last runs, `docker compose logs sync` says why.",
        no_data="Alerting",
    ),
    Rule(
        "no-new-day",
        "No new day for three days",
        _silent(),
        ("lt", 0.01),
        f"There is no new day of athlete {WHO}",
        "The sync may succeed all the same: does the device still send its data to Intervals.icu?",
    ),
)


def to_dict() -> dict[str, Any]:
    """Return the rules in the terms of Grafana's provisioning."""
    group = {"orgId": 1, "name": GROUP, "folder": FOLDER, "interval": "15m", "rules": [_rule(rule) for rule in RULES]}
    return {"apiVersion": 1, "groups": [group]}


def to_yaml() -> str:
    """Return the file. Grafana fills in the environment where it finds a dollar: there is none."""
    return HEAD + yaml.safe_dump(to_dict(), sort_keys=False, allow_unicode=True, width=110)


def _rule(rule: Rule) -> dict[str, Any]:
    expression = {"type": "__expr__", "uid": "__expr__"}
    reduced = {"refId": "B", "type": "reduce", "expression": "A", "reducer": "last", "datasource": expression}
    compare, limit = rule.limit
    evaluator = {"type": compare, "params": [limit]}
    threshold = {"refId": "C", "type": "threshold", "expression": "B", "conditions": [{"evaluator": evaluator}]}
    model = {"refId": "A", "query": rule.query, "rawQuery": True, "resultFormat": "time_series"}
    return {
        "uid": f"{GROUP}-{rule.name}",
        "title": rule.title,
        "condition": "C",
        "data": [
            _step("A", SOURCE, model),
            _step("B", "__expr__", {**reduced, "settings": {"mode": "dropNN"}}),
            _step("C", "__expr__", {**threshold, "datasource": expression}),
        ],
        "noDataState": rule.no_data,
        "execErrState": "Error",
        "for": "0s",
        "annotations": {"summary": rule.summary, "description": rule.description},
        "labels": {"source": "intervals"},
        "isPaused": False,
    }


def _step(name: str, source: str, model: dict[str, Any]) -> dict[str, Any]:
    """Return a query or an expression; the range is needed by the format, and the queries have bounds of their own."""
    return {"refId": name, "relativeTimeRange": {"from": 86_400, "to": 0}, "datasourceUid": source, "model": model}
