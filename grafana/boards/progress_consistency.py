"""Parts of the board Progress: whether the athlete keeps at it."""

from __future__ import annotations

from grafana.boards.shared_panels import NO_ACTIVITY
from grafana.parts import style
from grafana.parts.board import line
from grafana.parts.panels import Look, override, value
from grafana.parts.query import RANGE, SPORT, WEEK, WHOLE_WEEKS, Query, activities, select, statement
from grafana.parts.tables import calendar, grid
from grafana.parts.time_series import bars

HEAT: dict[str, object] = {"cellOptions": {"type": "color-background", "mode": "basic"}, "minWidth": 50}
"""As narrow as Grafana makes a column, for a phone."""


def _by_day(when: str) -> str:
    return select("activities", 'count("elapsed_time") AS "n"', SPORT, when, tail="GROUP BY time(1d) fill(none)")


AROUND_WEEKS = "time >= ${__from}ms - 21d AND time <= ${__to}ms"
WEEKS = select("activities", 'count("elapsed_time") AS "n"', SPORT, WHOLE_WEEKS, tail=f"GROUP BY {WEEK} fill(0)")
TRAINED = statement('"n" / "n" AS "day"', f"({_by_day(WHOLE_WEEKS)})", AROUND_WEEKS)
"""1 for each day with training."""
IDLE = statement('elapsed("n", 1w) - 1 AS "weeks"', f"({WEEKS})", '"n" < 0.5', AROUND_WEEKS)
LONG = 156
"""Weeks in which the streak that goes on is looked for."""
LATELY = f"time >= ${{__to}}ms - {7 * LONG}d AND time <= ${{__to}}ms"
AROUND_LATELY = f"time >= ${{__to}}ms - {7 * LONG + 28}d AND time <= ${{__to}}ms"
OVER = "time < ${__to}ms - 204h"
"""Weeks that began so long before the end of the range, a day after now, are over in all time zones."""


def _streak() -> Query:
    """Weeks with training less those up to the last idle week that is over."""
    weeks = select("activities", 'count("elapsed_time") AS "n"', SPORT, LATELY, tail=f"GROUP BY {WEEK} fill(0)")
    # Floats: InfluxDB 1 loses whole numbers where several sources meet.
    trained = statement('ceil("n" / ("n" + 1)) * 1.0 AS "one"', f"({weeks})", AROUND_LATELY)
    # moving_average can't have a window of 1: a row is half of the sum and the difference of the last two.
    both = 'cumulative_sum("one") AS "sum", moving_average("one", 2) + difference("one") / 2 AS "one"'
    sums = statement(both, f"({trained})", AROUND_LATELY)
    before = statement('"sum" AS "before"', f"({sums})", '"one" < 0.5', AROUND_LATELY, OVER)
    every = statement('cumulative_sum("one") AS "every"', f"({trained})", AROUND_LATELY)
    return Query(statement('max("every") - max("before") AS "Weeks"', f"({every}), ({before})", AROUND_LATELY))


STREAKS = (
    value(
        "Days with training",
        "On how many days did I train? Unit: days. Source: activities of the range and the chosen sports, days with at "
        "least one.",
        Query(statement('count("n") AS "Days"', f"({_by_day(RANGE)})", AROUND_WEEKS)),
        look=Look(decimals=0, color="text"),
    ),
    value(
        "Streak",
        "For how many weeks in a row have I been training? Weeks with an activity, back to the last week "
        "without; this week counts as soon as it has one. Unit: weeks, Monday to Sunday. Source: activities of "
        f"the chosen sports, of {LONG} weeks up to the end of the range.",
        _streak(),
        look=Look(decimals=0, color="text", nothing=f"{LONG} or more"),
    ),
    value(
        "Longest streak",
        "What is my longest streak? The most weeks in a row with an activity, between two weeks without. Unit: "
        "weeks, Monday to Sunday. Source: activities of the range and the chosen sports; nothing where fewer than two "
        "weeks were idle.",
        Query(statement('max("weeks") AS "Weeks"', f"({IDLE})", AROUND_WEEKS)),
        look=Look(decimals=0, color="text", nothing="no idle weeks"),
    ),
)
CONSISTENCY = (
    *line(4, (8, 8, 8), *STREAKS),
    bars(
        "Training days a week",
        "Do I train regularly? Days with at least one activity in each week. Unit: days. Weeks start on Monday. "
        "Source: activities of the chosen sports, counted by day.",
        Query(
            statement(
                'sum("day") AS "Days"',
                f"({TRAINED})",
                WHOLE_WEEKS,
                tail=f"GROUP BY {WEEK} fill(0)",
            )
        ),
        size=(24, 7),
        look=Look(decimals=0, minimum=0, maximum=7, color=style.OTHER, nothing=NO_ACTIVITY),
        stacked=False,
    ),
    grid(
        "Calendar",
        "Which days were big, which were free? Training load of each day, a row per week (ISO weeks, the newest "
        "first). Unit: load points. Source: activities of the chosen sports, sums of icu_training_load by day.",
        activities('sum("icu_training_load") AS "load"', tail="GROUP BY time(1d) fill(0)"),
        size=(24, 10),
        look=Look(nothing=NO_ACTIVITY, minimum=0, maximum=150),
        transform=calendar("load"),
        overrides=(
            override(
                "^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)$", pattern=True, decimals=0, color="continuous-blues", custom=HEAT
            ),
            override("Week", custom={"width": 78}),
        ),
    ),
)
