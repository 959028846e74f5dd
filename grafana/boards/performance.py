"""What the athlete can do: thresholds, efficiency, curves of best values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grafana.boards.performance_curves import CURVES, NOT_SWIMS, SWIMS
from grafana.boards.shared_panels import NO_ACTIVITY, vo2max
from grafana.parts import style
from grafana.parts.activity_lists import FOR_LINKS, LINKED, shown
from grafana.parts.board import Board, athlete, chosen, sport, tag_values
from grafana.parts.charts import scatter
from grafana.parts.panels import Look, override, value
from grafana.parts.query import RANGE, Query, activities, days, select, total
from grafana.parts.tables import (
    grid,
    largest,
    ordered,
    renamed,
    with_end,
)
from grafana.parts.time_series import KILOMETRE, PACE_DRAWN, PACE_TOLD, POINTS, RIGHT, lines, paces, sport_colors

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import Panel

RUNS = '"type" =~ /Run$/'
STEADY = '"moving_time" >= 1200'
STEADY_WORDS = "activities of 20 minutes and more"
DOTS: dict[str, object] = {**POINTS, "pointSize": 5}
ESTIMATE = "Source: wellness, rolling estimates of Intervals.icu per sport, sportInfo"
NO_POWER = "No power data"


def _of(sports: str, columns: str, *where: str) -> Query:
    """Return something about the activities of some sports, whichever are chosen."""
    return Query(select("activities", columns, sports, *where, RANGE))


def _estimate(title: str, words: str, field: str, unit: str, decimals: int = 0) -> Panel:
    """Return the newest estimate of each sport."""
    return value(
        title,
        f"{words} {ESTIMATE}: {field}.",
        days(f"/^sportInfo_.*_{field}$/"),
        look=Look(unit=unit, decimals=decimals, nothing=NO_POWER),
        named=True,
        transform=(renamed(f"sportInfo_(.*)_{field}"),),
    )


FTP = _estimate(
    "eFTP",
    "What is my threshold power? Newest estimate of the functional threshold power, by sport. Unit: W.",
    "eftp",
    style.WATT,
)
FTP_KG = value(
    "eFTP per kg, cycling",
    f"How strong am I for my weight? Threshold power per body weight. Unit: W/kg. {ESTIMATE} (Ride: eftp) "
    "divided by weight, on the newest day on which the weight was measured, not carried over (tempWeight).",
    days('"sportInfo_Ride_eftp" / "weight" AS "eFTP"'),
    look=Look(unit=style.WKG, decimals=2, nothing=NO_POWER),
)
W_PRIME = _estimate(
    "W'",
    "How much can I do above threshold? Newest estimate of the work that can be done above threshold, by sport. "
    "Unit: J.",
    "wPrime",
    style.JOULE,
    decimals=1,
)
P_MAX = _estimate(
    "Pmax",
    "What is my highest power? Newest estimate of the highest power, by sport. Unit: W.",
    "pMax",
    style.WATT,
)
PACE = value(
    "Threshold pace",
    "What is my threshold pace? Threshold pace in force at the newest run and the newest swim of the range. "
    "Unit: minutes:seconds per km, in water per 100 m. Source: activities whose sport ends in Run or Swim. "
    "Formula: 1000 m or 100 m / threshold_pace (m/s).",
    (
        _of(RUNS, '1000000 / "threshold_pace" AS "Run"', '"threshold_pace" > 0'),
        _of(SWIMS, '100000 / "threshold_pace" AS "Swim"', '"threshold_pace" > 0'),
    ),
    look=Look(unit=style.PACE, nothing="No run or swim"),
    named=True,
)


def _dots(title: str, about: str, name: str, query: Query, look: Look) -> Panel:
    """Return single values over time: a dot for each, not a line through them."""
    return lines(title, about, query, look=look, overrides=(override(name, custom=DOTS),))


FTP_COURSE = lines(
    "Threshold power (eFTP)",
    f"Is my threshold power rising? Threshold power by day and sport. Unit: W. {ESTIMATE}: eftp.",
    days("/^sportInfo_.*_eftp$/"),
    look=Look(unit=style.WATT, decimals=0, nothing=NO_POWER),
    transform=(renamed("sportInfo_(.*)_eftp"),),
    overrides=sport_colors(),
)
VO2_COURSE = _dots(
    "VO2max",
    "Is my oxygen uptake rising? Maximal oxygen uptake as the device estimates it. Unit: ml/kg/min. Source: "
    "wellness, field vo2max.",
    "VO2max",
    days('"vo2max" AS "VO2max"'),
    Look(unit=style.VO2, decimals=0, color=style.VO2MAX, nothing="No VO2max in this range"),
)
W_COURSE = lines(
    "W' and Pmax",
    "Is there more above threshold than before? Work capacity above threshold, and the highest power on the "
    f"right, by day. Unit: J; W. {ESTIMATE}: wPrime, pMax.",
    days('"sportInfo_Ride_wPrime" AS "W\'", "sportInfo_Ride_pMax" AS "Pmax"'),
    look=Look(unit=style.JOULE, decimals=2, nothing=NO_POWER),
    overrides=(
        override("W'", color=style.WORK),
        override("Pmax", unit=style.WATT, color=style.POWER_MAX, decimals=0, custom=RIGHT),
    ),
)
RUN_COURSE = lines(
    "Pace of runs",
    "Do I run faster? Pace of each run, and the same adjusted for gradient; faster is higher. Unit: minutes:seconds "
    f"per km. Source: activities whose sport ends in Run, {STEADY_WORDS}. Formula: 1000 m / average_speed, 1000 m / "
    "gap (m/s).",
    _of(
        RUNS,
        '"average_speed" AS "Pace", "gap" AS "Adjusted for gradient", 1000000 / "average_speed" AS "Minutes", '
        '1000000 / "gap" AS "Minutes adjusted"',
        '"average_speed" > 1',
        STEADY,
    ),
    look=Look(unit=style.PACE, nothing="No run in this range"),
    overrides=(
        override("Pace", paces(KILOMETRE), color=style.SPEED, custom={**DOTS, **PACE_DRAWN}),
        override("Adjusted for gradient", paces(KILOMETRE), color=style.SPEED_EVEN, custom={**DOTS, **PACE_DRAWN}),
        override("Minutes", displayName="Pace", color=style.SPEED, custom=PACE_TOLD),
        override("Minutes adjusted", displayName="Adjusted for gradient", color=style.SPEED_EVEN, custom=PACE_TOLD),
    ),
)

EFFICIENCY = _dots(
    "Efficiency",
    f"Does a heartbeat give more power than before? Normalized power per heartbeat of {STEADY_WORDS}: rising "
    "is fitter. Unit: W/bpm. Source: activities, field icu_efficiency_factor.",
    "Efficiency",
    total('"icu_efficiency_factor" AS "Efficiency"', STEADY),
    Look(decimals=2, color=style.POWER, nothing="No power and heart rate in this range"),
)
DECOUPLING = lines(
    "Decoupling",
    "Does my endurance hold to the end? How much power falls (or heart rate rises) in the second half of "
    f"{STEADY_WORDS}: below 5 % is good endurance; only steady efforts say much. Unit: %. Source: activities, "
    "field decoupling.",
    total('"decoupling" AS "Decoupling"', STEADY),
    look=Look(unit=style.PERCENT, decimals=1, bands=style.bands("green", 5, "yellow", 10, "red")),
    areas=True,
    overrides=(override("Decoupling", color="text", custom=DOTS),),
)
RUN_EFFICIENCY = _dots(
    "Running efficiency",
    f"Does a heartbeat carry me further than before? Metres per heartbeat of runs, {STEADY_WORDS}: rising is fitter. "
    "Unit: m per beat. Source: activities whose sport ends in Run. Formula: average_speed * 60 / average_heartrate.",
    "Efficiency",
    _of(RUNS, '"average_speed" * 60 / "average_heartrate" AS "Efficiency"', STEADY),
    Look(decimals=2, color=style.SPEED, nothing="No run with heart rate in this range"),
)
RECOVERY = _dots(
    "Heart rate recovery",
    "Does the heart calm down faster than before? Beats that the heart rate falls in 60 s after the hardest "
    "minute: the more, the fitter. Unit: bpm. Source: activities, field icu_hrr_hrr.",
    "Recovery",
    total('"icu_hrr_hrr" AS "Recovery"'),
    Look(unit=style.BPM, color=style.HEART, nothing="No heart rate recovery in this range"),
)
HEART_POWER = scatter(
    "Power at heart rate",
    "How much power do I give at which heart rate? Each activity as a point: average heart rate across, "
    "average power upwards; higher at the same heart rate is fitter. Unit: bpm; W. Source: activities, fields "
    "average_heartrate, icu_average_watts.",
    activities('"average_heartrate" AS "Heart rate", "icu_average_watts" AS "Power"', '"icu_average_watts" > 0'),
    look=Look(unit=style.WATT, color=style.POWER, nothing="No power and heart rate in this range"),
    overrides=(override("Heart rate", unit=style.BPM, custom={"axisLabel": "Heart rate"}),),
)
HARDEST = grid(
    "Hardest activities",
    "Which activities were the hardest? The ten activities with the greatest load in the range; a click opens "
    "one. Unit: load points. Source: activities, field icu_training_load.",
    activities(
        '"icu_training_load" AS "load", "name", "moving_time", "icu_intensity", "icu_weighted_avg_watts", '
        f'"average_heartrate", {LINKED}'
    ),
    size=(16, 9),
    look=Look(nothing=NO_ACTIVITY),
    transform=(*largest("load", 10), with_end(), ordered("Time", "name", "type", "load", "moving_time")),
    sort="Load",
    overrides=(
        *shown(name=230),
        FOR_LINKS,
        *shown(type=115),
        override("load", displayName="Load", decimals=0),
        *shown(moving_time=0, icu_intensity=0, icu_weighted_avg_watts=0, average_heartrate=0),
    ),
)

BOARD = Board(
    "Performance",
    "Thresholds, efficiency and curves of best values.",
    start="now-1y",
    variables=(
        athlete(),
        sport(),
        chosen(
            "curves", "Curves of", tag_values("hr_curves", "type"), about="Sport of the power and heart rate curves"
        ),
        chosen(
            "paces",
            "Pace curve of",
            f"{tag_values('pace_curves', 'type')} AND {NOT_SWIMS}",
            about="Sport of the pace curve",
        ),
    ),
    rows={
        "Now": (FTP, FTP_KG, W_PRIME, P_MAX, vo2max(), PACE),
        "Thresholds": (FTP_COURSE, VO2_COURSE, W_COURSE, RUN_COURSE),
        "Efficiency": (EFFICIENCY, DECOUPLING, RUN_EFFICIENCY, RECOVERY),
        "Curves and bests": (*CURVES, HARDEST, HEART_POWER),
    },
)
