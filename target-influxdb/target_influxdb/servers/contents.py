"""Statements that read what a database holds by InfluxQL, and their answers: times, or numbers of points.

Asked for by quarters: each statement stays quick on a small machine, and costs next to nothing where no data is.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from target_influxdb.errors import TargetError
from target_influxdb.lineprotocol.stamps import EARLIEST, LATEST, UNITS
from target_influxdb.servers import influxql

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from target_influxdb.servers.http import Answer

    Query = Callable[[str], Answer]

Tags = tuple[str, ...]

FIRST_YEAR = 2000


def spans() -> Iterator[tuple[int, int]]:
    """Yield first and last time (ns) of each span, all of time together; quarters where data is likely."""
    years = range(FIRST_YEAR, datetime.now(timezone.utc).year + 2)
    quarters = [datetime(year, month, 1, tzinfo=timezone.utc) for year in years for month in (1, 4, 7, 10)]
    starts = [int(one.timestamp()) * UNITS["s"] for one in quarters]
    yield from zip([EARLIEST, *starts], [*(start - 1 for start in starts), LATEST], strict=True)


def tag_keys(query: Query, measurement: str) -> Tags:
    """Return the names of the tags of a measurement."""
    answer = query(f"SHOW TAG KEYS FROM {influxql.identifier(measurement)}")
    return tuple(row[0] for series in _series(answer) for row in series["values"])


def rows(query: Query, measurement: str, tags: Tags, fields: Tags, policy: str = "") -> dict[Tags, list[list[Any]]]:
    """Return the time (ns) and values of some fields of all points, by the values of their tags ("" for none).

    Raises:
        TargetError: they can't be read.
    """
    found: defaultdict[Tags, list[list[Any]]] = defaultdict(list)
    for series in _answers(query, f"SELECT * FROM {influxql.source(measurement, policy)}", ""):  # noqa: S608 - quoted
        columns = {name: place for place, name in enumerate(series["columns"])}
        by = [columns.get(tag) for tag in tags]
        wanted = [columns.get(field) for field in fields]
        for row in series["values"]:
            key = tuple("" if place is None else row[place] or "" for place in by)
            found[key].append([row[0], *(None if place is None else row[place] for place in wanted)])
    return found


def counts(query: Query, measurement: str, tags: Tags, policy: str = "") -> dict[Tags, int]:
    """Return how many values the fullest field has, by the values of the tags.

    Raises:
        TargetError: that can't be read.
    """
    fields: defaultdict[Tags, Counter[str]] = defaultdict(Counter)
    by = f" GROUP BY {', '.join(map(influxql.identifier, tags))}" if tags else ""
    for series in _answers(query, f"SELECT count(*) FROM {influxql.source(measurement, policy)}", by):  # noqa: S608 - quoted
        key = tuple(series.get("tags", {}).get(tag, "") for tag in tags)
        for row in series["values"]:
            fields[key].update(dict(zip(series["columns"][1:], (value or 0 for value in row[1:]), strict=True)))
    return {key: max(one.values(), default=0) for key, one in fields.items()}


def _answers(query: Query, select: str, by: str) -> Iterator[dict[str, Any]]:
    for first, last in spans():
        yield from _series(query(f"{select} WHERE time >= {first} AND time <= {last}{by}"))


def _series(answer: Answer) -> Sequence[dict[str, Any]]:
    if influxql.is_missing(answer):
        return []
    if answer.status != 200:  # noqa: PLR2004 - OK
        raise TargetError(f"What the database holds can't be read: {answer.brief()}.")
    return list(influxql.series_of(answer))
