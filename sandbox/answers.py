"""What each endpoint answers: pure functions from an account and the query to JSON values."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from sandbox import profile
from sandbox.keys import ACTIVITY_KEYS, WELLNESS_KEYS, with_nulls
from sandbox.queries import ApiError, Query, day_of, limit_of, moment_of, not_found, required, selected
from sandbox.records import Record, stamp

if TYPE_CHECKING:
    from sandbox.account import Account

EVENT_DAYS = 6


def wellness(account: Account, query: Query) -> list[Record]:
    """Rows between two local dates, both inclusive, ascending."""
    oldest = day_of(query["oldest"]) if query.get("oldest") else ""
    newest = day_of(query["newest"]) if query.get("newest") else "9999"
    rows = [row for day, row in sorted(account.wellness.items()) if oldest <= day <= newest]
    return selected(rows, query, {*WELLNESS_KEYS, *(key for row in account.wellness.values() for key in row)})


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
    oldest = moment_of(required(query, "oldest"))
    now = account.now.astimezone(account.zone).replace(tzinfo=None).isoformat()
    newest = moment_of(query["newest"], end_of_day=whole_day) if query.get("newest") else now
    limit, route = limit_of(query), query.get("route_id")
    found = [
        record
        for record in (*account.activities.values(), *account.stubs.values())
        if oldest <= record["start_date_local"] <= newest and (route is None or str(record.get("route_id")) == route)
    ]
    found.sort(key=lambda record: (record["start_date_local"], record["id"]), reverse=True)
    found = found[:limit]
    if query.get("fields"):
        return selected(found, query)
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
    oldest = day_of(query["oldest"]) if query.get("oldest") else account.today.isoformat()
    until = date.fromisoformat(oldest) + timedelta(days=EVENT_DAYS)
    newest = day_of(query["newest"]) if query.get("newest") else until.isoformat()
    categories = set(query["category"].split(",")) if query.get("category") else None
    found = [
        event
        for event in account.calendar.events.values()
        if oldest <= event["start_date_local"][:10] <= newest
        and (categories is None or event["category"] in categories)
    ]
    return sorted(found, key=lambda event: (event["start_date_local"], event["id"]))[: limit_of(query)]


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
    end = date.fromisoformat(day_of(query["end"])) if query.get("end") else account.today
    start = date.fromisoformat(day_of(query["start"])) if query.get("start") else account.today - timedelta(days=6)
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
