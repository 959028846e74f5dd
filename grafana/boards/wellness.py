"""Sleep, heart, weight and the athlete's own ratings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grafana.boards.normal_panels import normal_course, verdict
from grafana.boards.shared_panels import NEWEST_DAY, RATED, SLEEP, rating_words, vo2max
from grafana.parts import style
from grafana.parts.board import Board, athlete, field_of, line
from grafana.parts.normal_range import HRV, MEASURES, RESTING
from grafana.parts.panels import Look, override, value
from grafana.parts.query import Query, days, newest_day, wellness
from grafana.parts.time_series import POINTS, RIGHT, bars, lines, timeline
from grafana.parts.windows import week_mean, week_means, week_variation

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import Panel

NEWEST = "Source: wellness, newest existing day (panel Newest day)"
MEASURED = "values carried over from the settings ({}) are left out"


def _now(title: str, about: str, queries: tuple[Query, Query], look: Look) -> Panel:
    """Return the newest value and its mean of 7 days."""
    return value(title, about, queries, look=look, named=True)


NOW = (
    NEWEST_DAY,
    _now(
        "HRV",
        f"What is my HRV? Heart rate variability (rMSSD) of the day and its 7-day mean. Unit: ms. {NEWEST}, field hrv.",
        (newest_day('"hrv" AS "Newest"'), week_mean("hrv")),
        Look(unit=style.MS, decimals=0),
    ),
    _now(
        "Resting heart rate",
        f"What is my resting heart rate? Resting heart rate of the day and its 7-day mean. Unit: bpm. {NEWEST}, "
        f"field restingHR; {MEASURED.format('tempRestingHR')}.",
        (newest_day('"restingHR" AS "Newest"'), week_mean("restingHR")),
        Look(unit=style.BPM, decimals=0),
    ),
    _now(
        "Sleep",
        f"How long do I sleep? Hours slept and the 7-day mean. Unit: h. {NEWEST}, field sleepSecs / 3600.",
        (newest_day('"sleepSecs" / 3600 AS "Newest"'), week_mean("sleepSecs", scale=" / 3600")),
        Look(unit=style.HOURS, decimals=1),
    ),
    _now(
        "Weight",
        "What do I weigh? Newest measured body weight in the range and its 7-day mean. Unit: kg. Source: "
        f"wellness, field weight; {MEASURED.format('tempWeight')}.",
        (Query(wellness('"weight" AS "Newest"'), table=True), week_mean("weight")),
        Look(unit=style.KG, decimals=1),
    ),
    _now(
        "Readiness",
        "Am I ready, says the device? Readiness as the device or app gives it, and its 7-day mean. Unit: its own "
        f"scale. {NEWEST}, field readiness.",
        (newest_day('"readiness" AS "Newest"'), week_mean("readiness")),
        Look(decimals=0),
    ),
    vo2max(),
)

HRV_COURSE = normal_course(HRV, '"hrv"', style.HRV, style.HRV_MEAN)
RESTING_COURSE = normal_course(RESTING, '"restingHR"', style.HEART, style.HEART_MEAN)
BALANCE = lines(
    "HRV against resting heart rate",
    "When was I rested? HRV divided by resting heart rate, by day: high is rested. Unit: ms per bpm. Source: "
    f"wellness; {MEASURED.format('tempRestingHR')}. Formula: hrv / restingHR.",
    days('"hrv" / "restingHR" AS "Ratio"'),
    look=Look(decimals=2, color=style.HRV),
    fill=10,
)
VARIATION = lines(
    "Variation of HRV",
    "Is HRV steady? Coefficient of variation of ln rMSSD over 7 days, at least 4 of them measured; a rise at a falling "
    "mean suggests strain. Unit: %. Source: wellness, field hrv. Formula: standard deviation / mean of ln(hrv) * 100.",
    week_variation("hrv", "Variation"),
    look=Look(unit=style.PERCENT, decimals=1, color=style.HRV),
    fill=10,
)
SLEEP_HEART = lines(
    "Heart rate asleep and respiration",
    "Is my sleep as calm as usual? Mean heart rate during sleep, breaths a minute on the right. Unit: bpm; "
    "breaths a minute. Source: wellness, fields avgSleepingHR, respiration.",
    (days('"avgSleepingHR" AS "Heart rate asleep"'), days('"respiration" AS "Respiration"')),
    look=Look(unit=style.BPM, decimals=0),
    overrides=(
        override("Heart rate asleep", color=style.HEART),
        override("Respiration", color=style.BREATH, unit=style.BREATHS, decimals=1, custom=RIGHT),
    ),
)
RATINGS = timeline(
    "How you feel",
    "How do I feel from day to day? The athlete's own ratings by day. Unit: words; fatigue, soreness, stress "
    "0 none to 4 extreme, the others 1 excellent to 4 poor. Source: wellness, fields of the same names.",
    days(
        ", ".join(f'mean("{name}") AS "{label}"' for name, label in RATED.items()),
        tail="GROUP BY time(1d) fill(null)",  # a day without a rating is a gap
    ),
    look=Look(words=style.STRAIN, color="thresholds", nothing="No ratings in this range"),
    overrides=rating_words("Mood", "Motivation", "Sleep quality"),
)
WEIGHT_COURSE = lines(
    "Weight and body fat",
    "Am I losing or gaining weight? Body weight by day and the mean of 7 days, body fat on the right. Unit: "
    f"kg; %. Source: wellness, fields weight, bodyFat; {MEASURED.format('tempWeight')}.",
    (days('"weight" AS "Weight"'), days('"bodyFat" AS "Body fat"'), week_means("weight")),
    look=Look(unit=style.KG, decimals=1),
    overrides=(
        override("Weight", color=style.WEIGHT, custom=POINTS),
        override("7 days", color=style.WEIGHT_MEAN),
        override("Body fat", color=style.FAT, unit=style.PERCENT, custom={**RIGHT, **POINTS}),
    ),
)
STEPS = bars(
    "Steps",
    "How much do I walk? Steps of each day. Unit: count. Source: wellness, field steps.",
    days('"steps" AS "Steps"'),
    look=Look(unit="short", decimals=0, color=style.STEPS),
    stacked=False,
)
OXYGEN = lines(
    "Blood oxygen and blood pressure",
    "Are blood oxygen and pressure steady? Blood oxygen; systolic and diastolic pressure on the right. Unit: "
    "%; mmHg. Source: wellness, fields spO2, systolic, diastolic.",
    (days('"spO2" AS "Blood oxygen"'), days('"systolic" AS "Systolic"'), days('"diastolic" AS "Diastolic"')),
    look=Look(unit=style.PERCENT, decimals=0),
    overrides=(
        override("Blood oxygen", color=style.OXYGEN),
        override("Systolic", color=style.SYSTOLIC, unit=style.MMHG, custom={**RIGHT, **POINTS}),
        override("Diastolic", color=style.DIASTOLIC, unit=style.MMHG, custom={**RIGHT, **POINTS}),
    ),
)
FOOD = bars(
    "Food",
    "What do I eat? Carbohydrates, protein and fat by day; energy eaten on the right. Unit: g; kcal. Source: "
    "wellness, fields carbohydrates, protein, fatTotal, kcalConsumed.",
    (
        days('"carbohydrates" AS "Carbohydrates"'),
        days('"protein" AS "Protein"'),
        days('"fatTotal" AS "Fat"'),
        days('"kcalConsumed" AS "Eaten"'),
    ),
    look=Look(unit=style.GRAMS, decimals=0, nothing="No food logged in this range"),
    overrides=(
        override("Carbohydrates", color=style.CARBOHYDRATES),
        override("Protein", color=style.PROTEIN),
        override("Fat", color=style.FOOD_FAT),
        override(
            "Eaten",
            unit=style.KCAL,
            color="text",
            custom={"drawStyle": "line", "fillOpacity": 0, "lineWidth": 1, "stacking": {"mode": "none"}, **RIGHT},
        ),
    ),
)
LAB = tuple(
    lines(
        title,
        f"Is anything unusual? {title} by day. Unit: {words}. Source: wellness, {', '.join(columns)}.",
        tuple(days(f'"{column}" AS "{name}"') for column, name in columns.items()),
        look=Look(unit=unit, decimals=1, nothing="None in this range"),
        overrides=[
            override(name, color=tint, custom=POINTS)
            for name, tint in zip(columns.values(), (style.OTHER, style.BREATH), strict=False)
        ],
    )
    for title, words, unit, columns in (
        ("HRV by SDNN", "ms", style.MS, {"hrvSDNN": "SDNN"}),
        ("Baevsky's stress index", "index", style.NUMBER, {"baevskySI": "Baevsky"}),
        ("Blood glucose and lactate", "mmol/L", style.MMOL, {"bloodGlucose": "Glucose", "lactate": "Lactate"}),
        ("Abdomen", "cm", "suffix:cm", {"abdomen": "Abdomen"}),
    )
)
ANY = lines(
    "Field: ${field}",
    "How did this value move? Any number of wellness, the athlete's own fields included; choose it above. "
    "Unit: as in Intervals.icu. Source: wellness, the field chosen, carried-over values included.",
    days('"${field:raw}"'),
    look=Look(color=style.OTHER, nothing="No numbers in this field and range"),
)

BOARD = Board(
    "Wellness",
    "Sleep, heart, weight and the athlete's own ratings.",
    start="now-90d",
    variables=(
        athlete(),
        field_of("wellness", "field", "Any field of wellness, also the athlete's own; shown in the last panel"),
    ),
    rows={
        "Now": line(4, (4, 4, 4, 3, 3, 3, 3), *NOW),
        "As usual?": line(4, (6, 6, 6, 6), *map(verdict, MEASURES)),
        "Heart": (*line(9, (24,), HRV_COURSE), *line(9, (12, 6, 6), RESTING_COURSE, BALANCE, VARIATION)),
        "Sleep": (SLEEP, SLEEP_HEART),
        "Ratings": line(9, (24,), RATINGS),
        "Body": (WEIGHT_COURSE, STEPS, OXYGEN, FOOD),
        "More": (*line(8, (6, 6, 6, 6), *LAB), *line(8, (24,), ANY)),
    },
)
