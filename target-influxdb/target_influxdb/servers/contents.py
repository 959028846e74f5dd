"""What a database holds, read by InfluxQL: marks, times, numbers of points.

Times and numbers are asked for by quarters: each statement stays quick on a small machine, and costs next to nothing
where no data is.
"""

from __future__ import annotations

import abc
from collections import Counter, defaultdict
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from target_influxdb.errors import TargetError
from target_influxdb.lineprotocol.stamps import EARLIEST, LATEST, UNITS
from target_influxdb.servers import influxql, marks
from target_influxdb.servers.base import HttpServer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from target_influxdb.servers.base import Tags
    from target_influxdb.servers.http import Answer
    from target_influxdb.servers.marks import Mark

FIRST_YEAR = 2000


def spans() -> Iterator[tuple[int, int]]:
    """Yield first and last time (ns) of each span, all of time together; quarters where data is likely."""
    years = range(FIRST_YEAR, datetime.now(timezone.utc).year + 2)
    quarters = [datetime(year, month, 1, tzinfo=timezone.utc) for year in years for month in (1, 4, 7, 10)]
    starts = [int(one.timestamp()) * UNITS["s"] for one in quarters]
    yield from zip([EARLIEST, *starts], [*(start - 1 for start in starts), LATEST], strict=True)


class InfluxQLServer(HttpServer):
    """A server whose contents are read by InfluxQL."""

    policy = ""
    """The retention policy that is meant, "" for the default."""

    @abc.abstractmethod
    def _query(self, statement: str) -> Answer:
        """Run a statement in the bucket or database."""

    @abc.abstractmethod
    def _marks(self, statement: str) -> list[Mark] | None:
        """Return the marks that a statement answers; None if they can't be read."""

    @override
    def marks(self, since: int, numbers: Sequence[int] = ()) -> list[Mark] | None:
        return self._marks(marks.ask(since, numbers, self.policy))

    @override
    def last_marks(self) -> list[Mark] | None:
        return self._marks(marks.ask_last(self.policy))

    @override
    def tag_keys(self, measurement: str) -> Tags:
        found = self._series(f"SHOW TAG KEYS FROM {influxql.identifier(measurement)}")
        return tuple(row[0] for series in found for row in series["values"])

    @override
    def rows(self, measurement: str, tags: Tags, fields: Tags) -> dict[Tags, list[list[Any]]]:
        found: defaultdict[Tags, list[list[Any]]] = defaultdict(list)
        for series in self._answers("*", measurement, ""):
            columns = {name: place for place, name in enumerate(series["columns"])}
            by = [columns.get(tag) for tag in tags]
            wanted = [columns.get(field) for field in fields]
            for row in series["values"]:
                key = tuple("" if place is None else row[place] or "" for place in by)
                found[key].append([row[0], *(None if place is None else row[place] for place in wanted)])
        return found

    @override
    def counts(self, measurement: str, tags: Tags) -> dict[Tags, int]:
        fields: defaultdict[Tags, Counter[str]] = defaultdict(Counter)
        by = f" GROUP BY {', '.join(map(influxql.identifier, tags))}" if tags else ""
        for series in self._answers("count(*)", measurement, by):
            key = tuple(series.get("tags", {}).get(tag, "") for tag in tags)
            for row in series["values"]:
                fields[key].update(dict(zip(series["columns"][1:], (value or 0 for value in row[1:]), strict=True)))
        return {key: max(one.values(), default=0) for key, one in fields.items()}

    def _answers(self, what: str, measurement: str, by: str) -> Iterator[dict[str, Any]]:
        select = f"SELECT {what} FROM {influxql.source(measurement, self.policy)}"  # noqa: S608 - quoted
        for first, last in spans():
            yield from self._series(f"{select} WHERE time >= {first} AND time <= {last}{by}")

    def _series(self, statement: str) -> Sequence[dict[str, Any]]:
        answer = self._query(statement)
        if influxql.is_missing(answer) or (not answer.ok and self._is_missing()):
            return []
        if not answer.ok:
            raise TargetError(f"What the database holds can't be read: {answer.brief()}.")
        return list(influxql.series_of(answer))

    def _is_missing(self) -> bool:
        """Tell whether the bucket is not there yet, where no answer to a query says so."""
        return False
