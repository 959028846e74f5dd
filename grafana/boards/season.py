"""From a year ago to the next race: what was done, and what the plan leads to."""

from __future__ import annotations

from grafana.parts import style
from grafana.parts.panels import Look, override
from grafana.parts.query import FIT, RANGE, Query, days, select
from grafana.parts.time_series import DASHED, bars, lines

COMING = "time > now() - 1d AND time < now() + 367d"
"""Where InfluxDB cannot delete (3), projections of days that are over stay; they are no news."""
PROJECTED = (
    "dashed: what Intervals.icu projects from the planned workouts. Races, notes, holidays and illness are marks"
)
SOURCE = "Source: wellness; wellness_forecast, a stream that the stack reads"


def coming(columns: str, *where: str) -> Query:
    """Projected days: a series per column."""
    return Query(select("wellness_forecast", columns, *where, RANGE, COMING))


SEASON = lines(
    "Fitness and fatigue, done and projected",
    f"Where does my training lead? Fitness (CTL) and fatigue (ATL) by day; {PROJECTED}. Unit: load points a day. "
    f"{SOURCE}, fields ctl, atl.",
    (
        days('"ctl" AS "Fitness", "atl" AS "Fatigue"'),
        coming('"ctl" AS "Fitness, projected", "atl" AS "Fatigue, projected"'),
    ),
    look=Look(decimals=1),
    overrides=(
        override("Fitness", color=style.FITNESS, custom={"fillOpacity": 8}),
        override("Fatigue", color=style.FATIGUE),
        override("Fitness, projected", color=style.FITNESS, custom={**DASHED, "lineWidth": 2}),
        override("Fatigue, projected", color=style.FATIGUE, custom={**DASHED, "lineWidth": 2}),
    ),
)
FORM_AHEAD = lines(
    "Form, % of fitness",
    f"When was I fresh, and when shall I be? Form relative to fitness by day, from a fitness of 1 on, over its bands: "
    f"{style.FORM_WORDS}; {PROJECTED}. Unit: %. {SOURCE}. Formula: (ctl - atl) / ctl * 100.",
    (
        days('("ctl" - "atl") / "ctl" * 100 AS "Form"', FIT),
        coming('("ctl" - "atl") / "ctl" * 100 AS "Form, projected"', FIT),
    ),
    look=Look(unit=style.PERCENT, decimals=0, bands=style.FORM_BANDS),
    areas=True,
    soft=(-35, 25),
    overrides=(override("Form, projected", custom={**DASHED, "lineWidth": 2}),),
)
LOAD_AHEAD = bars(
    "Load that counts for fitness, done and planned",
    "How much was it, and how much is to come? Load that Intervals.icu counted for fitness each day, also of "
    "activities from Strava, which it may not pass on; then the load of the planned workouts. Unit: load points. "
    f"{SOURCE}, field ctlLoad.",
    (days('"ctlLoad" AS "Done"'), coming('"ctlLoad" AS "Planned"')),
    look=Look(decimals=0),
    stacked=False,
    overrides=(override("Done", color=style.LOAD), override("Planned", color=style.GREY)),
)
