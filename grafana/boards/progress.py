"""This year beside earlier ones, whether the athlete keeps at it, the plan, records, and what the athlete wrote."""

from __future__ import annotations

from grafana.boards.progress_consistency import CONSISTENCY
from grafana.boards.progress_details import AT_HEART_RATE, BEATS, INTERVALS, LENGTHS, LOADS, NOTES, RECORDS
from grafana.boards.progress_year import CHOICES, GOAL, SO_FAR
from grafana.parts import style
from grafana.parts.board import MARKS, Board, athlete, listed, row, sport
from grafana.parts.charts import POINTS, bars, lines
from grafana.parts.panels import Look, override
from grafana.parts.query import WEEK, WHOLE_WEEKS, Query, select, total

TRAINING = '"category" =~ /^(WORKOUT|RACE)/'
PLAN_SOURCE = "events, categories WORKOUT and RACE, a stream that the stack reads"


<<<<<<< HEAD
=======
def _so_far(column: str) -> tuple[Query, ...]:
    """Return running sums by the number of the day, a table per year, from the start of the range on."""
    queries = []
    for back, name in enumerate(YEARS):
        start, end = f"${{__from}}ms - {365 * back}d", f"${{__from}}ms - {365 * (back - 1)}d"
        when = f"time >= {start} AND time < {end}" if back else RANGE
        # A day more outside: InfluxDB 1 loses rows where a day begins before the outer bounds.
        around = f"time >= {start} - 1d AND time < {end}" if back else "time >= ${__from}ms - 1d AND time <= ${__to}ms"
        tail = "GROUP BY time(1d) fill(0)"
        days = select("activities", f'{column} AS "sum", count("elapsed_time") AS "n"', SPORT, when, tail=tail)
        ones = statement('"sum", "n" * 0 + 1 AS "one"', f"({days})", around)
        sums = f'cumulative_sum("one") AS "Day", cumulative_sum("sum") AS "{name}"'
        queries.append(Query(statement(sums, f"({ones})", around), table=True))
    return tuple(queries)


def _year(title: str, what: str, column: str, source: str, unit: str) -> Panel:
    return trend_lines(
        title,
        f"Am I ahead of earlier years? {what} from the start of the range on, day by day, and on the same days "
        "365 and 730 "
        "days earlier; the range starts with the year. Unit: "
        f"{unit.removeprefix('suffix:').replace('none', 'load points')}"
        f"; days. Source: activities of the chosen sports. Formula: running sum of {source} by day.",
        _so_far(column),
        x="Day",
        size=(8, 9),
        look=Look(unit=unit, decimals=0, nothing=NONE),
        transform=(
            step("joinByField", byField="Day", mode="outer"),
            renamed(f"^(Day|{'|'.join(YEARS)}) .*$"),
            only("Day", *YEARS),
        ),
        overrides=(
            override(YEARS[0], color=style.PERIODS["s0"].color, custom={"lineWidth": 3}),
            override(YEARS[1], color=style.PERIODS["s1"].color),
            override(YEARS[2], color=style.GREY),
        ),
    )


SO_FAR = (
    _year("Distance so far", "Distance", 'sum("icu_distance") / 1000', "icu_distance / 1000", style.KM),
    _year("Time so far", "Time in motion", 'sum("moving_time") / 3600', "moving_time / 3600", style.HOURS),
    _year("Load so far", "Training load", 'sum("icu_training_load")', "icu_training_load", style.NUMBER),
)


def _by_day(when: str) -> str:
    return select("activities", 'count("elapsed_time") AS "n"', SPORT, when, tail="GROUP BY time(1d) fill(none)")


AROUND_WEEKS = "time >= ${__from}ms - 21d AND time <= ${__to}ms"
WEEKS = select("activities", 'count("elapsed_time") AS "n"', SPORT, WHOLE_WEEKS, tail=f"GROUP BY {WEEK} fill(0)")
TRAINED = statement('"n" / "n" AS "day"', f"({_by_day(WHOLE_WEEKS)})", AROUND_WEEKS)
"""1 for each day with training."""
IDLE = statement('elapsed("n", 1w) - 1 AS "weeks"', f"({WEEKS})", '"n" < 0.5', AROUND_WEEKS)
CONSISTENCY = (
    value(
        "Days with training",
        "On how many days did I train? Unit: days. Source: activities of the range and the chosen sports, days with at "
        "least one.",
        Query(statement('count("n") AS "Days"', f"({_by_day(RANGE)})", AROUND_WEEKS)),
        size=(4, 8),
        look=Look(decimals=0, color="text"),
    ),
    value(
        "Longest streak",
        "How long did I keep at it? Most weeks in a row with training between two weeks without. Unit: weeks, "
        "Monday to "
        "Sunday. Source: activities of the range and the chosen sports; nothing where fewer than two weeks were idle.",
        Query(statement('max("weeks") AS "Weeks"', f"({IDLE})", AROUND_WEEKS)),
        size=(4, 8),
        look=Look(decimals=0, color="text", nothing="no idle weeks"),
    ),
    bars(
        "Training days a week",
        "Do I train regularly? Days with at least one activity in each week. Unit: days. Weeks start on Monday. "
        "Source: "
        "activities of the chosen sports, counted by day.",
        Query(
            statement(
                'sum("day") AS "Days"',
                f"({TRAINED})",
                WHOLE_WEEKS,
                tail=f"GROUP BY {WEEK} fill(0)",
            )
        ),
        size=(16, 8),
        look=Look(decimals=0, minimum=0, maximum=7, color=style.OTHER, nothing=NONE),
        stacked=False,
    ),
    grid(
        "Calendar",
        "Which days were big, which were free? Training load of each day, a row per week (ISO weeks, the newest "
        "first). "
        "Unit: load points. Source: activities of the chosen sports, sums of icu_training_load by day.",
        activities('sum("icu_training_load") AS "load"', tail="GROUP BY time(1d) fill(0)"),
        size=(24, 10),
        look=Look(nothing=NONE, minimum=0, maximum=150),
        transform=calendar("load"),
        overrides=(
            override(
                "^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)$", pattern=True, decimals=0, color="continuous-blues", custom=HEAT
            ),
            override("Week", custom={"width": 110}),
        ),
    ),
)
>>>>>>> 902a272 (Begin the docstrings of functions with a verb everywhere, held by ruff; ask a fresh server for its databases in the tests)
PLAN = (
    bars(
        "Planned and done by week",
        "Do I do what I planned? Load of the planned workouts and of what was done in each week, all sports. "
        "Unit: load "
        f"points. Weeks start on Monday. Source: {PLAN_SOURCE}; activities, sums of icu_training_load.",
        tuple(
            Query(
                select(
                    measurement,
                    f'sum("icu_training_load") AS "{name}"',
                    *where,
                    WHOLE_WEEKS,
                    tail=f"GROUP BY {WEEK} fill(none)",
                )
            )
            for name, measurement, where in (("Planned", "events", (TRAINING,)), ("Done", "activities", ()))
        ),
        size=(12, 8),
        look=Look(decimals=0, nothing="Nothing planned in this range"),
        stacked=False,
        overrides=(override("Planned", color=style.GREY), override("Done", color=style.LOAD)),
    ),
    lines(
        "Compliance",
        "How closely did I follow each planned workout? 100 is as planned. Unit: %. Source: activities that "
        "Intervals.icu "
        "paired with a planned workout, field compliance.",
        total('"compliance" AS "Compliance"', '"compliance" > 0'),
        size=(12, 8),
        look=Look(unit=style.PERCENT, decimals=0, nothing="No activity was paired with a plan"),
        soft=(0, 150),
        overrides=(override("Compliance", color="text", custom=POINTS),),
    ),
)

BOARD = Board(
    uid="intervals-progress",
    title="Progress",
    about="This year beside earlier ones, consistency, plan and records, the same interval again and again.",
    start="now/y",
    annotations=MARKS,
    variables=(
        athlete(),
        sport(),
        *CHOICES,
        listed("length", "Intervals of", LENGTHS, "How long the work intervals are that are compared"),
        listed("beats", "At heart rate", BEATS, "Mean heart rate of the activities whose power is compared"),
    ),
    rows=(
        row("This year and earlier ones", *SO_FAR, GOAL),
        row("Consistency", *CONSISTENCY),
        row("The plan", *PLAN),
        row("Records", *RECORDS),
        row("The same again", *INTERVALS, AT_HEART_RATE),
        row("Models of load", *LOADS),
        row("What you wrote", *NOTES),
    ),
)
