"""What the endpoints of curves answer: best values over ranges of days, and of each activity."""

from __future__ import annotations

from datetime import date
from itertools import takewhile
from typing import TYPE_CHECKING

from sandbox import curves, profile
from sandbox.bests import METRES, SECS, bests
from sandbox.queries import ApiError, Query, day_of, required
from sandbox.records import Record

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.account import Account


def _of_type(account: Account, query: Query) -> list[Record]:
    """Activities of the sport group that `type` names."""
    if not (sport := query.get("type")):
        return list(account.activities.values())
    types = next((types for types in profile.GROUPS.values() if sport in types), [sport])
    return [record for record in account.activities.values() if record["type"] in types]


def _season_curves(account: Account, query: Query, make: Callable[..., Record]) -> Record:
    today = date.fromisoformat(day_of(query["newest"])) if query.get("newest") else account.today
    records, used = _of_type(account, query), dict[str, Record]()
    result = []
    for curve in (query.get("curves") or "1y").split(","):
        span = curves.period(curve, today)
        if span is None:
            raise ApiError(422, f"Invalid curve [{curve}]")
        start, end = (day.isoformat() for day in span)
        found = [record for record in records if start <= record["start_date_local"][:10] <= end]
        result.append(make(curve, span, [(record, bests(account.recordings[record["id"]])) for record in found]))
        used |= {name: account.activities[name] for name in result[-1]["activity_id"]}
    mini = ("id", "name", "type", "start_date_local", "distance", "moving_time", "icu_training_load")
    seen = {name: {key: record.get(key) for key in mini} for name, record in used.items()}
    return {"list": result, "activities": seen}


def power_curves(account: Account, query: Query) -> Record:
    """Best power over ranges of days; `type` is required."""
    required(query, "type")
    return _season_curves(account, query, curves.power_curve)


def hr_curves(account: Account, query: Query) -> Record:
    """Highest heart rate over ranges of days."""
    return _season_curves(account, query, curves.hr_curve)


def pace_curves(account: Account, query: Query) -> Record:
    """Shortest times over ranges of days."""
    return _season_curves(account, query, curves.pace_curve)


def activity_pace_curves(account: Account, query: Query) -> Record:
    """Best times of each activity of a range of local dates; they end where the activity did, as the API's do."""
    oldest, newest = day_of(required(query, "oldest")), day_of(required(query, "newest"))
    metres = [float(text) for text in query["distances"].split(",")] if query.get("distances") else list(METRES)
    found = [
        {
            "id": record["id"],
            "start_date_local": record["start_date_local"],
            "weight": record["icu_weight"],
            "secs": list(takewhile(bool, (best.pace.get(point, 0) for point in metres))),
        }
        for record in _of_type(account, query)
        if oldest <= record["start_date_local"][:10] <= newest
        and (best := bests(account.recordings[record["id"]])).pace
    ]
    return {"distances": metres, "gap": False, "curves": found}


def activity_power_curves(account: Account, query: Query) -> Record:
    """Best power of each activity of a range of local dates."""
    oldest, newest = day_of(required(query, "oldest")), day_of(required(query, "newest"))
    secs = tuple(int(text) for text in query["secs"].split(",")) if query.get("secs") else SECS
    found = [
        {
            "id": record["id"],
            "start_date_local": record["start_date_local"],
            "weight": record["icu_weight"],
            "watts": [bests(account.recordings[record["id"]], secs).power.get(point, 0) for point in secs],
        }
        for record in _of_type(account, query)
        if oldest <= record["start_date_local"][:10] <= newest and "icu_average_watts" in record
    ]
    return {"secs": secs, "curves": found}
