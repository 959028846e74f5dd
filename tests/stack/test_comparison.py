"""An account held against a database: each difference is named once, and nothing else is."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from sync.comparison import Compared, compare, nanoseconds, tombstones, wishes
from sync.verify import table, verdict

ATHLETE = {"stream": "athlete", "athlete_id": "i1", "first": "2026-01-01", "last": "2026-03-01", "today": "2026-03-01"}
VALUES = {"wellness": ["updated", "ctl"], "activities": ["updated"]}
STREAMS = ["wellness", "activities", "activity_streams"]


def athlete(*streams: str, **changes: str) -> dict[str, Any]:
    return {**ATHLETE, "streams": list(streams or STREAMS), **changes}


def wellness(day: str, who: str = "i1") -> dict[str, Any]:
    return {"stream": "wellness", "athlete_id": who, "id": day, "updated": "u", "ctl": 5}


def activity(id_: str, samples: int | None, at: str = "2026-02-01T07:00:00") -> dict[str, Any]:
    start = {"type": "Ride", "start_date": at + "Z", "start_date_local": at}
    return {"stream": "activities", "athlete_id": "i1", "id": id_, "samples": samples, "updated": "u", **start}


def stream(name: str, time: str, *tags: str, **changes: Any) -> dict[str, Any]:
    mapped = {
        "values": VALUES.get(name, []),
        "tags": list(tags),
        "mapped_tags": list(tags),
        "fields": None,
        "exclude": ["start_date"],
    }
    return {"stream": name, "time": time, **mapped, **changes}


def mapping(**samples: Any) -> list[dict[str, Any]]:
    return [
        {"server": "InfluxDB", "cannot_delete": ""},
        stream("wellness", "id", "athlete_id"),
        stream("activities", "start_date_local", "athlete_id", "id", "type"),
        stream("activity_streams", "start_date_local", "athlete_id", "activity_id", "type", **samples),
    ]


def day_points(*days: str, who: str = "i1") -> dict[str, Any]:
    return {"stream": "wellness", "of": {"athlete_id": who}, "rows": [[nanoseconds(day), "u", 5.0] for day in days]}


def point(id_: str, kind: str = "Ride", who: str = "i1", at: str = "2026-02-01T07:00:00") -> dict[str, Any]:
    return {
        "stream": "activities",
        "of": {"athlete_id": who, "id": id_, "type": kind},
        "rows": [[nanoseconds(at), "u"]],
    }


def samples(id_: str, count: int, kind: str = "Ride") -> dict[str, Any]:
    return {"stream": "activity_streams", "of": {"athlete_id": "i1", "activity_id": id_, "type": kind}, "count": count}


def found(*compared: Compared) -> dict[str, dict[str, list[str]]]:
    names = ("missing", "extra", "different", "unknown")
    listed = {one.stream: {name: list(getattr(one, name)) for name in names if getattr(one, name)} for one in compared}
    return {name: what for name, what in listed.items() if what}


def test_equal_sides_have_no_difference() -> None:
    census = [athlete(), wellness("2026-02-01"), activity("a", 60), activity("manual", 0)]
    inventory = [*mapping(), day_points("2026-02-01"), point("a"), point("manual"), samples("a", 60)]
    compared = compare(census, inventory)
    assert found(*compared) == {}
    assert [(one.account, one.database) for one in compared] == [(1, 1), (2, 2), (1, 1)]
    assert wishes(compared, recount=True) == {}
    assert list(verdict(compared, {}, repaired=False)) == ["Equal: the database holds what the account holds."]


def test_each_difference_is_named() -> None:
    census = [athlete(), *(wellness(f"2026-02-0{day}") for day in (1, 2))]
    census += [activity(id_, 60) for id_ in ("lost", "moved", "retyped", "twice", "cut", "bare", "alike")]
    census += [activity("unknown", None), activity("manual", 0)]
    inventory = [*mapping(), day_points("2026-02-02", "2026-02-03", "2026-02-02T08:00:00")]
    inventory += [point("moved", at="2026-02-01T08:00:00"), point("retyped", "Run")]
    inventory += [point("twice"), point("twice", "Run")]
    inventory += [point(id_) for id_ in ("cut", "bare", "alike", "unknown", "manual", "ghost")]
    inventory += [samples(id_, 60) for id_ in ("moved", "twice", "alike", "unknown", "ghost", "manual")]
    inventory += [samples("retyped", 60, "Run"), samples("cut", 59), samples("orphan", 1)]
    compared = compare(census, inventory)
    assert found(*compared) == {
        "wellness": {"missing": ["2026-02-01"], "extra": ["2026-02-02T08:00:00", "2026-02-03"]},
        "activities": {"missing": ["lost"], "extra": ["ghost"], "different": ["moved", "retyped", "twice"]},
        "activity_streams": {
            "missing": ["lost", "bare"],
            "extra": ["ghost", "orphan"],
            "different": ["retyped", "cut", "manual"],
            "unknown": ["unknown"],
        },
    }
    (wish,) = wishes(compared, recount=False).values()
    assert wish["wellness"] == {"2026-02-01": "2026-02-01"}
    assert sorted(wish["activities"]) == ["bare", "cut", "lost", "manual", "moved", "retyped", "twice"]
    assert wish["gone"] == {"ghost": "2026-02-01", "orphan": "2026-03-01"}
    assert "unknown" in wishes(compared, recount=True)["i1"]["activities"]
    records = [one["record"] for one in tombstones(compared, datetime.now(timezone.utc)) if one["type"] == "RECORD"]
    assert [one["id"] for one in records] == ["2026-02-02T08:00:00", "2026-02-03"]


def test_what_lies_outside_of_the_configured_days_is_left_alone() -> None:
    census = [athlete(last="2026-02-20"), wellness("2026-02-01")]
    inventory = [*mapping(), day_points("2025-12-31", "2026-02-01", "2026-02-21")]
    inventory += [point("old", at="2025-06-01T07:00:00"), samples("old", 60)]
    compared = compare(census, inventory)
    assert found(*compared) == {}
    assert [one.outside for one in compared] == [2, 1, 1]


def test_athletes_are_told_apart_and_those_of_others_left_alone() -> None:
    census = [athlete(), athlete(athlete_id="i2"), wellness("2026-02-01"), wellness("2026-02-01", "i2")]
    others = [day_points("2026-02-05", who="i9"), point("x", who="i9")]
    compared = compare(census, [*mapping(), day_points("2026-02-01", who="i2"), *others])
    of_wellness = [one for one in compared if one.stream == "wellness"]
    assert [(one.athlete_id, list(one.missing)) for one in of_wellness] == [("i1", ["2026-02-01"]), ("i2", [])]
    assert found(*compared[1:]) == {}


def test_streams_that_are_not_synced_are_not_compared() -> None:
    compared = compare([athlete("activities"), activity("a", None)], [*mapping(), point("a")])
    assert [(one.stream, one.is_equal) for one in compared] == [("activities", True)]


def test_with_fewer_channels_in_the_mapping_fewer_samples_are_enough() -> None:
    census = [athlete(), activity("a", 60)]
    for narrowed in ({"fields": ["heartrate"]}, {"exclude": ["start_date", "watts"]}):
        compared = compare(census, [*mapping(**narrowed), point("a"), samples("a", 55)])
        assert found(*compared) == {}
        compared = compare(census, [*mapping(**narrowed), point("a"), samples("a", 61)])
        assert found(*compared) == {"activity_streams": {"different": ["a"]}}


def test_a_mapping_of_the_users_own_is_followed() -> None:
    mapped = mapping()
    mapped[2] = stream("activities", "start_date", "id", "gear")
    row = {**activity("a", 0), "start_date": "2026-02-01T06:00:00Z"}
    stored = {"stream": "activities", "of": {"id": "a", "gear": "b1"}, "rows": [[nanoseconds("2026-02-01T06:00:00")]]}
    assert found(*compare([athlete(), row], [*mapped, stored])) == {}


def test_the_table_names_the_newest_ids_and_says_what_to_do() -> None:
    rows = [activity(f"a{day:02}", 9, at=f"2026-01-{day:02}T07:00:00") for day in range(1, 31)]
    compared = compare([athlete(), *rows], mapping())
    lines = list(table(compared))
    assert lines[:4] == [
        "athlete  stream            account  database  missing  extra  different  unknown",
        "i1       wellness                0         0        0      0          0        0",
        "i1       activities             30         0       30      0          0        0",
        "i1       activity_streams       30         0       30      0          0        0",
    ]
    assert lines[4].startswith("missing activities of i1: a30 (2026-01-30), a29 (2026-01-29)")
    assert lines[4].endswith(" and 10 more")
    said = " ".join(verdict(compared, {"cannot_delete": "It cannot delete"}, repaired=False))
    assert "`verify --repair` brings back all the rest." in said
    assert said.endswith("It cannot delete.")


def test_a_row_that_is_older_than_the_accounts_is_different() -> None:
    census = [athlete(), wellness("2026-02-01"), wellness("2026-02-02"), wellness("2026-02-03"), activity("a", 0)]
    days = day_points("2026-02-01", "2026-02-02", "2026-02-03")
    days["rows"][0][1], days["rows"][1][2] = "older", 4.9
    old = point("a")
    old["rows"][0][1] = "older"
    assert found(*compare(census, [*mapping(), days, old])) == {
        "wellness": {"different": ["2026-02-01", "2026-02-02"]},
        "activities": {"different": ["a"]},
    }


def test_fields_that_the_database_never_has_are_not_compared() -> None:
    days = {"stream": "wellness", "of": {"athlete_id": "i1"}, "rows": [[nanoseconds("2026-02-01")]]}
    assert found(*compare([athlete("wellness"), wellness("2026-02-01")], [*mapping(), days])) == {}
    days["rows"] = [[nanoseconds("2026-02-01"), "u", None]]
    assert found(*compare([athlete("wellness"), wellness("2026-02-01")], [*mapping(), days])) == {}
