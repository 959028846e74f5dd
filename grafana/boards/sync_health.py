"""Whether the data are up to date. Runs are in true UTC, the data on the athlete's clock."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from grafana.boards.shared_panels import date_of
from grafana.boards.sync_message import WHEN_NOTHING_IS_SHOWN, sync_message
from grafana.parts import style
from grafana.parts.board import Board, athlete, chosen, line
from grafana.parts.panels import Look, mapped, moment, override, value
from grafana.parts.query import ATHLETE, EVER, RANGE, Query, newest, select, series, statement
from grafana.parts.tables import HIDDEN, NARROW, grid, ordered, titled
from grafana.parts.time_series import POINTS, RIGHT, bars, lines, timeline

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import Panel

JOB = '"job" =~ /^(${job:regex})$/'
RUNS = "Source: sync_runs, one point per run of the sync service, true UTC"
NO_RUNS = "No runs: they are written by the sync service of compose.yaml"
NEW = "time >= ${__to}ms - 8d AND time <= ${__to}ms"
SUCCESS: style.Words = {"false": ("failed", "red"), "true": ("ok", "green")}


def last(columns: str, *where: str) -> Query:
    """Return the newest run; every run has a result."""
    names = re.findall(r'(?<!AS )"(\w+)"', columns)
    return newest("sync_runs", columns, names, JOB, *where, EVER, outside=[EVER], mark="success")


def runs(columns: str) -> Query:
    """All runs of the range."""
    return Query(statement(columns, '"sync_runs"', JOB, RANGE))


def table_of(measurement: str, columns: str, tail: str) -> Query:
    """All points of the range about runs, a table."""
    return Query(statement(columns, f'"{measurement}"', JOB, RANGE, tail=tail), table=True)


OUTCOMES: style.Words = {
    "complete": ("ok", "green"),
    "skipped": ("nothing new", "green"),
    "paused": ("goes on tomorrow", "yellow"),
    "failed": ("failed", "red"),
}


def _newest(title: str, words: str, field: str, name: str, look: Look) -> Panel:
    """Return a number of the newest run."""
    return value(title, f"{words} {RUNS}, field {field}.", last(f'"{field}" AS "{name}"'), look=look)


LATEST = (
    moment(
        "Last success",
        "When was everything stored last? When the newest run that stored everything began. Unit: time ago. "
        f"{RUNS}, those with success = true.",
        last("", '"success" = true'),
        look=Look(unit=style.AGO, nothing="None yet"),
    ),
    moment(
        "Last run",
        f"When did the sync run last? When the newest run began, successful or not. Unit: time ago. {RUNS}.",
        last(""),
        look=Look(unit=style.AGO, nothing=NO_RUNS),
    ),
    value(
        "Result",
        f"Did the newest run store everything? Unit: ok or failed. {RUNS}, field success.",
        last(""),
        look=Look(words=SUCCESS),
        fields="/^success$/",
    ),
    _newest(
        "Duration",
        "How long did the newest run take? Unit: s.",
        "duration_s",
        "Duration",
        Look(unit=style.SECONDS, decimals=1),
    ),
    _newest(
        "Points",
        "How much did the newest run store? Points that the newest run stored. Unit: count.",
        "points",
        "Points",
        Look(unit="short"),
    ),
    _newest(
        "Activities left",
        "How much of the history is still to come? Activities that a running backfill has still to fetch. Unit: count.",
        "activities_left",
        "Left",
        Look(decimals=0, bands=style.bands("green", 1, "yellow")),
    ),
    _newest(
        "Requests left today",
        "Will the requests of the day last? What is left of the day's quota of the API. Unit: requests.",
        "quota_left",
        "Left",
        Look(decimals=0, bands=style.bands("red", 250, "yellow", 1000, "green")),
    ),
)
ATHLETES = grid(
    "Athletes",
    "Who is up to date, and who is not? The newest run of each athlete: where one failed the others are up to date. "
    "Unit: as marked. Source: sync_athletes, one point per athlete and run, true UTC.",
    table_of(
        "sync_athletes",
        'last("success") AS "success", "outcome", "requests", "records", "message"',
        'GROUP BY "athlete_id"',
    ),
    size=(24, 6),
    look=Look(nothing=NO_RUNS),
    transform=(ordered("athlete_id", "outcome", "Time", "message"),),
    overrides=(
        override("athlete_id", displayName="Athlete"),
        override("outcome", displayName="Result", mappings=mapped(OUTCOMES)),
        override("success", custom=HIDDEN),
        *titled("requests", "records", decimals=0, custom=NARROW),
        *titled("message", custom={"minWidth": 400}),
    ),
)
COURSE = (
    timeline(
        "Runs",
        "When did runs fail? Each run: green where everything is stored, red where it failed. Unit: state. "
        f"{RUNS}, field success.",
        runs('"success" AS "Result"'),
        size=(24, 4),
        look=Look(words=SUCCESS, color="thresholds", nothing=NO_RUNS),
    ),
    lines(
        "Duration",
        f"Do runs take longer than they did? How long each run took. Unit: s. {RUNS}, field duration_s.",
        runs('"duration_s" AS "Duration"'),
        look=Look(unit=style.SECONDS, color=style.RUNS, nothing=NO_RUNS),
        fill=10,
    ),
    bars(
        "Points and rejected lines",
        "How much is stored, and is anything refused? Points stored by each run, and lines the database refused. "
        f"Unit: count. {RUNS}, fields points, rejected.",
        runs('"points" AS "Points", "rejected" AS "Rejected"'),
        look=Look(unit="short", nothing=NO_RUNS),
        stacked=False,
        overrides=(override("Points", color=style.POINTS), override("Rejected", color=style.BAD)),
    ),
    lines(
        "Requests and quota",
        "How many requests do runs take of the day? Requests of each run, and what is left of the day's quota on "
        f"the right. Unit: requests. {RUNS}, fields requests, quota_left.",
        runs('"requests" AS "Requests", "quota_left" AS "Quota left"'),
        look=Look(decimals=0, nothing=NO_RUNS),
        overrides=(
            override("Requests", color=style.REQUESTS, custom=POINTS),
            override("Quota left", color=style.LEFT, custom=RIGHT),
        ),
    ),
    lines(
        "Backfill",
        "How much of the history is still to come? Activities that are still to be fetched. Unit: count. "
        f"{RUNS}, field activities_left.",
        runs('"activities_left" AS "Activities left"'),
        look=Look(decimals=0, minimum=0, color=style.LEFT, nothing=NO_RUNS),
        fill=15,
    ),
    grid(
        "Runs, one by one",
        f"What happened in each run? The newest 200 runs. Unit: as marked. {RUNS}.",
        table_of(
            "sync_runs",
            '"success", "exit_code", "duration_s", "points", "rejected", "requests", "activities_left", '
            '"quota_left", "message", "job"',
            "ORDER BY time DESC LIMIT 200",
        ),
        size=(24, 9),
        look=Look(nothing=NO_RUNS),
        transform=(ordered("Time", "job", "success", "exit_code"),),
        overrides=(
            *titled("job"),
            override("success", displayName="Result", mappings=mapped(SUCCESS)),
            *titled("exit_code"),
            override("duration_s", displayName="Duration", unit=style.SECONDS, decimals=1),
            *titled("points", decimals=0),
            *titled("rejected", "requests", "activities_left", "quota_left", "message"),
        ),
    ),
)


def _stored(measurement: str, name: str, words: str) -> Panel:
    """Return how many points of a measurement there are."""
    return value(
        f"{name} stored",
        f"{words} Unit: count. Source: {measurement}.",
        Query(select(measurement, f'count("updated") AS "{name}"', EVER)),
        look=Look(decimals=0),
    )


DATA = (
    date_of(
        "Newest day",
        "Which is the newest day? The newest day of wellness. Unit: date, the athlete's own. Source: wellness.",
        newest("wellness", "", (), ATHLETE, EVER, outside=[EVER]),
    ),
    moment(
        "Newest activity",
        "Which is the newest activity? Start of the newest activity. Unit: date and time on the athlete's clock. "
        "Source: activities.",
        newest("activities", "", (), ATHLETE, EVER, outside=[EVER]),
        look=Look(unit=style.CLOCK, nothing="No activities yet"),
    ),
    _stored("wellness", "Days", "How many days are there? How many days of wellness are stored."),
    _stored("activities", "Activities", "How many activities are there? How many activities are stored."),
    value(
        "Samples of the last week",
        "Are the samples of new activities stored? Activities with a heart rate of the last 8 days of the range, and "
        "how many of them have samples: the same unless a sync is on its way. Unit: count. Source: activities with a "
        "heart rate; activity_streams with heartrate.",
        (
            Query(select("activities", 'count("average_heartrate") AS "With heart rate"', NEW)),
            series("activity_streams", "heartrate", "activity_id", "With samples", when=NEW),
        ),
        look=Look(decimals=0),
        named=True,
    ),
)

BOARD = Board(
    "Sync health",
    "Whether the data are up to date: runs of the sync service, and what is stored.",
    start="now-7d",
    marked=False,
    variables=(
        athlete(),
        chosen("job", "Job", f'SHOW TAG VALUES FROM "sync_runs" WITH KEY = "job" WHERE {EVER}', several=True),
    ),
    rows={
        "Last run": (sync_message(), *line(4, (3, 3, 3, 3, 4, 4, 4), *LATEST)),
        "Athletes": (ATHLETES,),
        "Runs": COURSE,
        "Data": (*line(4, (6, 6, 4, 4, 4), *DATA), WHEN_NOTHING_IS_SHOWN),
    },
)
