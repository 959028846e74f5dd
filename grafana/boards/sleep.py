"""Sleep by night: hours in three colours and the device's score, on two boards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grafana.parts import style
from grafana.parts.charts import RIGHT, bars
from grafana.parts.panels import Look, override
from grafana.parts.query import RANGE, days

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import Panel

    from grafana.parts.query import Query

DAILY = "GROUP BY time(1d) fill(null)"
GRADES = {
    "Below 6 h": ('"sleepSecs" < 21600', "red"),
    "6 to 7 h": ('"sleepSecs" >= 21600 AND "sleepSecs" < 25200', "yellow"),
    "7 h and more": ('"sleepSecs" >= 25200', "green"),
}


def sleep(size: tuple[int, int] = (12, 8)) -> Panel:
    """Bars coloured by their own height: a series per colour, as time series colour a whole series."""
    return bars(
        "Sleep",
        "Hours slept by night: red below 6, yellow to 7, green above; the device's score on the right. Unit: h; 0 to "
        "100. "
        "Source: wellness, sleepSecs / 3600 and sleepScore.",
        (*(_grade(name, limits) for name, (limits, _) in GRADES.items()), days('"sleepScore" AS "Score"')),
        size=size,
        look=Look(unit=style.HOURS, decimals=1, minimum=0, nothing="No sleep in this range"),
        stacked=False,
        overrides=(
            *(override(name, color=color) for name, (_, color) in GRADES.items()),
            override(
                "Score",
                unit="none",
                decimals=0,
                color="light-purple",
                max=100,
                custom={"drawStyle": "line", "lineWidth": 2, "fillOpacity": 0, "spanNulls": True, **RIGHT},
            ),
        ),
    )


def _grade(name: str, limits: str) -> Query:
    """One colour's nights; nulls for the others, as a bar is as wide as its series' points are apart."""
    return days(f'mean("sleepSecs") / 3600 AS "{name}"', when=f"{limits} AND {RANGE}", tail=DAILY)
