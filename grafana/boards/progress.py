"""This year beside earlier ones, whether the athlete keeps at it, the plan, records, and what the athlete wrote."""

from __future__ import annotations

from grafana.boards.decision import TRAINING
from grafana.boards.progress_consistency import CONSISTENCY
from grafana.boards.progress_details import AT_HEART_RATE, BEATS, INTERVALS, LENGTHS, LOADS, NOTES, RECORDS
from grafana.boards.progress_records import HISTORY
from grafana.boards.progress_year import CHOICES, GOAL, SO_FAR
from grafana.parts import style
from grafana.parts.board import Board, athlete, line, listed, sport
from grafana.parts.panels import Look, override
from grafana.parts.query import WEEK, WHOLE_WEEKS, Query, select, total
from grafana.parts.time_series import POINTS, bars, lines

PLAN_SOURCE = "events, categories WORKOUT and RACE, a stream that the stack reads"


PLAN = (
    bars(
        "Planned and done by week",
        "Do I do what I planned? Load of the planned workouts and of what was done in each week, all sports. Unit: "
        f"load points. Weeks start on Monday. Source: {PLAN_SOURCE}; activities, sums of icu_training_load.",
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
        look=Look(decimals=0, nothing="Nothing planned in this range"),
        stacked=False,
        overrides=(override("Planned", color=style.GREY), override("Done", color=style.LOAD)),
    ),
    lines(
        "Compliance",
        "How closely did I follow each planned workout? 100 is as planned. Unit: %. Source: activities that "
        "Intervals.icu paired with a planned workout, field compliance.",
        total('"compliance" AS "Compliance"', '"compliance" > 0'),
        look=Look(unit=style.PERCENT, decimals=0, nothing="No activity was paired with a plan"),
        soft=(0, 150),
        overrides=(override("Compliance", color="text", custom=POINTS),),
    ),
)

BOARD = Board(
    "Progress",
    "This year beside earlier ones, consistency, plan and records, the same interval again and again.",
    start="now/y",
    variables=(
        athlete(),
        sport(),
        *CHOICES,
        listed("length", "Intervals of", LENGTHS, "How long the work intervals are that are compared"),
        listed("beats", "At heart rate", BEATS, "Mean heart rate of the activities whose power is compared"),
    ),
    rows={
        "This year and earlier ones": (*line(9, (8, 8, 8), *SO_FAR), *line(4, (24,), GOAL)),
        "Consistency": CONSISTENCY,
        "The plan": PLAN,
        "Records": (*line(7, (8, 8, 8), *RECORDS), *line(9, (8, 8, 8), *HISTORY)),
        "The same again": (*INTERVALS, AT_HEART_RATE),
        "Models of load": LOADS,
        "What you wrote": line(10, (14, 10), *NOTES),
    },
)
