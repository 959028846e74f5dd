"""One list of one athlete over HTTP: rows by days and by ids, without those of which nothing can be made."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from tap_intervals_icu.errors import ForbiddenError, RefusedError, TransientError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tap_intervals_icu.api.client import Client
    from tap_intervals_icu.changes.days import Days
    from tap_intervals_icu.changes.detect import Listed
    from tap_intervals_icu.records.rows import Row

logger = logging.getLogger("tap-intervals-icu")

SHORTEST_LIST = timedelta(days=31)
"""A list of fewer days that fails is not asked for in parts."""


class Listing(ABC):
    """Access to the rows of one list."""

    name: ClassVar[str]
    end_of_day: ClassVar[str] = ""
    """What makes the last date of a range inclusive."""

    def __init__(self, client: Client, athlete_id: str) -> None:
        """Prepare; no request yet.

        Args:
            client: Shared by all lists.
            athlete_id: The athlete's own id, never the alias 0.
        """
        self.client = client
        self.athlete_id = athlete_id
        self.failed: set[str] = set()
        """Ids for which the API had no answer, though it answers others."""

    @abstractmethod
    def listed(self, row: Row, *, whole: bool) -> Listed:
        """Return what change detection needs of a row.

        Raises:
            TypeError, ValueError: It has no date.
        """

    @abstractmethod
    def chunks(self, ids: Sequence[str]) -> Iterator[Sequence[str]]:
        """Cut ids, newest first, into what one request can fetch."""

    @abstractmethod
    def request(self, ids: Sequence[str]) -> list[Row]:
        """Fetch whole rows; others may be among them."""

    def has_data(self, row: Row) -> bool:
        """Tell whether a row is of use, and no stub."""
        del row
        return True

    def usable(self, rows: list[Row]) -> list[Row]:
        """Leave out rows that are of no use."""
        return [row for row in rows if self.has_data(row)]

    def readable(self, rows: list[Row]) -> list[Row]:
        """Leave out rows without id or date, with a warning: they must not cost the others. Stubs stay."""
        good: dict[str, Row] = {}
        for row in rows:
            id_ = row.get("id")
            try:
                if id_ is not None and self.has_data(row):
                    self.listed(row, whole=False)
            except (TypeError, ValueError):
                id_ = None
            if id_ is None:
                logger.warning("%s of athlete %s: a row without id or date is left out.", self.name, self.athlete_id)
            else:
                good[str(id_)] = row
        return list(good.values())

    def between(self, days: Days, properties: Sequence[str] = ()) -> list[Row]:
        """List the rows of some days, all properties by default.

        No limit of the range is documented; should the server fail at a long one, it is asked for in parts.
        """
        params = {"oldest": days.first.isoformat(), "newest": f"{days.last}{self.end_of_day}"}
        if properties:
            params["fields"] = ",".join(properties)
        try:
            rows: list[Row] = self.client.get(f"/athlete/{self.athlete_id}/{self.name}", params)
        except TransientError as error:
            if error.is_quota or days.last - days.first < SHORTEST_LIST:
                raise
            self.check_api()
            logger.warning("%s from %s to %s: asking for it in two parts.", self.name, days.first, days.last)
            return [row for half in days.halves() for row in self.between(half, properties)]
        return self.readable(rows)

    def by_id(self, ids: Sequence[str]) -> list[Row]:
        """Fetch whole rows, leaving out (`failed`) single ones for which the API has no answer."""
        try:
            return self.usable(self.readable(self.request(ids)))
        except (ForbiddenError, RefusedError, TransientError) as error:
            if isinstance(error, TransientError) and error.is_quota:
                raise
            self.check_api()
            if len(ids) == 1:
                logger.warning("%s %s of athlete %s: %s", self.name, ids[0], self.athlete_id, error.message)
                self.failed.add(ids[0])
                return []
        middle = len(ids) // 2
        return self.by_id(ids[:middle]) + self.by_id(ids[middle:])

    def check_api(self) -> None:
        """Return if the API answers at all; a TapError otherwise."""
        self.client.get(f"/athlete/{self.athlete_id}", shape=dict[str, object])


def named(ids: Sequence[str]) -> str:
    """Return the first few of some ids as text."""
    return ", ".join(ids[:5]) + (", ..." if len(ids) > len(ids[:5]) else "")
