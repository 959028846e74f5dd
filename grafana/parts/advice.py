"""One sentence of advice a day, by written rules: the first that fits is taken. No medical advice.

Sources. HRV decides about hard training: Kiviniemi et al. (2007), Eur J Appl Physiol 101; Vesterinen et al. (2016),
Med Sci Sports Exerc 48; Javaloyes et al. (2019), Int J Sports Physiol Perform 14. Resting heart rate: Buchheit (2014),
Front Physiol 5:73. Sleep: Walsh et al. (2021), Br J Sports Med 55. Bands of form: Intervals.icu. Ramp rate: Allen and
Coggan, Training and Racing with a Power Meter.
"""

from __future__ import annotations

from typing import NamedTuple

from grafana.parts import style
from grafana.parts.normal_range import CHANGE, HRV, RANGE_AND_BEFORE, RESTING, SLEEP, newest
from grafana.parts.query import FIT, Query, select, statement

HIGH_RISK, FRESH, STEEP = -30, 5, 8
"""Form in percent of fitness, below and above; ramp rate in load points a week."""


class Rule(NamedTuple):
    """If all conditions hold, this is to be said. The conditions are InfluxQL over `FACTS`; what is missing fails."""

    sentence: str
    color: str
    conditions: tuple[str, ...]
    why: str


LOW_HRV, HIGH_PULSE, SHORT_SLEEP = f'"hrv" < -{CHANGE}', f'"pulse" > {CHANGE}', f'"sleep" < -{CHANGE}'
USUAL_HRV = f'"hrv" >= -{CHANGE}'

RULES = (
    Rule(
        "Rest or go very easy: HRV is low, resting heart rate high",
        style.BAD,
        (LOW_HRV, HIGH_PULSE),
        "HRV below and resting heart rate above normal, both at once",
    ),
    Rule("Go easy today: HRV is below normal", style.CARE, (LOW_HRV,), "HRV below normal"),
    Rule(
        "Go easy today: fatigue is far above fitness",
        style.CARE,
        (f'"form" < {HIGH_RISK}',),
        f"form below {HIGH_RISK} % of fitness",
    ),
    Rule(
        "Nothing hard today: resting heart rate is above normal",
        style.CARE,
        (HIGH_PULSE,),
        "resting heart rate above normal",
    ),
    Rule("Keep it moderate: you slept less than usual", style.CARE, (SHORT_SLEEP,), "sleep below normal"),
    Rule(
        "Add nothing this week: fitness grows too fast", style.CARE, (f'"ramp" > {STEEP}',), f"ramp rate above {STEEP}"
    ),
    Rule(
        "Fresh: a good day to race or to train hard",
        style.GOOD,
        (USUAL_HRV, f'"form" > {FRESH}'),
        f"HRV not below normal and form above {FRESH} % of fitness",
    ),
    Rule("Train as planned: nothing speaks against it", style.GOOD, (USUAL_HRV,), "HRV not below normal"),
    Rule(
        "Train as planned and by feel: HRV is not known",
        style.UNUSUAL,
        (f'"form" >= {HIGH_RISK}',),
        "nothing of the above, and too few values of HRV",
    ),
)
"""In this order. `pulse` is resting heart rate."""


def advice() -> tuple[Query, ...]:
    """Return a query for each rule, whose only value is the rule's number (from 1) if it fits; the least one counts."""
    return tuple(Query(_number(at, rule), table=True) for at, rule in enumerate(RULES, 1))


def _number(at: int, rule: Rule) -> str:
    """InfluxQL selects no constants: a fact times 0 is one. What a rule does not need is not read.

    Each source has one row; max() puts those of several side by side.
    """
    facts = {name: source for name, source in _sources().items() if f'"{name}"' in " ".join(rule.conditions)}
    columns = ", ".join(f'max("{name}") AS "{name}"' for name in facts)
    sources = ", ".join(f"({text})" for text in dict.fromkeys(facts.values()))
    known = statement(columns, sources, RANGE_AND_BEFORE)
    return statement(f'"{next(iter(facts))}" * 0 + {at} AS "Advice"', f"({known})", *rule.conditions, RANGE_AND_BEFORE)


def _sources() -> dict[str, str]:
    """Return what is known of the newest day, by name: a SELECT each of one row with a column of that name."""
    day = select("wellness", 'last("updated") AS "updated", "ctl", "atl", "rampRate"', RANGE_AND_BEFORE)
    form = '("ctl" - "atl") / "ctl" * 100 AS "form"'
    places = {"hrv": HRV, "pulse": RESTING, "sleep": SLEEP}
    return {
        name: statement(f'"{measure.name}" AS "{name}"', f"({newest(measure, measure.name).text})", RANGE_AND_BEFORE)
        for name, measure in places.items()
    } | {
        "form": statement(form, f"({day})", FIT, RANGE_AND_BEFORE),
        "ramp": statement('"rampRate" AS "ramp"', f"({day})", RANGE_AND_BEFORE),
    }
