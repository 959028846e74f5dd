"""Fitness, fatigue and form over months."""

from __future__ import annotations

from grafana.boards.season import FORM_AHEAD, LOAD_AHEAD, SEASON
from grafana.boards.shared_panels import LOAD_BY_DAY, NEWEST_DAY, fitness_and_fatigue
from grafana.parts import style
from grafana.parts.board import Board, line
from grafana.parts.panels import Look, override, thresholds, value
from grafana.parts.query import (
    FIT,
    WEEK,
    Query,
    days,
    newest_day,
    select,
    statement,
)
from grafana.parts.tables import a_week_earlier
from grafana.parts.time_series import bars, lines
from grafana.parts.windows import WEEK_DAYS, Windows, up_to

WEEKS = "time >= ${__from}ms - 14d AND time <= ${__to}ms"
"""The range, and the whole weeks before that a row may look back to."""
WEEK_OF_LOAD = Windows("ctlLoad", '"ctlLoad"', (WEEK_DAYS,), up_to(WEEK_DAYS + 1))
NEWEST = "Source: wellness, newest existing day (panel Newest day)."
WEEKLY = (
    "Weeks start on Monday; days without a row are days of rest; the running week and a week whose days are all alike "
    "have none."
)


def _weekly(column: str, name: str) -> Query:
    """Something about whole weeks, from `mean`, `sum` and `deviation` of the load; InfluxDB divides by 0 to 0.

    Each row stands at the Monday after its week, which is over when a day after it exists: InfluxQL can look back by a
    row, not ahead. The value a row before is the mean of two rows less half of their difference.
    """
    daily = select("wellness", '"updated", "ctlLoad" AS "load", "ctlLoad" * "ctlLoad" AS "square"', WEEKS)
    sums = 'sum("load") AS "sum", sum("square") AS "squares", count("updated") AS "row"'
    weekly = statement(sums, f"({daily})", WEEKS, tail=f"GROUP BY {WEEK} fill(0)")
    earlier = (f'moving_average("{one}", 2) - difference("{one}") / 2 AS "{one}"' for one in ("sum", "squares"))
    now = 'moving_average("row", 2) + difference("row") / 2 AS "row"'
    ended = statement(", ".join([*earlier, now]), f"({weekly})", WEEKS)
    of_seven = '"sum", "sum" / 7 AS "mean", sqrt(abs("squares" - "sum" * "sum" / 7) / 6) AS "deviation"'
    weeks = statement(of_seven, f"({ended})", '"row" > 0.5', WEEKS)
    return Query(statement(f'{column} AS "{name}"', f"({weeks})", '"deviation" > 0.001', WEEKS), table=True)


CTL_AND_ATL = fitness_and_fatigue(NEWEST, Look(decimals=1))
FORM = value(
    "Form",
    f"How rested am I? Form (TSB) in points, and relative to fitness, which says what it means: {style.FORM_WORDS}. "
    f"Unit: load points; %. {NEWEST} Formula: ctl - atl; (ctl - atl) / ctl * 100, from a fitness of 1 on.",
    (
        newest_day('"ctl" - "atl" AS "Form"'),
        newest_day('("ctl" - "atl") / "ctl" * 100 AS "of fitness"', FIT),
    ),
    look=Look(decimals=1),
    named=True,
    overrides=(
        override(
            "of fitness", unit=style.PERCENT, decimals=0, color="thresholds", thresholds=thresholds(style.FORM_BANDS)
        ),
    ),
)
RAMP = value(
    "Ramp rate",
    "Is fitness growing too fast? Growth of fitness in 7 days: above 5 demanding, above 8 risky. Unit: load "
    f"points a week. {NEWEST} Field: rampRate.",
    newest_day('"rampRate" AS "Ramp rate"'),
    look=Look(decimals=1, bands=style.RAMP_BANDS),
)
RATIO = value(
    "Acute : chronic",
    "Was it much more lately than I am used to? Fatigue relative to fitness: green 0.8 to 1.3, red above 1.5. "
    "A crude measure of sudden increase, not a forecast of injury; from a fitness of 1 on. Unit: ratio. "
    f"{NEWEST} Formula: atl / ctl.",
    newest_day('"atl" / "ctl" AS "Ratio"', FIT),
    look=Look(decimals=2, bands=style.RATIO_BANDS),
)
WEEK_LOAD = value(
    "Load a day, 7 days",
    "How much was it a day lately? Mean daily load of the 7 days up to the newest; days without a row are days of "
    "rest. Unit: load points a day. Source: wellness, ctlLoad. Formula: sum / 7.",
    Query(WEEK_OF_LOAD.newest({"Load": '"s7" / 7'}, ['"n7" > 0.5']), table=True),
    look=Look(decimals=0),
)

FORM_COURSE = lines(
    "Form",
    "When was I fresh, when tired? Form (TSB) by day; what it means depends on fitness, see the panel above. Unit: "
    "load points. Source: wellness. Formula: ctl - atl.",
    days('"ctl" - "atl" AS "Form"'),
    size=(12, 9),
    look=Look(decimals=0, color="text"),
    soft=(-35, 25),
)
RAMP_COURSE = lines(
    "Ramp rate",
    "When did fitness grow too fast? Growth of fitness in 7 days, by day: green -2 to 5, yellow demanding, "
    "red above 8. Unit: load points a week. Source: wellness, field rampRate.",
    days('"rampRate" AS "Ramp rate"'),
    look=Look(decimals=1, bands=style.RAMP_BANDS),
    areas=True,
    soft=(-5, 10),
)
RATIO_COURSE = lines(
    "Acute : chronic load ratio",
    "When was it much more than I was used to? Fatigue relative to fitness, by day: green 0.8 to 1.3, red "
    "above 1.5. A crude measure of sudden increase, not a forecast of injury; from a fitness of 1 on. Unit: "
    "ratio. Source: wellness. Formula: atl / ctl.",
    days('"atl" / "ctl" AS "Ratio"', FIT),
    look=Look(decimals=2, bands=style.RATIO_BANDS),
    areas=True,
    soft=(0.4, 1.8),
)
MONOTONY = lines(
    "Monotony",
    "Do hard and easy days alternate? How alike the days of a week are (Foster): above 2 means little "
    f"recovery. Unit: ratio. {WEEKLY} Source: wellness. Formula: mean / standard deviation of ctlLoad.",
    _weekly('"mean" / "deviation"', "Monotony"),
    transform=a_week_earlier(),
    look=Look(decimals=2, bands=style.bands("green", 1.5, "yellow", 2, "red")),
    areas=True,
    soft=(0, 2.5),
)
STRAIN = bars(
    "Strain",
    "Which weeks strained most? Weekly load times monotony (Foster): much and uniform work strains most. "
    f"Unit: load points. {WEEKLY} Source: wellness. Formula: sum * mean / standard deviation of ctlLoad.",
    _weekly('"sum" * "mean" / "deviation"', "Strain"),
    transform=a_week_earlier(),
    look=Look(decimals=0, color=style.LOAD),
    stacked=False,
)

BOARD = Board(
    "Fitness",
    "Fitness, fatigue, form and the load behind them.",
    start="now-1y/w",
    end="now+90d",
    rows={
        "Now": line(4, (4, 2, 2, 5, 3, 4, 4), NEWEST_DAY, *CTL_AND_ATL, FORM, RAMP, RATIO, WEEK_LOAD),
        "From a year ago to the next race": (*line(10, (24,), SEASON), *line(9, (12, 12), FORM_AHEAD, LOAD_AHEAD)),
        "Progress": (RAMP_COURSE, RATIO_COURSE),
        "Load": (LOAD_BY_DAY, FORM_COURSE, MONOTONY, STRAIN),
    },
)
