"""What each endpoint answers: pure functions from an account and the query to JSON values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from itertools import takewhile
from typing import TYPE_CHECKING

from sandbox import curves, profile
from sandbox.bests import METRES, SECS, bests
from sandbox.keys import ACTIVITY_KEYS, WELLNESS_KEYS, with_nulls
from sandbox.records import Record, stamp

if TYPE_CHECKING:
    from sandbox.account import Account

Query = Mapping[str, str]
EVENT_DAYS = 6


class ApiError(Exception):
    """An answer with an error status and the service's kind of body."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def not_found() -> ApiError:
    """Return the answer for whatever is not there."""
    return ApiError(404, "Not Found")


def _required(query: Query, name: str) -> str:
    if not query.get(name):
        raise ApiError(422, f"Required request parameter '{name}' for method parameter type String is not present")
    return query[name]


def _moment(text: str, *, end_of_day: bool = False) -> str:
    """Return a local date or date-time as a comparable text."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ApiError(422, f"Invalid date [{text}]") from None
    if end_of_day and len(text) == 10:
        moment += timedelta(days=1, seconds=-1)
    return moment.replace(tzinfo=None).isoformat()


def _day(text: str) -> str:
    return _moment(text)[:10]


def _limit(query: Query) -> int | None:
    try:
        return int(query["limit"]) if "limit" in query else None
    except ValueError:
        kind = "org.springframework.web.method.annotation.MethodArgumentTypeMismatchException"
        raise ApiError(500, f"{kind}: Failed to convert 'limit'") from None


def _selected(records: Iterable[Record], query: Query, known: Iterable[str] | None = None) -> list[Record]:
    """Apply `fields`: only these keys, nulls dropped."""
    if not query.get("fields"):
        return list(records)
    fields = [name.strip() for name in query["fields"].split(",")]
    if known is not None and (unknown := set(fields) - set(known)):
        raise ApiError(422, f"Unrecognized wellness field [{min(unknown)}]")
    return [{key: record[key] for key in fields if record.get(key) is not None} for record in records]


def wellness(account: Account, query: Query) -> list[Record]:
    """Rows between two local dates, both inclusive, ascending."""
    oldest = _day(query["oldest"]) if query.get("oldest") else ""
    newest = _day(query["newest"]) if query.get("newest") else "9999"
    rows = [row for day, row in sorted(account.wellness.items()) if oldest <= day <= newest]
    return _selected(rows, query, {*WELLNESS_KEYS, *(key for row in account.wellness.values() for key in row)})


def wellness_day(account: Account, _: Query, day: str) -> Record:
    """Return the row of one day."""
    if day not in account.wellness:
        raise not_found()
    return account.wellness[day]


def full(account: Account, activity_id: str, *, detail: bool = False) -> Record:
    """Return an activity as REST gives it, nulls included; a stub as it is."""
    if activity_id in account.stubs:
        return account.stubs[activity_id]
    if activity_id not in account.activities:
        raise not_found()
    record = with_nulls(account.activities[activity_id], ACTIVITY_KEYS)
    return record | account.intervals(activity_id) if detail else record


def activities(account: Account, query: Query, *, whole_day: bool = True) -> list[Record]:
    """Activities and stubs of a range of local time, newest first."""
    oldest = _moment(_required(query, "oldest"))
    now = account.now.astimezone(account.zone).replace(tzinfo=None).isoformat()
    newest = _moment(query["newest"], end_of_day=whole_day) if query.get("newest") else now
    limit, route = _limit(query), query.get("route_id")
    found = [
        record
        for record in (*account.activities.values(), *account.stubs.values())
        if oldest <= record["start_date_local"] <= newest and (route is None or str(record.get("route_id")) == route)
    ]
    found.sort(key=lambda record: (record["start_date_local"], record["id"]), reverse=True)
    found = found[:limit]
    if query.get("fields"):
        return _selected(found, query)
    return [full(account, record["id"]) for record in found]


def activities_by_id(account: Account, query: Query, ids: str) -> list[Record]:
    """Many activities at once; missing ids are ignored."""
    detail = query.get("intervals") == "true"
    wanted = [name for name in ids.split(",") if name in account.activities or name in account.stubs]
    return [full(account, name, detail=detail) for name in wanted]


def activity(account: Account, query: Query, activity_id: str) -> Record:
    """One activity."""
    return full(account, activity_id, detail=query.get("intervals") == "true")


def own(account: Account, activity_id: str) -> str:
    """Return the id of an activity that has sub-resources; stubs have none."""
    if activity_id in account.stubs:
        raise ApiError(422, "Cannot read Strava activities via the API")
    if activity_id not in account.activities:
        raise not_found()
    return activity_id


def intervals(account: Account, _: Query, activity_id: str) -> Record:
    """Intervals of one activity."""
    found = account.intervals(own(account, activity_id))
    return {"id": activity_id, "analyzed": account.activities[activity_id]["analyzed"], **found}


def events(account: Account, query: Query) -> list[Record]:
    """Calendar between two local dates; today and six days more by default."""
    oldest = _day(query["oldest"]) if query.get("oldest") else account.today.isoformat()
    until = date.fromisoformat(oldest) + timedelta(days=EVENT_DAYS)
    newest = _day(query["newest"]) if query.get("newest") else until.isoformat()
    categories = set(query["category"].split(",")) if query.get("category") else None
    found = [
        event
        for event in account.calendar.events.values()
        if oldest <= event["start_date_local"][:10] <= newest
        and (categories is None or event["category"] in categories)
    ]
    return sorted(found, key=lambda event: (event["start_date_local"], event["id"]))[: _limit(query)]


def event(account: Account, _: Query, event_id: str) -> Record:
    """One event of the calendar."""
    found = account.calendar.events.get(int(event_id)) if event_id.isdecimal() else None
    if found is None:
        raise ApiError(404, "Not Found")
    return found


def fitness_model_events(account: Account, _: Query) -> list[Record]:
    """Events that explain jumps of fitness, ascending."""
    kinds = {"SET_FITNESS", "SET_EFTP", "FITNESS_DAYS"}
    found = [event for event in account.calendar.events.values() if event["category"] in kinds]
    return sorted(found, key=lambda event: event["start_date_local"])


def gear(account: Account, _: Query) -> list[Record]:
    """Return the gear list."""
    return account.calendar.gear()


def athlete(account: Account, _: Query) -> Record:
    """Return the athlete with settings, custom items and secrets."""
    return profile.athlete(account.parameters, account.calendar.gears, stamp(account.now))


def follower(account: Account) -> Record:
    """Return the athlete as a coach's list has it."""
    mine = athlete(account, {})
    return {key: mine[key] for key in ("id", "name", "timezone", "sex", "status")} | {"icu_tags": []}


def summary(account: Account, query: Query) -> list[Record]:
    """Return what a coach sees of an athlete: a row for each week, from Monday on."""
    end = date.fromisoformat(_day(query["end"])) if query.get("end") else account.today
    start = date.fromisoformat(_day(query["start"])) if query.get("start") else account.today - timedelta(days=6)
    monday = start - timedelta(days=start.weekday())
    rows = []
    while monday <= end:
        first, last = max(monday, start).isoformat(), min(monday + timedelta(days=6), end, account.today).isoformat()
        done = [one for one in account.activities.values() if first <= one["start_date_local"][:10] <= last]
        days = [row for day, row in sorted(account.wellness.items()) if day <= last]
        newest = days[-1] if days else {}
        total = {name: sum(one.get(name) or 0 for one in done) for name in ("moving_time", "elapsed_time", "distance")}
        rows.append(
            {
                "count": len(done),
                "time": total["moving_time"],
                **total,
                "training_load": round(sum(one.get("icu_training_load") or 0 for one in done)),
                "date": monday.isoformat(),
                "athlete_id": account.id,
                "athlete_name": athlete(account, {})["name"],
                "fitness": newest.get("ctl"),
                "fatigue": newest.get("atl"),
                "weight": newest.get("weight"),
                "mostRecentWellnessId": newest.get("id"),
            }
        )
        monday += timedelta(days=7)
    return rows


def sport_settings(account: Account, _: Query) -> list[Record]:
    """Return settings per group of sports."""
    return profile.sport_settings(account.parameters)


def custom_items(account: Account, _: Query) -> list[Record]:
    """Return the athlete's own fields, streams and charts."""
    return profile.custom_items(account.parameters)


def _of_type(account: Account, query: Query) -> list[Record]:
    """Activities of the sport group that `type` names."""
    if not (sport := query.get("type")):
        return list(account.activities.values())
    types = next((types for types in profile.GROUPS.values() if sport in types), [sport])
    return [record for record in account.activities.values() if record["type"] in types]


def _season_curves(account: Account, query: Query, make: Callable[..., Record]) -> Record:
    today = date.fromisoformat(_day(query["newest"])) if query.get("newest") else account.today
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
    _required(query, "type")
    return _season_curves(account, query, curves.power_curve)


def hr_curves(account: Account, query: Query) -> Record:
    """Highest heart rate over ranges of days."""
    return _season_curves(account, query, curves.hr_curve)


def pace_curves(account: Account, query: Query) -> Record:
    """Shortest times over ranges of days."""
    return _season_curves(account, query, curves.pace_curve)


def activity_pace_curves(account: Account, query: Query) -> Record:
    """Best times of each activity of a range of local dates; they end where the activity did, as the API's do."""
    oldest, newest = _day(_required(query, "oldest")), _day(_required(query, "newest"))
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
    oldest, newest = _day(_required(query, "oldest")), _day(_required(query, "newest"))
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
