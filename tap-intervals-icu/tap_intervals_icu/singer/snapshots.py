"""The bases of streams that are one list as it stands today: emitted where it differs from what was emitted last."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec
from typing_extensions import override

from tap_intervals_icu.changes.days import is_due
from tap_intervals_icu.changes.detect import digest
from tap_intervals_icu.changes.idset import pack, unpack
from tap_intervals_icu.changes.listing import check_api, is_pause
from tap_intervals_icu.changes.state import fields
from tap_intervals_icu.errors import ForbiddenError, MissingError, TransientError
from tap_intervals_icu.formatting import named
from tap_intervals_icu.records.rows import Row, clean, curve_records, dictionaries
from tap_intervals_icu.singer.base import AthleteStream

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_intervals_icu.changes.athlete import Athlete

logger = logging.getLogger("tap-intervals-icu")


class SnapshotStream(AthleteStream):
    """A list of an athlete, requested whole in every run."""

    selected_by_default = False
    primary_keys: tuple[str, ...] = ("athlete_id", "id")

    endpoint: ClassVar[str | None] = None
    """What the API calls the list; None where that is the stream's name, with hyphens."""
    has_date: ClassVar[bool] = True
    """Whether rows carry a date of their own; the others get `as_of`, the local date on which they stood so."""

    def path(self, athlete: Athlete) -> str:
        """Return where the list of an athlete is."""
        endpoint = self.name.replace("_", "-") if self.endpoint is None else self.endpoint
        return f"/athlete/{athlete.id}/{endpoint}".removesuffix("/")

    def groups(self, athlete: Athlete) -> Iterator[tuple[str, list[Row]]]:
        """Yield the records that change together, with a name for them (no blanks)."""
        yield from self.listed(athlete, {})

    def listed(self, athlete: Athlete, params: Mapping[str, str]) -> Iterator[tuple[str, list[Row]]]:
        """Yield the records of the list that some query parameters ask for, each with its id."""
        rows = athlete.client.get(self.path(athlete), params)
        good = [row for row in dictionaries(rows) if isinstance(row.get("id"), (str, int))]
        if len(good) < len(rows):
            logger.warning(
                "%s of athlete %s: %d rows without an id are left out.", self.name, athlete.id, len(rows) - len(good)
            )
        for row in good:
            yield str(row["id"]), [self.record(row) | {"athlete_id": athlete.id}]

    def record(self, row: Row) -> Row:
        """Return the record of a row."""
        return clean(row)

    def vanished(self, athlete: Athlete, group: str, records: list[Row], state: dict[str, Any]) -> Iterator[Row]:
        """Yield tombstones for records that a changed group does not have any more."""
        del athlete, group, records, state
        yield from ()

    def deleted(self, athlete: Athlete, group: str) -> list[Row] | None:
        """Return tombstones for a group that is not listed any more; None where nothing proves that it is gone."""
        del athlete, group
        return None

    @override
    def emit(self, athlete: Athlete, state: dict[str, Any]) -> Iterator[Row]:
        seen = dict(fields(state.get("seen", ()), 2))
        listed = set()
        try:
            for group, records in self.groups(athlete):
                listed.add(group)
                version = digest(records)  # before the SDK takes deselected properties out
                if seen.get(group) != version:
                    date = {} if self.has_date else {"as_of": str(athlete.today)}
                    yield from (record | date for record in records)
                    yield from self.vanished(athlete, group, records, state)
                    seen[group] = version
            for group in sorted(seen.keys() - listed):
                tombstones = self.deleted(athlete, group)
                if tombstones is not None:
                    yield from tombstones
                    del seen[group]
        finally:
            state["seen"] = [" ".join(entry) for entry in sorted(seen.items())]


class DailyStream(SnapshotStream):
    """What is read only when activities changed, and about once a day."""

    @override
    def emit(self, athlete: Athlete, state: dict[str, Any]) -> Iterator[Row]:
        now = self.run.server_time
        if athlete.has_news or is_due(state.get("read", ""), now, athlete.scope.census_interval):
            yield from super().emit(athlete, state)
            state["read"] = now.isoformat()


class ProfileStream(DailyStream):
    """One object in place of a list, of which only the properties of the schema are emitted."""

    @override
    def groups(self, athlete: Athlete) -> Iterator[tuple[str, list[Row]]]:
        row: Row = athlete.client.get(self.path(athlete), shape=Row)
        known = {name: row[name] for name in self.schema["properties"] if name in row}
        yield athlete.id, [known | {"athlete_id": athlete.id}]


class CurveStream(DailyStream):
    """Best values over a range of durations or distances, for each sport and period.

    They cost a request for each sport, and their periods move from day to day.
    """

    periods: ClassVar[str] = "s0,s1,42d,1y,all"
    """This season, the last one, 42 days, a year, all time."""

    axis: ClassVar[str] = "secs"

    @override
    def vanished(self, athlete: Athlete, group: str, records: list[Row], state: dict[str, Any]) -> Iterator[Row]:
        """Bury what a curve lost: it is shorter when best efforts have left the period, and empty when all have."""
        points = dict(fields(state.get("points", ()), 2))
        now = {str(record[self.axis]): 0 for record in records}
        sport, _, curve = group.partition("/")
        for point in sorted(unpack(points.get(group, "")).keys() - now.keys()):
            key = {"athlete_id": athlete.id, "type": sport, "id": curve, self.axis: msgspec.json.decode(point)}
            yield key | {"_sdc_deleted_at": self.run.server_time.isoformat()}
        state["points"] = [f"{name} {packed}" for name, packed in sorted((points | {group: pack(now)}).items())]

    def requests(self, athlete: Athlete) -> Iterator[tuple[str, str, dict[str, str]]]:
        """Yield sport, path and query parameters of each request."""
        for sport in athlete.sports:
            yield sport, self.path(athlete), {"type": sport, "curves": self.periods}

    def answers(self, athlete: Athlete) -> Iterator[tuple[str, Row]]:
        """Yield sports and what the API answers.

        Raises:
            TransientError: At the end: single sports could not be read.
        """
        failed = []
        for sport, path, params in self.requests(athlete):
            try:
                answer: Row = athlete.client.get(path, params, shape=Row)
            except (ForbiddenError, MissingError, TransientError) as error:  # of this sport alone, or of all?
                if is_pause(error):
                    raise
                check_api(athlete.client, athlete.id)
                logger.warning("%s of athlete %s, %s: left out. %s", self.name, athlete.id, sport, error)
                failed += [sport] if isinstance(error, TransientError) else []
                continue
            yield sport, answer
        if failed:
            raise TransientError(f"{named(failed)} could not be read. The next run tries them again.")

    @override
    def groups(self, athlete: Athlete) -> Iterator[tuple[str, list[Row]]]:
        for sport, answer in self.answers(athlete):
            for curve in dictionaries(answer.get("list")):
                if isinstance(curve.get("id"), (str, int)):
                    key = {"athlete_id": athlete.id, "type": sport}
                    yield f"{sport}/{curve['id']}", curve_records(clean(curve), key, self.axis)
