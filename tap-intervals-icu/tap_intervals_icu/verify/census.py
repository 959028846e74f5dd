"""What an account holds, by a fresh census, and how many samples of it were emitted, by the state."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from tap_intervals_icu.changes.state import SAMPLES
from tap_intervals_icu.streams import Activities, ActivityStreamsColumns, Wellness

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tap_intervals_icu.changes.athlete import Athlete

State = dict[str, Any]
Line = dict[str, Any]

STREAMS = (Wellness.name, Activities.name, ActivityStreamsColumns.name)
FITNESS = ("ctl", "atl")
"""What moves in a day of wellness without its stamp."""
SHOWN = ("id", "type", "start_date", "start_date_local")


def census(athlete: Athlete, state: State, streams: Sequence[str]) -> Iterator[Line]:
    """Yield a line for the athlete, then one for each day of wellness and each activity that a sync would bring.

    Costs a request for each list. Days outside of `start_date` and `end_date` and stubs from Strava are left out.

    Args:
        athlete: Whose account.
        state: Of the last sync, {} for none.
        streams: Those of STREAMS that are synced.
    """
    activities = athlete.activities_feed(bookmark(state, Activities.name, athlete.id))
    wanted = activities.ranges.wanted
    days = {"first": str(wanted.first), "last": str(wanted.last), "today": str(athlete.today)}
    yield {"stream": "athlete", "athlete_id": athlete.id, "streams": list(streams), **days}
    if Wellness.name in streams:
        wellness = athlete.wellness_feed({})
        properties = (*wellness.census_properties, *FITNESS)
        for row in wellness.usable(wellness.between(wellness.ranges.wanted, properties)):
            values = {name: row.get(name) for name in ("updated", *FITNESS)}
            yield {"stream": Wellness.name, "athlete_id": athlete.id, "id": str(row["id"]), **values}
    if Activities.name in streams:
        progress = activities.progress
        counts = progress.extents.get(SAMPLES, {})
        lacking = progress.lacking.get(f"{ActivityStreamsColumns.name}/{ActivityStreamsColumns.layout}", {})
        for row in activities.usable(activities.between(wanted, activities.census_properties)):
            id_ = str(row["id"])
            is_known = id_ in progress.finished and id_ in counts and id_ not in lacking
            samples = counts[id_] - 1 if is_known else None
            stamp = activities.listed(row, whole=False).stamp or None
            line = {"stream": Activities.name, "athlete_id": athlete.id, "samples": samples, "updated": stamp}
            yield line | {name: row.get(name) for name in SHOWN} | {"id": id_}


def bookmark(state: State, stream: str, athlete_id: str) -> State:
    """Return what a state holds of an athlete's stream, {} for nothing."""
    partitions = state.get("bookmarks", {}).get(stream, {}).get("partitions", ())
    own = (one for one in partitions if one.get("context") == {"athlete_id": athlete_id})
    return next(own, {})


def selected(patterns: Sequence[str], filters: Sequence[str] = ()) -> list[str]:
    """Return those of STREAMS that Meltano's patterns (`select`, and `select_filter`) leave in; all without patterns.

    >>> selected(["wellness.*", "activities.*", "!activities.skyline_chart_bytes"], ["!wellness"])
    ['activities']
    """
    named = [stream for stream in STREAMS if not patterns or _matches(stream, patterns)]
    chosen = [one for one in filters if not one.startswith("!")]
    return [
        stream
        for stream in named
        if not any(fnmatchcase(stream, one[1:]) for one in filters if one.startswith("!"))
        and (not chosen or any(fnmatchcase(stream, one) for one in chosen))
    ]


def _matches(stream: str, patterns: Sequence[str]) -> bool:
    wanted = [one.partition(".")[0] for one in patterns if not one.startswith("!")]
    unwanted = [one[1:].partition(".") for one in patterns if one.startswith("!")]
    gone = any(fnmatchcase(stream, name) and rest in {"", "*"} for name, _, rest in unwanted)
    return not gone and any(fnmatchcase(stream, name) for name in wanted)


def selection_of(environment: Mapping[str, str]) -> list[str]:
    """Return the streams that Meltano's variables select."""
    lists = (environment.get(f"MELTANO_EXTRACT__{name}") for name in ("SELECT", "SELECT_FILTER"))
    patterns, filters = (json.loads(text) if text else [] for text in lists)
    return selected(patterns, filters)
