"""What the athlete can do: thresholds, efficiency, curves of best values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grafana.parts import style
from grafana.parts.board import Board, athlete, chosen, row, sport, tag_values
from grafana.parts.charts import POINTS, RIGHT, lines
from grafana.parts.figures import curve, scatter
from grafana.parts.panels import Look, override, value
from grafana.parts.query import RANGE, Query, activities, days, select, total
from grafana.parts.tables import (
    HIDDEN,
    binary,
    grid,
    largest,
    matrix,
    numeric,
    ordered,
    renamed,
    step,
    to_activity,
    with_end,
)

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import Panel

RUNS, SWIMS, NOT_SWIMS = '"type" =~ /Run$/', '"type" =~ /Swim$/', '"type" !~ /Swim$/'
PACE_OF = "\"type\" = '${paces:raw}'"
STEADY = '"moving_time" >= 1200'
STEADY_WORDS = "activities of 20 minutes and more"
DOTS: dict[str, object] = {**POINTS, "pointSize": 5}
ESTIMATE = "Source: wellness, rolling estimates of Intervals.icu per sport, sportInfo"


def _missing(stream: str) -> str:
    """Say how to get a stream that is not read by default."""
    return f'Nothing of this sport, or not synced: add "{stream}.*" to select: of tap-intervals-icu in meltano.yml'


FTP = value(
    "eFTP",
    f"Newest estimate of the functional threshold power, by sport. Unit: W. {ESTIMATE}: eftp.",
    days("/^sportInfo_.*_eftp$/"),
    size=(4, 4),
    look=Look(unit=style.WATT, decimals=0, color=style.POWER, nothing="No power data"),
    named=True,
    transform=(renamed("sportInfo_(.*)_eftp"),),
)
FTP_KG = value(
    "eFTP per kg, cycling",
    f"Threshold power per body weight. Unit: W/kg. {ESTIMATE} (Ride: eftp) divided by weight, on the newest day on "
    "which the weight was measured, not carried over (tempWeight).",
    days('"sportInfo_Ride_eftp" / "weight" AS "eFTP"'),
    size=(4, 4),
    look=Look(unit=style.WKG, decimals=2, color=style.POWER, nothing="No power data"),
)
W_PRIME = value(
    "W'",
    f"Newest estimate of the work that can be done above threshold, by sport. Unit: J. {ESTIMATE}: wPrime.",
    days("/^sportInfo_.*_wPrime$/"),
    size=(4, 4),
    look=Look(unit=style.JOULE, decimals=1, color="light-orange", nothing="No power data"),
    named=True,
    transform=(renamed("sportInfo_(.*)_wPrime"),),
)
P_MAX = value(
    "Pmax",
    f"Newest estimate of the highest power, by sport. Unit: W. {ESTIMATE}: pMax.",
    days("/^sportInfo_.*_pMax$/"),
    size=(4, 4),
    look=Look(unit=style.WATT, decimals=0, color="dark-orange", nothing="No power data"),
    named=True,
    transform=(renamed("sportInfo_(.*)_pMax"),),
)
VO2 = value(
    "VO2max",
    "Newest estimate of maximal oxygen uptake in the range. Unit: ml/kg/min. Source: wellness, field vo2max.",
    days('"vo2max" AS "VO2max"'),
    size=(4, 4),
    look=Look(unit=style.VO2, decimals=0, color="green"),
)
PACE = value(
    "Threshold pace",
    "Threshold pace in force at the newest run and the newest swim of the range. Unit: minutes:seconds per km, in "
    "water per 100 m. Source: activities whose sport ends in Run or Swim. Formula: 1000 m or 100 m / threshold_pace "
    "(m/s).",
    (
        Query(select("activities", '1000000 / "threshold_pace" AS "Run"', RUNS, '"threshold_pace" > 0', RANGE)),
        Query(select("activities", '100000 / "threshold_pace" AS "Swim"', SWIMS, '"threshold_pace" > 0', RANGE)),
    ),
    size=(4, 4),
    look=Look(unit=style.PACE, color=style.SPEED, nothing="No run or swim"),
    named=True,
)

FTP_COURSE = lines(
    "Threshold power (eFTP)",
    f"Threshold power by day and sport. Unit: W. {ESTIMATE}: eftp.",
    days("/^sportInfo_.*_eftp$/"),
    look=Look(unit=style.WATT, decimals=0, nothing="No power data"),
    transform=(renamed("sportInfo_(.*)_eftp"),),
    overrides=(override("Ride", color=style.POWER), override("Run", color=style.SPEED)),
)
VO2_COURSE = lines(
    "VO2max",
    "Maximal oxygen uptake as the device estimates it. Unit: ml/kg/min. Source: wellness, field vo2max.",
    days('"vo2max" AS "VO2max"'),
    look=Look(unit=style.VO2, decimals=0, color="green", nothing="No VO2max in this range"),
)
W_COURSE = lines(
    "W' and Pmax",
    f"Work capacity above threshold, and the highest power on the right, by day. Unit: J; W. {ESTIMATE}: wPrime, pMax.",
    days('"sportInfo_Ride_wPrime" AS "W\'", "sportInfo_Ride_pMax" AS "Pmax"'),
    look=Look(unit=style.JOULE, decimals=2, nothing="No power data"),
    overrides=(
        override("W'", color="light-orange"),
        override("Pmax", unit=style.WATT, color="dark-orange", decimals=0, custom=RIGHT),
    ),
)
RUN_COURSE = lines(
    "Pace of runs",
    "Pace of each run, and the same adjusted for gradient. Unit: minutes:seconds per km. Source: activities whose "
    "sport ends "
    f"in Run, {STEADY_WORDS}. Formula: 1000 m / average_speed, 1000 m / gap (m/s).",
    Query(
        select(
            "activities",
            '1000000 / "average_speed" AS "Pace", 1000000 / "gap" AS "Adjusted for gradient"',
            RUNS,
            '"average_speed" > 1',
            STEADY,
            RANGE,
        )
    ),
    look=Look(unit=style.PACE, nothing="No run in this range"),
    overrides=(
        override("Pace", color=style.SPEED, custom=DOTS),
        override("Adjusted for gradient", color="orange", custom=DOTS),
    ),
)

EFFICIENCY = lines(
    "Efficiency",
    f"Normalized power per heartbeat of {STEADY_WORDS}: rising is fitter. Unit: W/bpm. "
    "Source: activities, field icu_efficiency_factor.",
    total('"icu_efficiency_factor" AS "Efficiency"', STEADY),
    look=Look(decimals=2, color=style.POWER, nothing="No power and heart rate in this range"),
    overrides=(override("Efficiency", custom=DOTS),),
)
DECOUPLING = lines(
    "Decoupling",
    f"How much power falls (or heart rate rises) in the second half of {STEADY_WORDS}: below 5 % is good endurance; "
    "only "
    "steady efforts say much. Unit: %. Source: activities, field decoupling.",
    total('"decoupling" AS "Decoupling"', STEADY),
    look=Look(unit=style.PERCENT, decimals=1, bands=style.bands("green", 5, "yellow", 10, "red")),
    areas=True,
    overrides=(override("Decoupling", color="text", custom=DOTS),),
)
RUN_EFFICIENCY = lines(
    "Running efficiency",
    f"Metres per heartbeat of runs, {STEADY_WORDS}: rising is fitter. Unit: m per beat. Source: activities whose "
    "sport ends in "
    "Run. Formula: average_speed * 60 / average_heartrate.",
    Query(
        select(
            "activities",
            '"average_speed" * 60 / "average_heartrate" AS "Efficiency"',
            RUNS,
            STEADY,
            RANGE,
        )
    ),
    look=Look(decimals=2, color=style.SPEED, nothing="No run with heart rate in this range"),
    overrides=(override("Efficiency", custom=DOTS),),
)
RECOVERY = lines(
    "Heart rate recovery",
    "Beats that the heart rate falls in 60 s after the hardest minute: the more, the fitter. Unit: bpm. "
    "Source: activities, field icu_hrr_hrr.",
    total('"icu_hrr_hrr" AS "Recovery"'),
    look=Look(unit=style.BPM, color=style.HEART, nothing="No heart rate recovery in this range"),
    overrides=(override("Recovery", custom=DOTS),),
)


SNAPSHOTS = (
    ("\"id\" != 's1'", "time > now() - 8d AND time < now() + 2d"),
    ("\"id\" = 's1'", "time > now() - 368d AND time < now() + 2d"),
)
"""Points stand at the end of their period: today for those that go on, the last day of the season for s1.

Where InfluxDB can delete, a curve replaces its predecessor. Where it can't (3), the bounds keep old ones out.
"""
PERIODS_WORDS = (
    "a line per period: 42d the last 42 days, 1y a year, s0 this season, s1 the last, all time, as they stood at the "
    "newest sync of the last 8 days"
)


def _best(stream: str, x: str, value: str, *where: str) -> tuple[Query, ...]:
    """Best values over durations or distances: a table with `id` of the period, `x` and `best`."""
    tail = f'GROUP BY "id", "{x}"'
    return tuple(
        Query(select(stream, f'{value} AS "best"', *where, period, when, tail=tail), table=True)
        for period, when in SNAPSHOTS
    )


def _over_time(title: str, stream: str, look: Look) -> Panel:
    return curve(
        f"{title}: ${{curves}}",
        f"{title}: best values over durations, {PERIODS_WORDS}. Choose the sport above. Unit: of the axes. Source: "
        f"{stream}, field value; an optional stream of the tap.",
        _best(stream, "secs", 'last("value")', "\"type\" = '${curves:raw}'"),
        x="secs\\id",
        x_look={"unit": style.SECONDS},
        look=look,
        transform=[step("merge"), *matrix("secs", "id", "best")],
    )


CURVES = (
    _over_time("Power curve", "power_curves", Look(unit=style.WATT, decimals=0, nothing=_missing("power_curves"))),
    _over_time("Heart rate curve", "hr_curves", Look(unit=style.BPM, decimals=0, nothing=_missing("hr_curves"))),
    curve(
        "Pace curve: ${paces}",
        f"Best pace over distances, {PERIODS_WORDS}. Choose the sport above. Unit: minutes:seconds per km, in water "
        "per 100 m; m or km. Source: pace_curves; an optional stream of the tap. Formula: value (s) / distance.",
        (
            *_best("pace_curves", "distance", 'last("value") * 1000000', PACE_OF, NOT_SWIMS),
            *_best("pace_curves", "distance", 'last("value") * 100000', PACE_OF, SWIMS),
        ),
        x="distance\\id",
        x_look={"unit": "lengthm"},
        look=Look(unit=style.PACE, nothing=_missing("pace_curves")),
        transform=[
            step("merge"),
            numeric("distance"),
            binary("best", "/", "distance", "pace"),
            *matrix("distance", "id", "pace"),
        ],
    ),
)
HEART_POWER = scatter(
    "Power at heart rate",
    "Each activity as a point: average heart rate across, average power upwards; higher at the same heart rate is "
    "fitter. "
    "Unit: bpm; W. Source: activities, fields average_heartrate, icu_average_watts.",
    activities('"average_heartrate" AS "Heart rate", "icu_average_watts" AS "Power"', '"icu_average_watts" > 0'),
    look=Look(unit=style.WATT, color=style.POWER, nothing="No power and heart rate in this range"),
    overrides=(override("Heart rate", unit=style.BPM, custom={"axisLabel": "Heart rate"}),),
)
HARDEST = grid(
    "Hardest activities",
    "The ten activities with the greatest load in the range; a click opens one. Unit: load points. "
    "Source: activities, field icu_training_load.",
    activities(
        '"icu_training_load" AS "load", "name", "moving_time", "icu_intensity", "icu_weighted_avg_watts", '
        '"average_heartrate", "elapsed_time" * 1000 AS "duration_ms", "id", "type"'
    ),
    size=(16, 9),
    look=Look(nothing="No activity in this range"),
    transform=(*largest("load", 10), with_end(), ordered("Time", "name", "type", "load", "moving_time")),
    sort="Load",
    overrides=(
        override("name", displayName="Activity", links=[to_activity()], custom={"width": 230}),
        override("^(id|end|duration_ms)$", pattern=True, custom=HIDDEN),
        override("type", displayName="Sport", custom={"width": 115}),
        override("load", displayName="Load", decimals=0),
        override("moving_time", displayName="Moving", unit=style.HMS),
        override("icu_intensity", displayName="Intensity", unit=style.PERCENT, decimals=0),
        override("icu_weighted_avg_watts", displayName="Normalized", unit=style.WATT, decimals=0),
        override("average_heartrate", displayName="Heart rate", unit=style.BPM),
    ),
)

BOARD = Board(
    uid="intervals-performance",
    title="Performance",
    about="Thresholds, efficiency and curves of best values.",
    start="now-1y",
    variables=(
        athlete(),
        sport(),
        chosen(
            "curves", "Curves of", tag_values("hr_curves", "type"), about="Sport of the power and heart rate curves"
        ),
        chosen("paces", "Pace curve of", tag_values("pace_curves", "type"), about="Sport of the pace curve"),
    ),
    rows=(
        row("Now", FTP, FTP_KG, W_PRIME, P_MAX, VO2, PACE),
        row("Thresholds", FTP_COURSE, VO2_COURSE, W_COURSE, RUN_COURSE),
        row("Efficiency", EFFICIENCY, DECOUPLING, RUN_EFFICIENCY, RECOVERY),
        row("Curves and bests", *CURVES, HARDEST, HEART_POWER),
    ),
)
