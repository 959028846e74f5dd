"""How the athlete is today: the newest existing day, with its date."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from grafana.boards.decision import ADVICE, COMING, FITNESS, PLAN, RACE, STATE, THIS_WEEK, WELLNESS
from grafana.boards.shared_panels import LOAD_BY_DAY, RATED, SLEEP, date_of, fitness_and_fatigue, rating_words
from grafana.boards.sync_message import FIRST, sync_message
from grafana.parts import style
from grafana.parts.activity_lists import FOR_LINKS, LINKED, shown
from grafana.parts.board import Board
from grafana.parts.charts import lines
from grafana.parts.links import to_board
from grafana.parts.panels import Look, moment, override, sized, value
from grafana.parts.query import (
    ATHLETE,
    EVER,
    FIT,
    activities,
    days,
    load_by_day,
    newest,
    newest_day,
)
from grafana.parts.tables import grid, last_days, ordered, with_end
from grafana.parts.windows import week_mean

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import Panel

    from grafana.parts.panels import Queries
    from grafana.parts.query import Query

SOURCE = "Source: wellness, newest existing day (today's values arrive during the day)."
SUCCESS = '"success" = true'

DAY = date_of(
    "Day",
    "Which day is this? The athlete's date that this board shows: the newest day that exists. Unit: date, the "
    f"athlete's own. {SOURCE}",
    newest_day('"ctl"'),
    size=(4, 3),
)
SYNCED = moment(
    "Last successful sync",
    "How old is what I see? When the sync service last began a run that stored everything of the chosen athlete. "
    "Unit: time ago (true UTC). Source: sync_athletes, else sync_runs, points with success = true.",
    (
        newest("sync_athletes", "", (), ATHLETE, SUCCESS, EVER, outside=[EVER], mark="success"),
        newest("sync_runs", "", (), SUCCESS, EVER, outside=[EVER], mark="success"),
    ),
    size=(5, 3),
    transform=FIRST,
    look=Look(unit=style.AGO, nothing="No sync service", links=(to_board("Sync health"),)),
)


def _form(title: str, about: str, query: Query, look: Look) -> Panel:
    return value(title, about, query, look=replace(look, links=(FITNESS,)))


FORM_NOW = (
    _form(
        "Form",
        "How rested am I? Form (TSB) = fitness minus fatigue; what it means depends on fitness, see beside it. "
        f"Unit: load points. {SOURCE} Formula: ctl - atl.",
        newest_day('"ctl" - "atl" AS "Form"'),
        Look(decimals=0),
    ),
    _form(
        "Form, % of fitness",
        f"How rested am I for my fitness? Form relative to fitness, from a fitness of 1 on: {style.FORM_WORDS}. "
        f"Unit: %. {SOURCE} Formula: (ctl - atl) / ctl * 100.",
        newest_day('("ctl" - "atl") / "ctl" * 100 AS "Form"', FIT),
        Look(unit=style.PERCENT, decimals=0, bands=style.FORM_BANDS),
    ),
    *fitness_and_fatigue(SOURCE, (3, 4), Look(decimals=0, links=(FITNESS,))),
    _form(
        "Ramp rate",
        "Is fitness growing too fast? How fast fitness grew over the last 7 days. Above 5 is demanding, above 8 risky, "
        f"below -2 fitness fades. Unit: load points a week. {SOURCE} Field: rampRate = ctl today - ctl 7 days ago.",
        newest_day('"rampRate" AS "Ramp rate"'),
        Look(decimals=1, bands=style.RAMP_BANDS),
    ),
)


def _night(title: str, about: str, queries: Queries, look: Look, width: int) -> Panel:
    """Return a value of the night or the morning; several have names."""
    return value(title, about, queries, size=(width, 5), look=look, named=isinstance(queries, tuple))


LAST_NIGHT = (
    _night(
        "Sleep",
        f"How long did I sleep? Hours slept last night. Unit: h. {SOURCE} Formula: sleepSecs / 3600.",
        newest_day('"sleepSecs" / 3600 AS "Sleep"'),
        Look(unit=style.HOURS, decimals=1, links=(WELLNESS,)),
        4,
    ),
    _night(
        "Resting heart rate",
        f"What was my resting heart rate? Unit: bpm. {SOURCE} Field: restingHR; a value "
        "carried over from the settings (tempRestingHR) is left out.",
        newest_day('"restingHR" AS "Resting heart rate"'),
        Look(unit=style.BPM, decimals=0, links=(WELLNESS,)),
        4,
    ),
    _night(
        "HRV",
        "What was my HRV, and lately? Heart rate variability (rMSSD) of the day, and the mean of the last 7 days. "
        f"Unit: ms. {SOURCE} Field: hrv.",
        (newest_day('"hrv" AS "Today"'), week_mean("hrv")),
        Look(unit=style.MS, decimals=0, links=(WELLNESS,)),
        4,
    ),
    _night(
        "Sleep score",
        f"How good was the night, says the device? Score of the night from the device. Unit: 0 to 100. {SOURCE} "
        "Field: sleepScore.",
        newest_day('"sleepScore" AS "Score"'),
        Look(decimals=0, links=(WELLNESS,)),
        2,
    ),
    _night(
        "Sleep quality",
        "How good was the night, say I? The athlete's own rating of the night. Unit: 1 excellent, 2 good, 3 "
        f"average, 4 poor. {SOURCE} Field: sleepQuality.",
        newest_day('"sleepQuality" AS "Quality"'),
        Look(words=style.QUALITY),
        3,
    ),
    _night(
        "Readiness",
        f"Am I ready, says the device? Readiness as the device or app gives it. Unit: its own scale. {SOURCE} "
        "Field: readiness.",
        newest_day('"readiness" AS "Readiness"'),
        Look(decimals=0),
        2,
    ),
    _night(
        "Weight",
        "What do I weigh? Newest measured body weight in the range. Unit: kg. Source: wellness, field weight; "
        "values carried over from the settings (tempWeight) are left out.",
        days('"weight" AS "Weight"'),
        Look(unit=style.KG, decimals=1),
        2,
    ),
    _night(
        "VO2max",
        "How high is my oxygen uptake? Newest estimate of maximal oxygen uptake in the range; devices give one "
        "only now and then. Unit: ml/kg/min. Source: wellness, field vo2max.",
        days('"vo2max" AS "VO2max"'),
        Look(unit=style.VO2, decimals=0),
        3,
    ),
)

FEELING = value(
    "How you feel",
    "How do I feel? The athlete's own ratings of the day. Unit: words; fatigue, soreness and stress 0 none to "
    f"4 extreme, mood and motivation 1 excellent to 4 poor. {SOURCE}",
    newest_day(", ".join(f'"{field}" AS "{name}"' for field, name in RATED.items() if field != "sleepQuality")),
    size=(14, 6),
    look=Look(words=style.STRAIN),
    named=True,
    overrides=rating_words("Mood", "Motivation"),
)
BODY = value(
    "Body",
    "Is anything of the body unusual? Vital signs of the day. Unit: steps, % blood oxygen, breaths a minute, "
    f"kcal eaten. {SOURCE} Fields: steps, spO2, respiration, kcalConsumed.",
    newest_day(
        '"steps" AS "Steps", "spO2" AS "Blood oxygen", "respiration" AS "Respiration", "kcalConsumed" AS "Eaten"'
    ),
    size=(10, 6),
    look=Look(decimals=0),
    named=True,
    overrides=(
        override("Blood oxygen", unit=style.PERCENT),
        override("Respiration", unit=style.BREATHS),
        override("Eaten", unit=style.KCAL),
    ),
)
LOAD = tuple(
    value(
        f"Load, {span} days",
        f"How much was it lately? Training load of the newest {span} days. Unit: load points. Source: activities, sums "
        "of icu_training_load by day, chosen sports, on the newest existing days of wellness; added up by Grafana.",
        load_by_day(span),
        size=(3, 4),
        look=Look(decimals=0, links=(to_board("Training"),)),
        calculation="sum",
        transform=last_days(span),
    )
    for span in (7, 28)
)
LATEST = grid(
    "Latest activities",
    "What did I do last? The newest activities of the range; a click on the name opens the activity. Unit: as "
    "marked. Source: activities.",
    activities(
        '"name", "moving_time", "icu_distance" / 1000 AS "km", "icu_training_load", "average_heartrate", '
        f'"icu_intensity", {LINKED}',
        tail="ORDER BY time DESC LIMIT 8",
    ),
    size=(15, 9),
    look=Look(nothing="No activity in this range"),
    transform=(with_end(), ordered("Time", "name", "type", "moving_time", "km", "icu_training_load")),
    overrides=(
        *shown(name=210, type=115, moving_time=0),
        override("km", displayName="Distance", unit=style.KM, decimals=1),
        *shown(icu_training_load=0, average_heartrate=0, icu_intensity=0),
        FOR_LINKS,
    ),
)
FORM_COURSE = lines(
    "Form, % of fitness",
    f"When was I fresh, when tired? Form relative to fitness by day over its bands: {style.FORM_WORDS}. Unit: "
    "%. Source: wellness. Formula: (ctl - atl) / ctl * 100.",
    days('("ctl" - "atl") / "ctl" * 100 AS "Form, %"', FIT),
    size=(8, 9),
    look=Look(unit=style.PERCENT, decimals=0, bands=style.FORM_BANDS),
    areas=True,
    soft=(-35, 25),
)

BOARD = Board(
    "Today",
    "How the athlete is today: form, sleep, heart, feeling, and the latest activities.",
    start="now-28d",
    rows={
        "Sync": (SYNCED, sync_message(size=(19, 3), of_athlete=True)),
        "Today": (ADVICE, *STATE, DAY, PLAN, THIS_WEEK, *RACE),
        "Form and load": (*FORM_NOW, *LOAD),
        "Last night": LAST_NIGHT,
        "Body and mind": (FEELING, BODY),
        "Activities": (LATEST, COMING),
        "The last weeks": (FORM_COURSE, sized(LOAD_BY_DAY, 8, 9), sized(SLEEP, 8, 9)),
    },
)
