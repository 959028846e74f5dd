"""InfluxQL queries of the boards. Points carry the athlete's wall clock written as UTC (see docs)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.common import DataSourceRef

if TYPE_CHECKING:
    from collections.abc import Sequence

SOURCE = DataSourceRef(type_val="influxdb", uid="${datasource}")

RANGE = "$timeFilter"
"""The range of the board; Grafana puts both bounds in."""
EVER = "time > 0 AND time < now() + 2d"
"""Whatever there is, also an athlete's today that lies ahead of UTC."""
ATHLETE = "\"athlete_id\" = '${athlete:raw}'"
SPORT = '"type" =~ /^(${sport:regex})$/'
NAMED = '("name" =~ /(?i)${search:regex}/ OR "athlete_id" =~ /^${search:regex}${athlete:regex}$/)'
"""Activities with the text that is searched; one may lack a name.

The second part holds for the empty text only, as no id is longer than itself.
"""
WEEK = "time(1w,4d)"
"""Weeks that start on Monday: 1970 began on a Thursday."""
WHOLE_WEEKS = "time >= ${__from}ms - 7d AND time <= ${__to}ms"
"""The range, and the days before it that belong to its first week; what is older than that week is not drawn."""
FIT = '"ctl" >= 1'
"""Less is no fitness to relate anything to, and a division by 0 would read as 0."""
CARRIED = {"weight": "tempWeight", "restingHR": "tempRestingHR"}
"""Fields of wellness, and the flag that says that the value was carried over from the settings, not measured."""


@dataclass(frozen=True)
class Query:
    """InfluxQL and how its answer is read: a frame per series and column, or one table.

    `alias` names the series: `$col` is the column, `$tag_type` a tag.
    """

    text: str
    alias: str = "$col"
    table: bool = False


class InfluxTarget(Dataquery):
    """A query as Grafana's InfluxDB data source stores it; the SDK has no type for it."""

    def __init__(self, query: Query, ref_id: str, **more: object) -> None:
        self.query, self.ref_id, self.more = query, ref_id, more

    def to_json(self) -> dict[str, object]:
        """Return what goes into the board's JSON."""
        result: dict[str, object] = {
            "datasource": SOURCE,
            "query": self.query.text,
            "rawQuery": True,
            "refId": self.ref_id,
            "resultFormat": "table" if self.query.table else "time_series",
        }
        return result | ({} if self.query.table else {"alias": self.query.alias}) | self.more


def statement(columns: str, source: str, *where: str, tail: str = "") -> str:
    """Return a SELECT; `where` has to bound the time on both sides."""
    text = f"SELECT {columns} FROM {source} WHERE {' AND '.join(where)}"  # noqa: S608 - Grafana fills in variables only
    return f"{text} {tail}" if tail else text


def select(measurement: str, columns: str, *where: str, tail: str = "") -> str:
    """Return a SELECT of the chosen athlete's points; `where` has to bound the time on both sides."""
    return statement(columns, f'"{measurement}"', ATHLETE, *where, tail=tail)


def series(measurement: str, column: str, group: str, name: str, *, when: str = RANGE) -> Query:
    """How many values of a tag have a column."""
    inner = select(measurement, f'count("{column}") AS "n"', when, tail=f'GROUP BY "{group}"')
    return Query(statement(f'count("n") AS "{name}"', f"({inner})", when))


def wellness(columns: str, *where: str, tail: str = "") -> str:
    """Return a SELECT of wellness, without values that were carried over, and of days only that fulfil `where`.

    The conditions stand outside of a subquery: there a flag that a day lacks is false; next to the measurement
    InfluxDB drops such days.
    """
    names, conditions = _read(columns, where)
    if not conditions:
        return select("wellness", columns, RANGE, tail=tail)
    inner = select("wellness", ", ".join(f'"{name}"' for name in names), RANGE)
    return statement(columns, f"({inner})", *conditions, RANGE, tail=tail)


def _read(columns: str, where: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Return the wellness fields that columns and conditions need, and the conditions, with those on carried values."""
    names = re.findall(r'(?<!AS )"(\w+)"', columns)
    conditions = [*where, *(f'"{flag}" != true' for name, flag in CARRIED.items() if name in names)]
    return list(dict.fromkeys([*names, *re.findall(r'"(\w+)"', " ".join(conditions))])), conditions


def days(columns: str, *where: str, tail: str = "") -> Query:
    """Wellness by day: a series per column."""
    return Query(wellness(columns, *where, tail=tail))


def newest_day(columns: str, *where: str) -> Query:
    """Return the newest existing day, one row; what it lacks stays empty, never filled from an older day."""
    names, conditions = _read(columns, where)
    return newest("wellness", columns, names, ATHLETE, RANGE, outside=[*conditions, RANGE])


def newest(
    measurement: str, columns: str, names: Sequence[str], *where: str, outside: Sequence[str], mark: str = "updated"
) -> Query:
    """Return the newest point, one row, with `mark`, a field that every point has.

    last() of that field brings the others of the same point. LIMIT 1 does not: on InfluxDB 3 it counts for each field
    by itself, and a value that the newest point lacks would come from an older one.
    """
    read = ", ".join([f'last("{mark}") AS "{mark}"', *(f'"{name}"' for name in names if name != mark)])
    point = statement(read, f'"{measurement}"', *where)
    return Query(statement(f'"{mark}", {columns}' if columns else f'"{mark}"', f"({point})", *outside), table=True)


def load_by_day(span: int) -> tuple[Query, Query]:
    """Load of the chosen sports by day, and the days that exist, of a little more than `span` days; for `last_days`.

    A window of true time would be up to 14 hours off the athlete's days.
    """
    when = f"time >= ${{__to}}ms - {span + 10}d AND time <= ${{__to}}ms"
    load = select("activities", 'sum("icu_training_load") AS "Load"', SPORT, when, tail="GROUP BY time(1d) fill(0)")
    return Query(load, table=True), Query(select("wellness", '"updated"', when), table=True)


def activities(columns: str, *where: str, tail: str = "", when: str = RANGE) -> Query:
    """Activities of the chosen sports, a table."""
    return Query(select("activities", columns, SPORT, *where, when, tail=tail), table=True)


def total(columns: str, *where: str, when: str = RANGE) -> Query:
    """One number or several about the chosen activities."""
    return Query(select("activities", columns, SPORT, *where, when))


def by_sport(column: str, period: str = "", *where: str) -> Query:
    """Return an aggregate of the chosen activities by period (none: over the range), a series per sport."""
    tail = f'GROUP BY {period}, "type" fill(none)' if period else 'GROUP BY "type"'
    return Query(select("activities", column, SPORT, *where, _range(period), tail=tail), alias="$tag_type")


def by_period(columns: str, period: str, *where: str) -> Query:
    """Return aggregates of the chosen activities by period, a series per column."""
    return Query(select("activities", columns, SPORT, *where, _range(period), tail=f"GROUP BY {period} fill(none)"))


def _range(period: str) -> str:
    return WHOLE_WEEKS if period == WEEK else RANGE


def samples(columns: str, *where: str, tail: str = "GROUP BY time($__interval) fill(null)") -> Query:
    """Channels of the chosen activity; time steps without a sample are null, so that a line breaks there."""
    return Query(select("activity_streams", columns, "\"activity_id\" = '${activity:raw}'", *where, RANGE, tail=tail))
