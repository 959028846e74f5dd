"""Where the last 7 days lie against the athlete's own normal range: the word, and the course, on several boards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grafana.parts import style
from grafana.parts.normal_range import RULE, UNKNOWN, Measure, course, newest
from grafana.parts.panels import Look, override, value
from grafana.parts.query import CARRIED, days
from grafana.parts.time_series import POINTS, lines

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import Panel

EDGE: dict[str, object] = {"lineWidth": 0, "hideFrom": {"legend": True, "tooltip": False, "viz": False}}
LOW, HIGH, WEEK = "Normal, low", "Normal, high", "7 days"


def _source(measure: Measure) -> str:
    flag = CARRIED.get(measure.field)
    carried = f"; values carried over from the settings ({flag}) are left out" if flag else ""
    return (
        f"Source: wellness, newest existing day, field {measure.field}{carried}. Formula: of {measure.formula}, {RULE}."
    )


def verdict(measure: Measure) -> Panel:
    """Below, within or above normal, and the mean of the 7 days."""
    unit = measure.unit if measure.unit != style.NUMBER else "0 to 100"
    return value(
        f"{measure.name}, normal?",
        f"Is {measure.spoken} as usual for this athlete? Below, within or above the normal range of the last weeks; no "
        f"medical advice. Unit: words; {unit.removeprefix('suffix:')}. {_source(measure)}",
        newest(measure, measure.name, WEEK),
        look=Look(unit=measure.unit, decimals=measure.decimals, color="text", nothing=UNKNOWN),
        named=True,
        overrides=(override(measure.name, unit=style.NUMBER, mappings=measure.mappings),),
    )


def normal_course(measure: Measure, daily: str, color: str, dark: str) -> Panel:
    """Single days as dots, the mean of 7 days as a line, the normal range as a band."""
    unit = measure.unit if measure.unit != style.NUMBER else "0 to 100"
    return lines(
        measure.name,
        f"Is {measure.spoken} as usual, and where is it going? By day, with the mean of 7 days over the normal range. "
        f"Unit: {unit.removeprefix('suffix:')}. {_source(measure)}",
        (days(f'{daily} AS "{measure.name}"'), course(measure, WEEK, LOW, HIGH)),
        look=Look(unit=measure.unit, decimals=measure.decimals),
        overrides=(
            override(measure.name, color=color, custom=POINTS),
            override(WEEK, color=dark),
            override(LOW, color=style.GREY, custom=EDGE),
            override(HIGH, color=style.GREY, custom={**EDGE, "fillBelowTo": LOW, "fillOpacity": 25}),
        ),
    )
