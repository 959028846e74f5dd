"""Curves of best values: power and heart rate over durations, pace over distances."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grafana.parts import style
from grafana.parts.charts import curve
from grafana.parts.panels import Look, mapped
from grafana.parts.query import Query, select
from grafana.parts.style import PERIODS, Words
from grafana.parts.tables import binary, matrix, numeric, ordered, step
from grafana.parts.time_series import KILOMETRE

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import Panel

SWIMS, NOT_SWIMS = '"type" =~ /Swim$/', '"type" !~ /Swim$/'
PACE_OF = "\"type\" = '${paces:raw}'"


def _missing(stream: str) -> str:
    """Say how to get a stream that is not read by default."""
    return f'Nothing of this sport, or not synced: add "{stream}.*" to select: of tap-intervals-icu in meltano.yml'


def _duration(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    if not minutes:
        return f"{rest} s"
    return f"{minutes}:{rest:02d}" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"  # noqa: PLR2004 - an hour


TICKS: Words = {
    str(digit * 10**power): (_duration(digit * 10**power), "text") for power in range(5) for digit in range(1, 10)
}
"""Where a logarithmic axis has its ticks, in seconds; Grafana's own words would round 1000 s to 17 mins."""
SNAPSHOTS = (
    ("\"id\" != 's1'", "time > now() - 8d AND time < now() + 2d"),
    ("\"id\" = 's1'", "time > now() - 368d AND time < now() + 2d"),
)
"""Points stand at the end of their period: today for those that go on, the last day of the season for s1.

Where InfluxDB can delete, a curve replaces its predecessor. Where it can't (3), the bounds keep old ones out.
"""
PERIODS_WORDS = (
    "a line per period, as of the newest sync, 8 days ago at most; where two periods have the same best, the shorter "
    "one lies on the longer, and is narrower"
)


def _best(stream: str, x: str, value: str, *where: str) -> tuple[Query, ...]:
    """Best values over durations or distances: a table with `id` of the period, `x` and `best`."""
    tail = f'GROUP BY "id", "{x}"'
    return tuple(
        Query(select(stream, f'{value} AS "best"', *where, period, when, tail=tail), table=True)
        for period, when in SNAPSHOTS
    )


def _over_time(title: str, question: str, stream: str, look: Look) -> Panel:
    return curve(
        f"{title}: ${{curves}}",
        f"{question} Best values over durations, {PERIODS_WORDS}. Choose the sport above. Unit: of the axes. Source: "
        f"{stream}, field value; an optional stream of the tap.",
        _best(stream, "secs", 'last("value")', "\"type\" = '${curves:raw}'"),
        x="secs\\id",
        x_look={"unit": style.SECONDS, "mappings": mapped(TICKS)},
        look=look,
        transform=[step("merge"), *matrix("secs", "id", "best"), ordered("secs\\id", *PERIODS)],
    )


def _over_distance(title: str, metres: int, sports: str, choice: str) -> Panel:
    unit = "km" if metres == KILOMETRE else f"{metres} m"
    return curve(
        title,
        f"Am I faster than before, over which distance? Best pace over distances, {PERIODS_WORDS}; faster is higher. "
        f"{choice}Unit: minutes:seconds per {unit}; m or km. Source: pace_curves; an optional stream of the tap. "
        f"Formula: {metres} m * value (s) / distance.",
        _best("pace_curves", "distance", 'last("value")', sports),
        x="distance\\id",
        x_look={"unit": "lengthm"},
        look=Look(unit=style.PACE, nothing=_missing("pace_curves")),
        pace=metres,
        transform=[
            step("merge"),
            numeric("distance"),
            binary("distance", "/", "best", "speed"),
            *matrix("distance", "id", "speed"),
            ordered("distance\\id", *PERIODS),
            *(binary(str(metres * 1000), "/", code, f"{code} pace") for code in PERIODS),
        ],
    )


CURVES = (
    _over_time(
        "Power curve",
        "How much power can I hold, for how long?",
        "power_curves",
        Look(unit=style.WATT, decimals=0, nothing=_missing("power_curves")),
    ),
    _over_time(
        "Heart rate curve",
        "How high a heart rate can I hold, for how long?",
        "hr_curves",
        Look(unit=style.BPM, decimals=0, nothing=_missing("hr_curves")),
    ),
    _over_distance("Pace curve: ${paces}", KILOMETRE, PACE_OF, "Choose the sport above. "),
    _over_distance("Pace curve of swims", 100, SWIMS, ""),
)
