"""Panels that several boards show: declared once, `sized` where a board has another place for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grafana.parts import style
from grafana.parts.panels import Look, mapped, moment, override, value
from grafana.parts.query import by_sport, days, newest_day, total
from grafana.parts.time_series import RIGHT, bars, sport_colors

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import DashboardFieldConfigSourceOverrides as Override
    from grafana_foundation_sdk.models.dashboard import Panel

    from grafana.parts.query import Query
    from grafana.parts.volumes import Volume


NO_ACTIVITY = "No activity in this range"
"""Shown in place of panels about activities."""


def date_of(title: str, about: str, query: Query) -> Panel:
    """Return the date of the newest day, the athlete's own."""
    return moment(title, about, query, look=Look(unit=style.DAY, nothing="No wellness data yet"))


NEWEST_DAY = date_of(
    "Newest day",
    "Of which day are these values? The athlete's date that the values beside it are of. Unit: date, the "
    "athlete's own. Source: wellness, newest existing day.",
    newest_day('"ctl"'),
)


def vo2max(note: str = "") -> Panel:
    """Return the newest estimate; `note` goes on with the sentence that says so."""
    return value(
        "VO2max",
        f"How high is my oxygen uptake? Newest estimate of maximal oxygen uptake in the range{note}. Unit: ml/kg/min. "
        "Source: wellness, field vo2max.",
        days('"vo2max" AS "VO2max"'),
        look=Look(unit=style.VO2, decimals=0),
    )


SLEEP = bars(
    "Sleep",
    "Do I sleep enough, night by night? Hours slept; the device's score on the right. The board Wellness says "
    "whether that is normal for you. Unit: h; 0 to 100. Source: wellness, sleepSecs / 3600 and sleepScore.",
    (days('"sleepSecs" / 3600 AS "Hours slept"'), days('"sleepScore" AS "Score"')),
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
LOAD_BY_DAY = bars(
    "Load by day",
    "Which days were big, and in which sport? Training load of each day, stacked by sport. Unit: load points. "
    "Source: activities, sum of icu_training_load.",
    by_sport('sum("icu_training_load")', "time(1d)"),
    look=Look(decimals=0, nothing=NO_ACTIVITY),
    overrides=sport_colors(),
)

MEANS = (("Fitness", "CTL", "How fit am I?", 42), ("Fatigue", "ATL", "How tired am I?", 7))


def fitness_and_fatigue(source: str, look: Look) -> tuple[Panel, ...]:
    """Return both of the newest existing day."""
    return tuple(
        value(
            name,
            f"{question} {name} ({short}), the {span}-day weighted mean of daily load. Unit: load points a day. "
            f"{source} Field: {short.lower()}.",
            newest_day(f'"{short.lower()}" AS "{name}"'),
            look=look,
        )
        for name, short, question, span in MEANS
    )


RATED = {
    "fatigue": "Fatigue",
    "soreness": "Soreness",
    "stress": "Stress",
    "mood": "Mood",
    "motivation": "Motivation",
    "sleepQuality": "Sleep quality",
    "injury": "Injury",
    "hydration": "Hydration",
}
"""The athlete's own ratings: fields of wellness, and what they are called."""


def rating_words(*excellent_to_poor: str) -> tuple[Override, ...]:
    """Return the words of those ratings that do not go from none to extreme."""
    return (
        override(f"^({'|'.join(excellent_to_poor)})$", pattern=True, mappings=mapped(style.QUALITY)),
        override("Injury", mappings=mapped(style.INJURY)),
        override("Hydration", mappings=mapped(style.HYDRATION)),
    )


def count(question: str, scope: str, *where: str) -> Panel:
    """Return how many activities there are; `scope` says of which, as `where` does."""
    return value(
        "Activities",
        f"{question} Unit: count. {scope}.",
        total('count("elapsed_time") AS "Activities"', *where),
        look=Look(decimals=0),
    )


def amount(volume: Volume, question: str, scope: str, *where: str, decimals: int = 0) -> Panel:
    """Return what they add up to."""
    return value(
        volume.name,
        f"{question} {volume.what}. Unit: {volume.unit_in_words}. {scope}, {volume.source}.",
        total(f'{volume.column} AS "{volume.name}"', *where),
        look=Look(unit=volume.unit, decimals=decimals),
    )
