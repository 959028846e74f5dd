"""The first screen of Today: what to do, why, and what lies ahead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grafana.parts import style
from grafana.parts.advice import RULES, advice
from grafana.parts.links import to_board
from grafana.parts.normal_range import HRV, RESTING, RULE, SLEEP, UNKNOWN, Measure, form, newest
from grafana.parts.panels import Look, override, thresholds, value
from grafana.parts.query import FIT, WEEK, Query, newest_day, select, statement
from grafana.parts.tables import existing, grid, joined, only, renamed, step

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import DashboardFieldConfigSourceOverrides as Override
    from grafana_foundation_sdk.models.dashboard import Panel

FITNESS = to_board("Fitness")
WELLNESS = to_board("Wellness")
ABOUT_NOW = "time >= ${__to}ms - 17d AND time <= ${__to}ms + 8d"
"""The week of today and those around it; the range ends a day after now."""
ABOUT_ITS_WEEKS = "time >= ${__to}ms - 24d AND time <= ${__to}ms + 8d"
"""The same with the whole first week: InfluxDB 1 finds nothing last where a week begins before the outer bounds."""
AHEAD = "time >= ${__to}ms - 36h AND time <= ${__to}ms + 366d"
"""The days after the athlete's today, in any time zone: only they are projected. The range ends a day after now."""
UP_TO_A_YEAR_AHEAD = "time >= ${__to}ms - 130d AND time <= ${__to}ms + 366d"
"""From before the newest existing day on: the inner queries have bounds of their own."""
PLAN_FIELDS = ("What", "Sport", "Duration", "Load")
TRAINING = '"category" =~ /^(WORKOUT|RACE)/'
A_RACE = "\"category\" = 'RACE_A'"
BY_DAY = "GROUP BY time(1d) fill(none)"

WEEK_FIELDS = ("Load done", "Load planned", "Time done", "Time planned")
_DAYS = 'count("updated") AS "row"'


def _sums(what: str) -> str:
    return f'sum("icu_training_load") AS "Load {what}", sum("moving_time") / 3600 AS "Time {what}"'


ADVICE = value(
    "What to do today",
    "What should I do today? The first rule that fits; all of them stand in docs/boards.md with their "
    "sources. No medical advice: who feels ill rests and asks a doctor. Unit: words. Source: wellness, newest existing "
    f"day: hrv, restingHR, sleepSecs, ctl, atl, rampRate. Formula: of HRV, resting heart rate and sleep, {RULE}.",
    advice(),
    look=Look(words={at: (rule.sentence, rule.color) for at, rule in enumerate(RULES, 1)}, nothing=UNKNOWN),
    calculation="min",
    transform=(step("merge"),),
)


def _state(measure: Measure) -> Panel:
    return value(
        f"State: {measure.name}",
        f"Is {measure.spoken} as usual? Against the athlete's own normal range, in words; no medical "
        f"advice. Unit: words. Source: wellness, newest existing day, {measure.field}. Formula: {RULE}.",
        newest(measure, measure.name),
        look=Look(spans=measure.verdicts, nothing=UNKNOWN, links=(WELLNESS,)),
    )


STATE = (
    value(
        "State: Form",
        "Am I fresh or tired? Form in percent of fitness, in the words of Intervals.icu's bands. Unit: words. Source: "
        "wellness, newest existing day, ctl, atl. Formula: (ctl - atl) / ctl * 100.",
        form(),
        look=Look(spans=style.FORM_VERDICTS, nothing=UNKNOWN, links=(FITNESS,)),
    ),
    *(_state(measure) for measure in (HRV, RESTING, SLEEP)),
)


def _planned(what: str, when: str) -> Query:
    """Return workouts and races by day, each with its duration and load."""
    columns = f'{what}, sum("moving_time") AS "Duration", sum("icu_training_load") AS "Load"'
    return Query(select("events", columns, TRAINING, when, tail='GROUP BY time(1d), "id" fill(none)'), table=True)


PLAN = value(
    "Planned today",
    "What is planned for the day that this board shows? Unit: as marked; load points. Source: events, categories "
    "WORKOUT and RACE, of the newest existing day of wellness, joined by Grafana; streams that the stack reads.",
    (
        newest_day('"ctl" AS "day"'),
        _planned('first("name") AS "What"', ABOUT_NOW),
    ),
    look=Look(decimals=0, nothing="Nothing planned today"),
    named=True,
    each=True,
    fields="/^(What|Duration|Load)$/",
    transform=joined("inner", "What", "Duration", "Load"),
    overrides=(override("Duration", unit=style.HMS),),
)


def _by_week(measurement: str, columns: str, *where: str) -> str:
    return select(measurement, columns, *where, ABOUT_NOW, tail=f"GROUP BY {WEEK} fill(none)")


THIS_WEEK = value(
    "This week: done of planned",
    "How much of this week's plan is done? Load and time of all sports; the plan is that of the whole week, Monday to "
    "Sunday. Unit: load points; h. Source: activities, icu_training_load and moving_time; events, the same of "
    "categories WORKOUT and RACE; of the week of the newest existing day of wellness, joined by Grafana.",
    (
        Query(statement('last("row") AS "row"', f"({_by_week('wellness', _DAYS)})", ABOUT_ITS_WEEKS), table=True),
        Query(_by_week("activities", _sums("done")), table=True),
        Query(_by_week("events", _sums("planned"), TRAINING), table=True),
    ),
    look=Look(decimals=0, nothing="No wellness data yet"),
    named=True,
    transform=(*joined("outer", "row", *WEEK_FIELDS), existing("row"), only(*WEEK_FIELDS)),
    overrides=(override("^Time (done|planned)$", pattern=True, unit=style.HOURS, decimals=1),),
)

RACES = Query(select("events", 'first("name") AS "Race"', A_RACE, AHEAD, tail=BY_DAY), table=True)


def _race(title: str, about: str, ahead: str, names: tuple[str, ...], *overrides: Override) -> Panel:
    """Return what is known of the day of the next A race; `ahead` is a SELECT over the days to come."""
    return value(
        title,
        about,
        (RACES, Query(ahead, table=True)),
        look=Look(decimals=0, nothing="No A race ahead", links=(FITNESS,)),
        named=True,
        fields=f"/^({'|'.join(names)})$/",
        calculation="first",
        transform=joined("inner", "Race", *(name for name in names if name != "Race")),
        overrides=overrides,
    )


RACE = (
    _race(
        "Next A race",
        "How long is it to the next A race? Its name, and the days from the newest existing day to it. "
        "Unit: name; days. Source: events, category RACE_A; wellness_forecast, count of ctl, joined by Grafana; "
        "streams that the stack reads.",
        select("wellness_forecast", 'cumulative_sum(count("ctl")) AS "Days left"', AHEAD, tail=BY_DAY),
        ("Race", "Days left"),
    ),
    _race(
        "On race day",
        "In what form will the next A race find me? Form and fitness as Intervals.icu projects them from the planned "
        "workouts. Unit: % of fitness; load points a day. Source: events, category RACE_A; wellness_forecast, ctl and "
        "atl, joined by Grafana. Formula: (ctl - atl) / ctl * 100.",
        select("wellness_forecast", '("ctl" - "atl") / "ctl" * 100 AS "Form", "ctl" AS "Fitness"', FIT, AHEAD),
        ("Form", "Fitness"),
        override("Form", unit=style.PERCENT, color="thresholds", thresholds=thresholds(style.FORM_BANDS)),
    ),
)

PROJECTED = select("wellness_forecast", '"ctl"', AHEAD)
TO_COME = Query(
    statement('"updated", "ctl"', f"({newest_day('').text}), ({PROJECTED})", UP_TO_A_YEAR_AHEAD), table=True
)
"""The newest existing day and those that are projected after it: the athlete's own days, whatever the clock says."""
COMING = grid(
    "Planned",
    "What comes next? The next five workouts and races of the calendar, today's among them. Unit: as marked; load "
    "points. Source: events, categories WORKOUT and RACE, of the newest existing day of wellness and of the days of "
    "wellness_forecast, joined by Grafana; streams that the stack reads.",
    (
        TO_COME,
        _planned('first("name") AS "What", first("type") AS "Sport"', UP_TO_A_YEAR_AHEAD),
    ),
    look=Look(nothing="Nothing planned, or events and wellness_forecast are not synced: see docs/boards.md"),
    transform=(
        step("joinByField", byField="Time", mode="inner"),
        renamed(f"^({'|'.join(PLAN_FIELDS)}) .*$"),
        only("Time", *PLAN_FIELDS),
        step("sortBy", fields={}, sort=[{"field": "Time"}]),
        step("limit", limitField="5"),
    ),
    overrides=(
        override("Time", displayName="Day", unit="time:ddd D MMM", custom={"width": 100}),
        override("What", custom={"minWidth": 150}),
        override("Sport", custom={"width": 90}),
        override("Duration", unit=style.HMS, custom={"width": 100}),
        override("Load", decimals=0, custom={"width": 70}),
    ),
)
