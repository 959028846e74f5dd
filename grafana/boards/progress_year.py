"""Parts of the board Progress: the year so far beside earlier ones, and the goals set for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grafana.boards.shared_panels import NO_ACTIVITY
from grafana.parts import style
from grafana.parts.board import number
from grafana.parts.charts import trend_lines
from grafana.parts.panels import Look, override, value
from grafana.parts.query import RANGE, SPORT, Query, select, statement, total
from grafana.parts.tables import only, renamed, step
from grafana.parts.time_series import DASHED
from grafana.parts.volumes import DISTANCE, LOAD, TIME
from grafana.parts.years import DAY, years_before

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import Panel

YEARS = ("This year", "A year before", "Two years before")
GOALS = {"km": DISTANCE, "hours": TIME, "load": LOAD}
"""What is counted, by the variable with its goal."""
ELAPSED = f"(${{__to}} - {DAY} - ${{__from}}) / {365 * DAY}"
"""The part of the year that is over, as the range begins with it and ends a day after now."""


def goal(variable: str) -> str:
    """Return the goal as a number; an empty one is 0."""
    return f"0${{{variable}:raw}}"


CHOICES = (
    number("km", "Goal, km", "Kilometres to cover in the year; 0: no goal"),
    number("hours", "Goal, hours", "Hours to move in the year; 0: no goal"),
    number("load", "Goal, load", "Load points to collect in the year; 0: no goal"),
)


def _so_far(column: str, variable: str) -> tuple[Query, ...]:
    """Return running sums by the number of the day, a table per year from the start of the range; then the goal's."""
    queries, aim = [], ""
    for back, name in enumerate(YEARS):
        start, end = years_before(back), years_before(back - 1) if back else ""
        when = f"time >= {start} AND time < {end}" if back else RANGE
        # A day more outside: InfluxDB 1 loses rows where a day begins before the outer bounds.
        earlier = years_before(back, days=-1)
        around = f"time >= {earlier} AND time < {end}" if back else f"time >= {earlier} AND time <= ${{__to}}ms"
        tail = "GROUP BY time(1d) fill(0)"
        days = select("activities", f'{column} AS "sum", count("elapsed_time") AS "n"', SPORT, when, tail=tail)
        ones = statement('"sum", "n" * 0 + 1 AS "one"', f"({days})", around)
        sums = f'cumulative_sum("one") AS "Day", cumulative_sum("sum") AS "{name}"'
        queries.append(Query(statement(sums, f"({ones})", around), table=True))
        if not back:
            steady = f'cumulative_sum("one") AS "Day", cumulative_sum("one") * {goal(variable)} / 365 AS "Goal"'
            aim = statement(steady, f"({ones})", f'"one" * {goal(variable)} > 0', around)
    return (*queries, Query(aim, table=True))


def _year(variable: str, what: str) -> Panel:
    volume = GOALS[variable]
    return trend_lines(
        f"{volume.name} so far",
        f"Am I ahead of earlier years, and of my goal? {what} added up day by day since the start of the range, "
        "which is that of the year, beside the two years before. The dashed line is the goal of the year, set above, "
        f"spread evenly. Unit: {volume.unit_in_words}; days. Source: activities of the chosen sports. "
        f"Formula: running sum of {volume.formula} by day; goal * day / 365.",
        _so_far(volume.column, variable),
        x="Day",
        look=Look(unit=volume.unit, decimals=0, nothing=NO_ACTIVITY),
        transform=(
            step("joinByField", byField="Day", mode="outer"),
            renamed(f"^(Day|Goal|{'|'.join(YEARS)}) .*$"),
            only("Day", *YEARS, "Goal"),
        ),
        overrides=(
            override(YEARS[0], color=style.PERIODS["s0"].color, custom={"lineWidth": 3}),
            override(YEARS[1], color=style.PERIODS["s1"].color),
            override(YEARS[2], color=style.GREY),
            override("Goal", color="text", custom=DASHED),
        ),
    )


SO_FAR = (_year("km", "Distance"), _year("hours", TIME.what), _year("load", LOAD.what))


def _goal(variable: str) -> Query:
    done, name, aim = GOALS[variable].column, GOALS[variable].name, goal(variable)
    columns = f'{done} - {aim} * {ELAPSED} AS "{name} ahead", {done} / {aim} * 100 AS "{name}"'
    return total(columns, f'"elapsed_time" * {aim} > 0')


GOAL = value(
    "Goals of the year",
    "Shall I reach my goals of the year? How much of each goal, set above, is done, and how far I am ahead of an even "
    "pace (below 0: behind). Unit: km, h, load points; %. Source: activities of the range, which is the year so "
    "far, and of the chosen sports. Formula: done - goal * days / 365; done / goal * 100.",
    tuple(map(_goal, GOALS)),
    look=Look(unit=style.PERCENT, decimals=0, color="text", nothing="Set a goal above"),
    named=True,
    overrides=tuple(override(f"{volume.name} ahead", unit=volume.unit) for volume in GOALS.values()),
)
