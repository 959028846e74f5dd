"""One list of one athlete over HTTP: rows by days and by ids, without those of which nothing can be made."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from tap_intervals_icu.changes.fingerprint import id_of
from tap_intervals_icu.errors import (
    BrokenAnswerError,
    ForbiddenError,
    QuotaPauseError,
    TapError,
    TransientError,
    WithheldError,
)

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

    def __init__(self, client: Client, athlete_id: str, proven: Days) -> None:
        """Prepare; no request yet.

        Args:
            client: Shared by all lists.
            athlete_id: The athlete's own id, never the alias 0.
            proven: The days that the API is known to list.
        """
        self.client = client
        self.athlete_id = athlete_id
        self.failed: set[str] = set()
        """Ids for which the API had no answer, though it answers others."""
        self._odd = 0
        """Rows of one list that were said to be left out."""
        self.proven = proven
        self.unlisted: list[Days] = []
        """Days that the API does not list, though it lists others."""

    @abstractmethod
    def listed(self, row: Row, *, whole: bool) -> Listed:
        """Return what change detection needs of a row.

        Raises:
            TypeError, ValueError: It has no id or no date.
        """

    @abstractmethod
    def chunks(self, ids: Sequence[str]) -> Iterator[Sequence[str]]:
        """Cut ids, newest first, into what one request can fetch."""

    @abstractmethod
    def request(self, ids: Sequence[str]) -> list[Any]:
        """Fetch whole rows; others may be among them."""

    def has_data(self, row: Row) -> bool:
        """Tell whether a row is of use, and no stub."""
        del row
        return True

    def usable(self, rows: list[Row]) -> list[Row]:
        """Leave out rows that are of no use."""
        return [row for row in rows if self.has_data(row)]

    def readable(self, rows: list[Any]) -> list[Row]:
        """Leave out rows without id or date, with a warning: they must not cost the others. Stubs stay."""
        good: dict[str, Row] = {}
        odd = 0
        for row in rows:
            try:
                id_ = id_of(row)
                if self.has_data(row):
                    self.listed(row, whole=False)
            except Exception:  # noqa: BLE001 - of any kind: there is no telling what stands in a row
                odd += 1
            else:
                good[id_] = row
        if odd > self._odd:  # not again for the same ones in another list
            self._odd = odd
            logger.warning(
                "%s of athlete %s: %d rows without id or date are left out.", self.name, self.athlete_id, odd
            )
        return list(good.values())

    def between(self, days: Days, properties: Sequence[str] = ()) -> list[Row]:
        """List the rows of some days, all properties by default; what is not listed is noted in `unlisted`.

        No limit of the range is documented. Should the server not take a long one, it is asked for the days that it is
        known to take, and for the others apart; should it fail at these, they are asked for in parts.
        """
        rows = []
        for part in self._listable(days):
            try:
                rows += self._list(part, properties)
            except TapError as error:
                rows += self._list_in_parts(part, properties, error)
        return self.readable(rows)

    def _listable(self, days: Days) -> Iterator[Days]:
        """Yield the days without those that the server did not take before."""
        taken = days.inside(self.proven) if self.unlisted else days
        if taken:
            yield taken

    def _list(self, days: Days, properties: Sequence[str]) -> list[Any]:
        params = {"oldest": days.first.isoformat(), "newest": f"{days.last}{self.end_of_day}"}
        if properties:
            params["fields"] = ",".join(properties)
        rows: list[Any] = self.client.get(f"/athlete/{self.athlete_id}/{self.name}", params)
        return rows

    def _list_in_parts(self, days: Days, properties: Sequence[str], error: TapError) -> list[Any]:
        """List the rows of days that the server did not list at once.

        Raises:
            TapError: The fault lies elsewhere, or no part is short enough.
        """
        if is_pause(error) or isinstance(error, ForbiddenError):
            raise error
        self.check_api()
        inner = days.inside(self.proven)
        if inner and inner != days:
            logger.warning("%s %s: asking for it in parts.", self.name, days)
            rows = self.between(inner, properties)
            return rows + [row for part in days.outside(inner) for row in self._list_or_leave(part, properties)]
        if isinstance(error, BrokenAnswerError) and days.first == days.last:
            return self._leave(days, error)
        if not isinstance(error, TransientError):
            raise error
        if not isinstance(error, BrokenAnswerError) and days.last - days.first < SHORTEST_LIST:
            raise error
        logger.warning("%s %s: asking for it in two parts.", self.name, days)
        return [row for half in days.halves() for row in self.between(half, properties)]

    def _list_or_leave(self, days: Days, properties: Sequence[str]) -> list[Any]:
        """List the rows of days of which it is not known whether the server lists them."""
        try:
            return self._list(days, properties)
        except TapError as error:
            if is_pause(error) or isinstance(error, ForbiddenError):
                raise
            return self._leave(days, error)

    def _leave(self, days: Days, error: TapError) -> list[Any]:
        logger.warning("%s of athlete %s, %s, are left out. %s", self.name, self.athlete_id, days, error.message)
        self.unlisted.append(days)
        return []

    def is_listed(self, day: int) -> bool:
        """Tell whether the lists of this run say what there is on a day, as far as they were asked."""
        return not any(day in days for days in self.unlisted)

    def by_id(self, ids: Sequence[str]) -> list[Row]:
        """Fetch whole rows, leaving out (`failed`) single ones for which the API has no answer."""
        try:
            return self.usable(self.readable(self.request(ids)))
        except (ForbiddenError, WithheldError, TransientError) as error:
            if is_pause(error):
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
        check_api(self.client, self.athlete_id)


def check_api(client: Client, athlete_id: str) -> None:
    """Return if the API answers for an athlete at all.

    Raises:
        TapError: It does not: the fault lies not in what was asked for before.
    """
    client.get(f"/athlete/{athlete_id}", shape=dict[str, object])


def is_pause(error: TapError) -> bool:
    """Tell whether the API does not refuse this request, but any more of them for now."""
    return isinstance(error, QuotaPauseError) or (isinstance(error, TransientError) and error.is_quota)
