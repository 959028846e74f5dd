"""Parts of a new account that only its start needs: clock, level, uploads, Strava stubs."""

from __future__ import annotations

from datetime import datetime, time, timedelta, timezone
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sandbox.season import Session, first_day

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sandbox.parameters import AthleteParameters
    from sandbox.records import Record

BULK = 6  # the oldest activities were imported together


def evening(parameters: AthleteParameters, planned: Sequence[Session]) -> datetime:
    """Return the account's first now: 21:30 at home on the last day, later only if an activity ends later."""
    home = datetime.combine(parameters.last_day, time(21, 30), ZoneInfo(parameters.timezone))
    ends = (session.start + timedelta(seconds=session.elapsed + 600) for session in planned)
    return max([home.astimezone(timezone.utc), *ends])


def level(parameters: AthleteParameters, planned: Sequence[Session]) -> float:
    """CTL and ATL before the first day: somewhat below what the training will lead to."""
    return 0.75 * sum(session.load for session in planned) / max(1, parameters.days)


def uploads(
    parameters: AthleteParameters, planned: Sequence[Session], now: datetime
) -> Iterator[tuple[Session, datetime, datetime]]:
    """Each session with the times of its upload and of its last analysis; the first few came in one go."""
    rng = parameters.random("uploads")
    ends = {session.number: session.start + timedelta(seconds=session.elapsed) for session in planned}
    bulk = max((end for number, end in ends.items() if number < BULK), default=now) + timedelta(hours=1)
    for session in planned:
        uploaded = ends[session.number] + timedelta(milliseconds=rng.randint(40_000, 500_000))
        again = timedelta(minutes=rng.randint(20, 600)) if rng.random() < 0.15 else timedelta(milliseconds=420)
        if session.number < BULK:
            uploaded, again = bulk, timedelta(0)
        yield session, min(uploaded, now), min(uploaded + again, now)


def stubs_of(parameters: AthleteParameters) -> tuple[dict[str, Record], dict[str, float]]:
    """Strava activities as the API gives them, by id, and the load they still count for, by date."""
    rng = parameters.random("stubs")
    stubs: dict[str, Record] = {}
    loads: dict[str, float] = {}
    for number in range(parameters.strava_stubs if parameters.days else 0):
        day = (first_day(parameters) + timedelta(days=rng.randrange(parameters.days))).isoformat()
        stub: Record = {
            "id": str(16_000_000_000 + parameters.number * 10_000 + number),
            "icu_athlete_id": parameters.athlete_id,
            "start_date_local": f"{day}T{rng.randint(6, 19):02}:00:00",
        }
        if number % 3 == 2:  # came through another service: nothing but nulls
            nothing = dict.fromkeys(("name", "type", "distance", "moving_time"))
            stub |= {"external_id": f"wahoo-{number}", **nothing}
        else:
            stub |= {"source": "STRAVA", "_note": "STRAVA activities are not available via the API"}
        stubs[stub["id"]] = stub
        loads[day] = loads.get(day, 0.0) + 40.0
    return stubs, loads
