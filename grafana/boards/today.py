"""How the athlete is today: the newest existing day, with its date."""

from __future__ import annotations

from grafana.boards.decision import ADVICE, COMING, FITNESS, PLAN, RACE, STATE, THIS_WEEK, WELLNESS
from grafana.boards.shared_panels import (
    LOAD_BY_DAY,
    NO_ACTIVITY,
    RATED,
    SLEEP,
    date_of,
    fitness_and_fatigue,
    rating_words,
    vo2max,
)
from grafana.boards.sync_message import FIRST, sync_message
from grafana.parts import style
from grafana.parts.activity_lists import FOR_LINKS, LINKED, shown
from grafana.parts.board import Board, line
from grafana.parts.links import to_board
from grafana.parts.panels import Look, moment, override, value
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
from grafana.parts.time_series import lines
from grafana.parts.windows import week_mean

SOURCE = "Source: wellness, newest existing day (today's values arrive during the day)."
SUCCESS = '"success" = true'

DAY = date_of(
    "Day",
    "Which day is this? The athlete's date that this board shows: the newest day that exists. Unit: date, the "
    f"athlete's own. {SOURCE}",
    newest_day('"ctl"'),
)
SYNCED = moment(
    "Last successful sync",
    "How old is what I see? When the sync service last began a run that stored everything of the chosen athlete. "
    "Unit: time ago (true UTC). Source: sync_athletes, else sync_runs, points with success = true.",
    (
        newest("sync_athletes", "", (), ATHLETE, SUCCESS, EVER, outside=[EVER], mark="success"),
        newest("sync_runs", "", (), SUCCESS, EVER, outside=[EVER], mark="success"),
    ),
    transform=FIRST,
    look=Look(unit=style.AGO, nothing="No sync service", links=(to_board("Sync health"),)),
)

FORM_NOW = (
    value(
        "Form",
        "How rested am I? Form (TSB) = fitness minus fatigue; what it means depends on fitness, see beside it. "
        f"Unit: load points. {SOURCE} Formula: ctl - atl.",
        newest_day('"ctl" - "atl" AS "Form"'),
        look=Look(decimals=0, links=(FITNESS,)),
    ),
    value(
        "Form, % of fitness",
        f"How rested am I for my fitness? Form relative to fitness, from a fitness of 1 on: {style.FORM_WORDS}. "
        f"Unit: %. {SOURCE} Formula: (ctl - atl) / ctl * 100.",
        newest_day('("ctl" - "atl") / "ctl" * 100 AS "Form"', FIT),
        look=Look(unit=style.PERCENT, decimals=0, bands=style.FORM_BANDS, links=(FITNESS,)),
    ),
    *fitness_and_fatigue(SOURCE, Look(decimals=0, links=(FITNESS,))),
    value(
        "Ramp rate",
        "Is fitness growing too fast? How fast fitness grew over the last 7 days. Above 5 is demanding, above 8 risky, "
        f"below -2 fitness fades. Unit: load points a week. {SOURCE} Field: rampRate = ctl today - ctl 7 days ago.",
        newest_day('"rampRate" AS "Ramp rate"'),
        look=Look(decimals=1, bands=style.RAMP_BANDS, links=(FITNESS,)),
    ),
)

LAST_NIGHT = (
    value(
        "Sleep",
        f"How long did I sleep? Hours slept last night. Unit: h. {SOURCE} Formula: sleepSecs / 3600.",
        newest_day('"sleepSecs" / 3600 AS "Sleep"'),
        look=Look(unit=style.HOURS, decimals=1, links=(WELLNESS,)),
    ),
    value(
        "Resting heart rate",
        f"What was my resting heart rate? Unit: bpm. {SOURCE} Field: restingHR; a value "
        "carried over from the settings (tempRestingHR) is left out.",
        newest_day('"restingHR" AS "Resting heart rate"'),
        look=Look(unit=style.BPM, decimals=0, links=(WELLNESS,)),
    ),
    value(
        "HRV",
        "What was my HRV, and lately? Heart rate variability (rMSSD) of the day, and the mean of the last 7 days. "
        f"Unit: ms. {SOURCE} Field: hrv.",
        (newest_day('"hrv" AS "Today"'), week_mean("hrv")),
        look=Look(unit=style.MS, decimals=0, links=(WELLNESS,)),
        named=True,
    ),
    value(
        "Sleep score",
        f"How good was the night, says the device? Score of the night from the device. Unit: 0 to 100. {SOURCE} "
        "Field: sleepScore.",
        newest_day('"sleepScore" AS "Score"'),
        look=Look(decimals=0, links=(WELLNESS,)),
    ),
    value(
        "Sleep quality",
        "How good was the night, say I? The athlete's own rating of the night. Unit: 1 excellent, 2 good, 3 "
        f"average, 4 poor. {SOURCE} Field: sleepQuality.",
        newest_day('"sleepQuality" AS "Quality"'),
        look=Look(words=style.QUALITY),
    ),
    value(
        "Readiness",
        f"Am I ready, says the device? Readiness as the device or app gives it. Unit: its own scale. {SOURCE} "
        "Field: readiness.",
        newest_day('"readiness" AS "Readiness"'),
        look=Look(decimals=0),
    ),
    value(
        "Weight",
        "What do I weigh? Newest measured body weight in the range. Unit: kg. Source: wellness, field weight; "
        "values carried over from the settings (tempWeight) are left out.",
        days('"weight" AS "Weight"'),
        look=Look(unit=style.KG, decimals=1),
    ),
    vo2max("; devices give one only now and then"),
)

FEELING = value(
    "How you feel",
    "How do I feel? The athlete's own ratings of the day. Unit: words; fatigue, soreness and stress 0 none to "
    f"4 extreme, mood and motivation 1 excellent to 4 poor. {SOURCE}",
    newest_day(", ".join(f'"{field}" AS "{name}"' for field, name in RATED.items() if field != "sleepQuality")),
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
    look=Look(nothing=NO_ACTIVITY),
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
    look=Look(unit=style.PERCENT, decimals=0, bands=style.FORM_BANDS),
    areas=True,
    soft=(-35, 25),
)

BOARD = Board(
    "Today",
    "How the athlete is today: form, sleep, heart, feeling, and the latest activities.",
    start="now-28d",
    rows={
        "Sync": line(3, (5, 19), SYNCED, sync_message(of_athlete=True)),
        "Today": (
            *line(3, (24,), ADVICE),
            *line(3, (5, 5, 5, 5, 4), *STATE, DAY),
            *line(4, (6, 8, 6, 4), PLAN, THIS_WEEK, *RACE),
        ),
        "Form and load": line(4, (4, 4, 3, 3, 4, 3, 3), *FORM_NOW, *LOAD),
        "Last night": line(5, (4, 4, 4, 2, 3, 2, 2, 3), *LAST_NIGHT),
        "Body and mind": line(6, (14, 10), FEELING, BODY),
        "Activities": line(9, (15, 9), LATEST, COMING),
        "The last weeks": line(9, (8, 8, 8), FORM_COURSE, LOAD_BY_DAY, SLEEP),
    },
)
