"""What an account holds against what a database holds: pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Line = dict[str, Any]

WELLNESS, ACTIVITIES, SAMPLES = "wellness", "activities", "activity_streams"
MIDNIGHT = time()
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass
class Compared:
    """One stream of one athlete. Ids are those of activities, or local dates (with the time where it is no midnight).

    Attributes:
        account: How many rows the account has; of `activity_streams` activities with samples, as far as is known.
        database: How many of them the database has.
        missing: Ids that only the account has, with their local date.
        extra: Ids that only the database has, with their local date ("" if it is not known).
        different: Ids that both have, but not alike: other tags, start, server stamp, fitness or number of samples.
        unknown: Ids whose number of samples the state does not know.
        outside: How many rows of the database lie outside of the days asked for; they are left alone.
    """

    athlete_id: str
    stream: str
    today: str
    account: int = 0
    database: int = 0
    missing: dict[str, str] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)
    different: dict[str, str] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)
    outside: int = 0

    @property
    def differences(self) -> tuple[dict[str, str], ...]:
        """What keeps the two from being equal."""
        return self.missing, self.extra, self.different, self.unknown

    @property
    def is_equal(self) -> bool:
        """Whether the database is proven to hold what the account holds."""
        return not any(self.differences)


@dataclass(frozen=True)
class Mapped:
    """How the target maps a stream, and what the database has: (tags, rows or count) each.

    A row is a time, and the values of the fields that `values` names, or none where the server can't tell them.
    """

    time: str | None
    tags: frozenset[str]
    is_narrowed: bool
    values: tuple[str, ...]
    held: list[tuple[dict[str, str], Any]]


def compare(census: Iterable[Line], inventory: Iterable[Line]) -> list[Compared]:
    """Compare the lines of the tap's census with those of the target's inventory."""
    mapped = _mapped(inventory)
    athletes: list[Line] = []
    rows: defaultdict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in census:
        if line["stream"] == "athlete":
            athletes.append(line)
        elif "athlete_id" in line:
            rows[line["athlete_id"], line["stream"]].append(line)
    result = []
    for athlete in athletes:
        id_ = athlete["athlete_id"]
        of_athlete = {stream: _of(one, id_, alone=len(athletes) == 1) for stream, one in mapped.items()}
        if WELLNESS in athlete["streams"]:
            result.append(_wellness(athlete, rows[id_, WELLNESS], of_athlete[WELLNESS]))
        if ACTIVITIES in athlete["streams"]:
            activities = _activities(athlete, rows[id_, ACTIVITIES], of_athlete[ACTIVITIES])
            result.append(activities)
            if SAMPLES in athlete["streams"]:
                result.append(_samples(athlete, rows[id_, ACTIVITIES], of_athlete))
    return result


def _mapped(inventory: Iterable[Line]) -> dict[str, Mapped]:
    found: dict[str, Mapped] = {}
    for line in inventory:
        if "of" in line:
            found[line["stream"]].held.append((line["of"], line["rows"] if "rows" in line else line["count"]))
        elif "stream" in line:
            tags = line["tags"] if line["mapped_tags"] is None else line["mapped_tags"]
            # start_date is the same in each sample: without it no channel is less full.
            is_narrowed = line["fields"] is not None or bool(set(line["exclude"]) - {"start_date"})
            found[line["stream"]] = Mapped(line["time"], frozenset(tags), is_narrowed, tuple(line["values"]), [])
    return found


def _of(mapped: Mapped, athlete_id: str, *, alone: bool) -> Mapped:
    """Return what the database has of an athlete; of the only one also what has no such tag."""
    otherwise = athlete_id if alone else ""
    held = [(tags, what) for tags, what in mapped.held if tags.get("athlete_id", otherwise) == athlete_id]
    return replace(mapped, held=held)


def _wellness(athlete: Line, rows: list[Line], mapped: Mapped) -> Compared:
    wanted = {row["id"]: row for row in rows}
    points = [point for _, held in mapped.held for point in held]
    stored = {moment(at): dict(zip(mapped.values, values, strict=False)) for at, *values in points}
    inside = {one for one in stored if athlete["first"] <= one[:10] <= athlete["last"]}
    shown = _shown(mapped, points)
    both = sorted(inside & wanted.keys())
    return Compared(
        athlete["athlete_id"],
        WELLNESS,
        athlete["today"],
        account=len(wanted),
        database=len(both),
        missing={id_: id_ for id_ in sorted(wanted.keys() - inside)},
        extra={id_: id_[:10] for id_ in sorted(inside - wanted.keys())},
        different={id_: id_ for id_ in both if not _is_alike(wanted[id_], stored[id_], shown)},
        outside=len(stored) - len(inside),
    )


def _shown(mapped: Mapped, points: list[list[Any]]) -> list[str]:
    """Return the fields to compare: those that the database has at all; which are wanted, the user decides."""
    if mapped.is_narrowed:
        return []
    names = enumerate(mapped.values, 1)
    return [name for place, name in names if any(len(one) > place and one[place] is not None for one in points)]


def _is_alike(row: Line, stored: Mapping[str, Any], shown: list[str]) -> bool:
    return all(row.get(name) == stored[name] for name in shown)


def _activities(athlete: Line, rows: list[Line], mapped: Mapped) -> Compared:
    found: defaultdict[str, list[tuple[Mapping[str, str], list[Any]]]] = defaultdict(list)
    for tags, points in mapped.held:
        found[tags.get("id", "")] += ((tags, point) for point in points)
    shown = _shown(mapped, [point for points in found.values() for _, point in points])
    result = Compared(athlete["athlete_id"], ACTIVITIES, athlete["today"], account=len(rows))
    for row in rows:
        held = found.pop(row["id"], [])
        if not held:
            result.missing[row["id"]] = local_day(row)
        else:
            result.database += 1
            if len(held) > 1 or not _is_point(row, mapped, *held[0], shown):
                result.different[row["id"]] = local_day(row)
    for id_, held in sorted(found.items()):
        days = {str(day(point[0])) for _, point in held}
        if any(athlete["first"] <= one <= last_of(athlete) for one in days):
            result.extra[id_] = min(days)
        else:
            result.outside += 1
    return result


def _is_point(row: Line, mapped: Mapped, tags: Mapping[str, str], point: list[Any], shown: list[str]) -> bool:
    """Tell whether a point is where the row's belongs, as far as the row has what the mapping names, and as new."""
    if any(tags.get(tag, "") != (row[tag] or "") for tag in mapped.tags if tag in row):
        return False
    start = row.get(mapped.time or "")
    if start is not None and nanoseconds(start) != point[0]:
        return False
    return _is_alike(row, dict(zip(mapped.values, point[1:], strict=False)), shown)


def _samples(athlete: Line, rows: list[Line], mapped: Mapping[str, Mapped]) -> Compared:
    samples = mapped[SAMPLES]
    found: defaultdict[str, list[tuple[Mapping[str, str], int]]] = defaultdict(list)
    for tags, count in samples.held:
        found[tags.get("activity_id", "")].append((tags, count))
    result = Compared(athlete["athlete_id"], SAMPLES, athlete["today"])
    for row in rows:
        id_, count, held = row["id"], row["samples"], found.pop(row["id"], [])
        result.account += bool(count)
        result.database += bool(held)
        if count is None:
            result.unknown[id_] = local_day(row)
        elif count and not held:
            result.missing[id_] = local_day(row)
        elif held and not _are_samples(row, samples, held):
            result.different[id_] = local_day(row)
    days = {tags.get("id"): str(day(one[0])) for tags, points in mapped[ACTIVITIES].held for one in points}
    for id_ in sorted(found):
        known = days.get(id_, "")
        if known and not athlete["first"] <= known <= last_of(athlete):
            result.outside += 1
        else:
            result.extra[id_] = known
    return result


def _are_samples(row: Line, mapped: Mapped, held: list[tuple[Mapping[str, str], int]]) -> bool:
    (tags, count), *others = held
    expected = {"activity_id": row["id"]} | {name: row[name] for name in ("athlete_id", "type")}
    if others or any(tags.get(tag, "") != (expected[tag] or "") for tag in mapped.tags if tag in expected):
        return False
    samples: int = row["samples"]
    return 0 < count <= samples if mapped.is_narrowed else count == samples


def wishes(compared: Iterable[Compared], *, recount: bool) -> dict[str, dict[str, dict[str, str]]]:
    """Return what the tap's repair takes: what is due again, and what may be gone, by athlete.

    Args:
        compared: All streams of all athletes.
        recount: Whether samples whose number is unknown are due as well.
    """
    result: dict[str, dict[str, dict[str, str]]] = {}
    for one in compared:
        of_athlete = result.setdefault(one.athlete_id, {"wellness": {}, "activities": {}, "gone": {}})
        due = one.missing | one.different | (one.unknown if recount else {})
        of_athlete[WELLNESS if one.stream == WELLNESS else ACTIVITIES] |= due
        if one.stream != WELLNESS:
            of_athlete["gone"] |= {id_: found or one.today for id_, found in one.extra.items()}
    return {athlete: wish for athlete, wish in result.items() if any(wish.values())}


def last_of(athlete: Line) -> str:
    """Return the last day of activities that a sync reads: a clock that runs ahead is no reason to look away."""
    last: str = athlete["last"]
    return last if last < athlete["today"] else "9999"


def tombstones(compared: Iterable[Compared], now: datetime) -> Iterator[Line]:
    """Yield Singer messages that remove days of wellness which the account does not have."""
    gone = [(one.athlete_id, id_) for one in compared if one.stream == WELLNESS and one.account for id_ in one.extra]
    if gone:
        properties = {"athlete_id": {"type": "string"}, "id": {"type": "string", "format": "date"}}
        yield {
            "type": "SCHEMA",
            "stream": WELLNESS,
            "schema": {"type": "object", "properties": properties, "additionalProperties": True},
            "key_properties": ["athlete_id", "id"],
        }
    for athlete_id, id_ in gone:
        record = {"athlete_id": athlete_id, "id": id_, "_sdc_deleted_at": now.isoformat()}
        yield {"type": "RECORD", "stream": WELLNESS, "record": record}


def day(nanos: int) -> date:
    """Return the date of nanoseconds since 1970, which are the athlete's wall clock."""
    return (EPOCH + timedelta(seconds=nanos // 10**9)).date()


def moment(nanos: int) -> str:
    """Return a midnight as its date, any other time (ns since 1970) with its time of day."""
    at = EPOCH + timedelta(microseconds=nanos // 1000)
    return str(at.date()) if at.time() == MIDNIGHT else at.replace(tzinfo=None).isoformat()


def local_day(row: Line) -> str:
    """Return the local date of an activity."""
    return str(row["start_date_local"] or row["start_date"])[:10]


def nanoseconds(text: str) -> int:
    """Return an ISO date or time, UTC unless it says otherwise, as nanoseconds since 1970."""
    at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    at = at if at.tzinfo else at.replace(tzinfo=timezone.utc)
    return (at - EPOCH) // timedelta(microseconds=1) * 1000
