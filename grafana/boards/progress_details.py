"""Parts of the board Progress: records, the same interval again, models of load, and what the athlete wrote."""

from __future__ import annotations

from grafana.parts import style
from grafana.parts.activity_lists import FOR_LINKS, LINKED, shown
from grafana.parts.panels import Look, override
from grafana.parts.query import (
    RANGE,
    WEEK,
    Query,
    activities,
    by_period,
    select,
    total,
)
from grafana.parts.tables import grid, matrix, ordered, with_end
from grafana.parts.time_series import POINTS, bars, lines

NEWEST_CURVES = "time > now() - 8d AND time < now() + 2d"
"""Curves stand at the end of their period; where InfluxDB cannot delete (3), old ones stay."""
PERIODS = {"42d": "42 days", "s0": "Season", "1y": "1 year", "all": "All time"}
GOING = "\"id\" != 's1'"
RIDES, RUNS, SWIMS = "\"type\" = 'Ride'", "\"type\" = 'Run'", "\"type\" = 'Swim'"
POWER_AT = '"secs" =~ /^(5|60|300|1200|3600)(\\.0)?$/'
RACED = '"distance" =~ /^(400|1000|1609\\.34|3000|5000|10000|21097\\.5|42195)(\\.0)?$/'


def between(field: str, least: float, limit: float) -> str:
    """InfluxQL: the field is at least so much, and less than the limit."""
    return f'"{field}" >= {least} AND "{field}" < {limit}'


LENGTHS = {
    "4 to 6 min": between("moving_time", 240, 360),
    "20 s to 1 min": between("moving_time", 20, 60),
    "1 to 2 min": between("moving_time", 60, 120),
    "2 to 4 min": between("moving_time", 120, 240),
    "6 to 12 min": between("moving_time", 360, 720),
    "12 to 30 min": between("moving_time", 720, 1800),
}
"""InfluxQL of the lengths that can be chosen."""


def _record(stream: str, along: str, *where: str) -> Query:
    tail = f'GROUP BY "id", "{along}"'
    return Query(select(stream, 'last("value") AS "best"', *where, GOING, NEWEST_CURVES, tail=tail), table=True)


RECORDS = (
    grid(
        "Best power, cycling",
        "What is my best, and how far from it am I now? Best mean power over 5 s, 1, 5, 20 and 60 min of all time, a "
        "year, this season and 42 days, as of the newest sync, 8 days ago at most. Unit: W. Source: power_curves of "
        "Ride, field value; a stream that the stack reads.",
        _record("power_curves", "secs", RIDES, POWER_AT),
        look=Look(nothing="No power of rides"),
        transform=(*matrix("secs", "id", "best"), ordered("secs\\id", *PERIODS)),
        overrides=(
            override("secs\\id", displayName="Over", unit=style.SECONDS, custom={"width": 65}),
            *(override(code, displayName=name, unit=style.WATT, decimals=0) for code, name in PERIODS.items()),
        ),
    ),
    *(
        grid(
            f"Best times, {name}",
            "What is my best, and how far from it am I now? Shortest times over the usual distances of all time, a "
            "year, this season and 42 days, as of the newest sync, 8 days ago at most. Unit: time; the distance in m "
            f"or km. Source: pace_curves of {sport}, field value; a stream that the stack reads.",
            _record("pace_curves", "distance", where, RACED),
            look=Look(nothing=f"No times of {name}"),
            transform=(*matrix("distance", "id", "best"), ordered("distance\\id", *PERIODS)),
            overrides=(
                override("distance\\id", displayName="Over", unit="lengthm", custom={"width": 75}),
                *(override(code, displayName=label, unit=style.HMS) for code, label in PERIODS.items()),
            ),
        )
        for name, sport, where in (("running", "Run", RUNS), ("swimming", "Swim", SWIMS))
    ),
)

THREE_YEARS = "time >= ${__to}ms - 1096d AND time <= ${__to}ms"
"""Intervals are read of three years at most, the newest of the range: each is a series, and ten years cost seconds."""
WORK = ('"activity_type" =~ /^(${sport:regex})$/', "\"type\" = 'WORK'", "${length:raw}", THREE_YEARS)
INTERVAL_SOURCE = (
    "Source: activity_intervals, a stream that the stack reads: work intervals of the chosen sports and the "
    "chosen length (moving_time), detected or made by hand; of ranges longer than three years the newest three"
)
INTERVALS = (
    lines(
        "Power of the interval",
        "Do I do the same interval better than last time? Mean power of each work interval of the length chosen above. "
        f"Unit: W. {INTERVAL_SOURCE}, field average_watts.",
        Query(select("activity_intervals", '"average_watts" AS "Power"', *WORK, '"average_watts" > 0', RANGE)),
        look=Look(unit=style.WATT, decimals=0, nothing="No such interval with power in this range"),
        overrides=(override("Power", color=style.POWER, custom=POINTS),),
    ),
    lines(
        "Heart rate of the interval",
        "What does the same interval cost the heart? Mean heart rate of each work interval of the length chosen above. "
        f"Unit: bpm. {INTERVAL_SOURCE}, field average_heartrate.",
        Query(select("activity_intervals", '"average_heartrate" AS "Heart rate"', *WORK, RANGE)),
        look=Look(unit=style.BPM, decimals=0, nothing="No such interval with heart rate in this range"),
        overrides=(override("Heart rate", color=style.HEART, custom=POINTS),),
    ),
)

BEATS = {
    "130 to 140": between("average_heartrate", 130, 140),
    "110 to 120": between("average_heartrate", 110, 120),
    "120 to 130": between("average_heartrate", 120, 130),
    "140 to 150": between("average_heartrate", 140, 150),
    "150 to 165": between("average_heartrate", 150, 165),
}
"""InfluxQL of the heart rates that can be chosen."""
AT_HEART_RATE = bars(
    "Power at the same heart rate",
    "Does the same pulse give more power than in earlier seasons? Mean power of the activities whose mean heart rate "
    "lies in the band chosen above, by quarters of 13 weeks; widen the range to see earlier years. Unit: W. Source: "
    "activities of the chosen sports, mean of icu_average_watts, average_heartrate.",
    by_period('mean("icu_average_watts") AS "Power"', "time(13w,4d)", "${beats:raw}"),
    size=(24, 8),
    look=Look(unit=style.WATT, decimals=0, color=style.POWER, nothing="No power at this heart rate"),
    stacked=False,
)
MODELS = {"Power": "power_load", "Heart rate": "hr_load", "Pace": "pace_load", "Strain score": "strain_score"}
LOADS = (
    lines(
        "Load by model",
        "Do the ways to measure load agree? Load of each week by power, by heart rate, by pace, and the strain score; "
        "each has only the activities that it can judge. Unit: load points. Weeks start on Monday. Source: activities "
        "of the chosen sports, sums of power_load, hr_load, pace_load, strain_score.",
        by_period(", ".join(f'sum("{field}") AS "{name}"' for name, field in MODELS.items()), WEEK),
        look=Look(decimals=0, nothing="No load in this range"),
        overrides=(
            override("Power", color=style.POWER),
            override("Heart rate", color=style.HEART),
            override("Pace", color=style.SPEED),
            override("Strain score", color=style.GREY),
        ),
    ),
    lines(
        "Polarization",
        "Do I train either easy or hard, and little in between? Polarization index (Treff) of each activity with "
        "power: above 2 is polarized. Unit: index. Source: activities of the chosen sports, field polarization_index.",
        total('"polarization_index" AS "Polarization"'),
        look=Look(decimals=1, nothing="No polarization index in this range"),
        soft=(0, 3),
        overrides=(override("Polarization", color="text", custom=POINTS),),
    ),
)

NOTES = (
    grid(
        "Notes and weather",
        "What did I write about it, and how was the weather? A click on the name opens one. Unit: °C; km/h; %. Source: "
        "activities of the range and the chosen sports that have a description: description, average_weather_temp, "
        "average_feels_like, average_wind_speed, headwind_percent.",
        activities(
            '"name", "description", "average_weather_temp", "average_feels_like", '
            f'"average_wind_speed" * 3.6 AS "wind", "headwind_percent", {LINKED}',
            '"description" =~ /./',
            tail="ORDER BY time DESC LIMIT 200",
        ),
        look=Look(nothing="Nothing written in this range"),
        transform=(with_end(), ordered("Time", "name", "type", "description")),
        overrides=(
            *shown(name=180, type=90),
            override("description", displayName="What you wrote", custom={"minWidth": 200}),
            *shown(average_weather_temp=70, average_feels_like=70, wind=65, headwind_percent=65),
            FOR_LINKS,
        ),
    ),
    grid(
        "Diary",
        "What did I note about a day? Comments on wellness, the newest first. Unit: text. Source: wellness, "
        "field comments.",
        Query(
            select("wellness", '"comments"', '"comments" =~ /./', RANGE, tail="ORDER BY time DESC LIMIT 200"),
            table=True,
        ),
        look=Look(nothing="Nothing written in this range"),
        overrides=(
            override("Time", displayName="Day", unit=style.DAY, custom={"width": 150}),
            override("comments", displayName="Comment"),
        ),
    ),
)
