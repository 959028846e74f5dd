"""Sleep by night: hours and the device's score, on two boards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grafana.parts import style
from grafana.parts.charts import RIGHT, bars
from grafana.parts.panels import Look, override
from grafana.parts.query import days

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import Panel


def sleep(size: tuple[int, int] = (12, 8)) -> Panel:
    """Bars of hours, the score as a line on the right."""
    return bars(
        "Sleep",
        "Do I sleep enough, night by night? Hours slept; the device's score on the right. The board Wellness says "
        "whether that is normal for you. Unit: h; 0 to 100. Source: wellness, sleepSecs / 3600 and sleepScore.",
        (days('"sleepSecs" / 3600 AS "Hours slept"'), days('"sleepScore" AS "Score"')),
        size=size,
        look=Look(unit=style.HOURS, decimals=1, minimum=0, nothing="No sleep in this range"),
        stacked=False,
        overrides=(
            override("Hours slept", color=style.SLEEP),
            override(
                "Score",
                unit="none",
                decimals=0,
                color=style.SCORE,
                max=100,
                custom={"drawStyle": "line", "lineWidth": 2, "fillOpacity": 0, "spanNulls": True, **RIGHT},
            ),
        ),
    )
