# ruff: noqa: PLR0913 - a panel has many options; they go by name
"""What the athlete can do: thresholds, efficiency, curves of best values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grafana.parts import style
from grafana.parts.board import Board, athlete, row, sport
from grafana.parts.charts import POINTS, RIGHT, lines
from grafana.parts.figures import curve, scatter
from grafana.parts.panels import Look, override, value
from grafana.parts.query import EVER, Query, activities, days, select, total
from grafana.parts.tables import HIDDEN, grid, largest, matrix, ordered, renamed, to_activity, with_end

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import Panel

STEADY = '"moving_time" >= 1200'
STEADY_WORDS = "activities of 20 minutes and more"
DOTS: dict[str, object] = {**POINTS, "pointSize": 5}
ESTIMATE = "Source: wellness, rolling estimates of Intervals.icu per sport, sportInfo"


def _missing(stream: str) -> str:
    """Say how to get a stream that is not read by default."""
    return f'Not synced. Add "{stream}.*" to select: of tap-intervals-icu in meltano.yml'


FTP = value(
    "eFTP, cycling",
    f"Newest estimate of the functional threshold power. Unit: W. {ESTIMATE} (Ride: eftp).",
    days('"sportInfo_Ride_eftp" AS "eFTP"'),
    size=(4, 4),
    look=Look(unit=style.WATT, decimals=0, color=style.POWER, nothing="No power data"),
)
FTP_KG = value(
    "eFTP per kg",
    f"Threshold power per body weight. Unit: W/kg. {ESTIMATE} (Ride: eftp) divided by weight of the same day.",
    days('"sportInfo_Ride_eftp" / "weight" AS "eFTP"'),
    size=(4, 4),
    look=Look(unit=style.WKG, decimals=2, color=style.POWER, nothing="No power data"),
)
W_PRIME = value(
    "W', cycling",
    f"Newest estimate of the work that can be done above threshold. Unit: J. {ESTIMATE} (Ride: wPrime).",
    days('"sportInfo_Ride_wPrime" AS "W\'"'),
    size=(4, 4),
    look=Look(unit=style.JOULE, decimals=1, color="light-orange", nothing="No power data"),
)
P_MAX = value(
    "Pmax, cycling",
    f"Newest estimate of the highest power. Unit: W. {ESTIMATE} (Ride: pMax).",
    days('"sportInfo_Ride_pMax" AS "Pmax"'),
    size=(4, 4),
    look=Look(unit=style.WATT, decimals=0, color="dark-orange", nothing="No power data"),
)
VO2 = value(
    "VO2max",
    "Newest estimate of maximal oxygen uptake in the range. Unit: ml/kg/min. Source: wellness, field vo2max.",
    days('"vo2max" AS "VO2max"'),
    size=(4, 4),
    look=Look(unit=style.VO2, decimals=0, color="green"),
)
PACE = value(
    "Threshold pace, running",
    "Threshold pace in force at the newest run of the range. Unit: minutes:seconds per km. "
    "Source: activities whose sport ends in Run. Formula: 1000 m / threshold_pace (m/s).",
    Query(select("activities", '1000000 / "threshold_pace" AS "Pace"', '"type" =~ /Run$/', "$timeFilter"), table=False),
    size=(4, 4),
    look=Look(unit=style.PACE, color=style.SPEED, nothing="No run"),
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
            '"type" =~ /Run$/',
            '"average_speed" > 1',
            STEADY,
            "$timeFilter",
        )
    ),
    look=Look(unit=style.PACE, nothing="No run in this range"),
    overrides=(
        override("Pace", color=style.SPEED, custom=DOTS),
        override("Adjusted for gradient", color="light-blue", custom=DOTS),
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
            '"type" =~ /Run$/',
            STEADY,
            "$timeFilter",
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


def _best(
    title: str, stream: str, sport: str, x: str, x_look: dict[str, object], *, look: Look, log: bool = False
) -> Panel:
    """Best values over durations or distances, a line per period."""
    query = select(stream, 'last("value") AS "best"', f"\"type\" = '{sport}'", EVER, tail=f'GROUP BY "id", "{x}"')
    return curve(
        title,
        f"Best values of {sport} by {x}, a line per period: 42d the last 42 days, 1y a year, s0 this season, s1 the "
        "last, all "
        f"time. Unit: of the axes. Source: {stream}, field value; an optional stream of the tap.",
        Query(query, table=True),
        x=f"{x}\\id",
        x_look=x_look,
        look=look,
        transform=matrix(x, "id", "best"),
        log=log,
    )


SECONDS: dict[str, object] = {"unit": style.SECONDS}
CURVES = (
    _best(
        "Power curve, cycling",
        "power_curves",
        "Ride",
        "secs",
        SECONDS,
        look=Look(unit=style.WATT, decimals=0, nothing=_missing("power_curves")),
    ),
    _best(
        "Heart rate curve, cycling",
        "hr_curves",
        "Ride",
        "secs",
        SECONDS,
        look=Look(unit=style.BPM, decimals=0, nothing=_missing("hr_curves")),
    ),
    _best(
        "Pace curve, running",
        "pace_curves",
        "Run",
        "distance",
        {"unit": style.METRES},
        look=Look(unit=style.HMS, nothing=_missing("pace_curves")),
        log=True,
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
        override("type", displayName="Sport"),
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
    variables=(athlete(), sport()),
    rows=(
        row("Now", FTP, FTP_KG, W_PRIME, P_MAX, VO2, PACE),
        row("Thresholds", FTP_COURSE, VO2_COURSE, W_COURSE, RUN_COURSE),
        row("Efficiency", EFFICIENCY, DECOUPLING, RUN_EFFICIENCY, RECOVERY),
        row("Curves and bests", *CURVES, HARDEST, HEART_POWER),
    ),
)
