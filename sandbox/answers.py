"""What each endpoint answers: pure functions from an account and the query to JSON values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sandbox import profile
from sandbox.account import Account
from sandbox.activity import stamp
from sandbox.keys import ACTIVITY_KEYS, with_nulls

Record = dict[str, Any]
Query = Mapping[str, str]
EVENT_DAYS = 6


class ApiError(Exception):
    """An answer with an error status and the service's kind of body."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def not_found() -> ApiError:
    """The answer for whatever is not there."""
    return ApiError(404, "Not Found")


def _required(query: Query, name: str) -> str:
    if not query.get(name):
        raise ApiError(
            422, f"Required request parameter '{name}' for method parameter type String is not present"
        )
    return query[name]


def _moment(text: str, *, end_of_day: bool = False) -> str:
    """A local date or date-time as a comparable text."""
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
    known = {key for row in account.wellness.values() for key in row} if query.get("fields") else None
    return _selected(rows, query, known)


def wellness_day(account: Account, _: Query, day: str) -> Record:
    """The row of one day."""
    if day not in account.wellness:
        raise not_found()
    return account.wellness[day]


def full(account: Account, activity_id: str, *, detail: bool = False) -> Record:
    """An activity as REST gives it, nulls included; a stub as it is."""
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
        if oldest <= record["start_date_local"] <= newest
        and (route is None or str(record.get("route_id")) == route)
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
    """The id of an activity that has sub-resources; stubs have none."""
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


def fitness_model_events(account: Account, _: Query) -> list[Record]:
    """Events that explain jumps of fitness, ascending."""
    kinds = {"SET_FITNESS", "SET_EFTP", "FITNESS_DAYS"}
    found = [event for event in account.calendar.events.values() if event["category"] in kinds]
    return sorted(found, key=lambda event: event["start_date_local"])


def gear(account: Account, _: Query) -> list[Record]:
    """The gear list."""
    return account.calendar.gear()


def athlete(account: Account, _: Query) -> Record:
    """The athlete with settings, custom items and secrets."""
    return profile.athlete(account.parameters, account.calendar.gears, stamp(account.now))


def sport_settings(account: Account, _: Query) -> list[Record]:
    """Settings per group of sports."""
    return profile.sport_settings(account.parameters)


def custom_items(account: Account, _: Query) -> list[Record]:
    """The athlete's own fields, streams and charts."""
    return profile.custom_items(account.parameters)
