"""Best values of each activity: what the history of records is made of."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from typing_extensions import override

from tap_intervals_icu.changes.days import FIRST_PROVEN_DAY
from tap_intervals_icu.changes.idset import pack, unpack
from tap_intervals_icu.changes.state import fields
from tap_intervals_icu.errors import TransientError
from tap_intervals_icu.formatting import counted
from tap_intervals_icu.records.rows import activity_bests
from tap_intervals_icu.singer.snapshots import CurveStream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_intervals_icu.changes.athlete import Athlete
    from tap_intervals_icu.records.rows import Bests, Row

logger = logging.getLogger("tap-intervals-icu")


class Kind(NamedTuple):
    """What is asked for one sport.

    Attributes:
        path: The list.
        ask: Name of the axis in question and answer.
        values: Name of the values along it in the answer.
        points: A property a point of the axis.
    """

    path: str
    ask: str
    values: str
    points: dict[float, str]


POWER: dict[float, str] = {5: "power_5s", 60: "power_1m", 300: "power_5m", 1200: "power_20m", 3600: "power_60m"}
TIMES: dict[float, str] = {
    400: "time_400m",
    1000: "time_1km",
    5000: "time_5km",
    10_000: "time_10km",
    21_097.5: "time_half_marathon",
}
TIMES |= {42_195: "time_marathon"}
PACE = Kind("activity-pace-curves", "distances", "secs", TIMES)
KINDS = {"Ride": Kind("activity-power-curves", "secs", "watts", POWER), "Run": PACE, "Swim": PACE}


class BestsStream(CurveStream):
    """Best values of each activity: a list of all activities for each of three sports.

    Records change together by years: one entry in the state for each sport and year.
    """

    ids: frozenset[str] = frozenset()
    """All activities that were listed with values in this run, or in a way that is not known."""

    @override
    def requests(self, athlete: Athlete) -> Iterator[tuple[str, str, dict[str, str]]]:
        newest = athlete.scope.end_date or athlete.today + timedelta(days=1)
        days = {"oldest": str(athlete.scope.start_date or FIRST_PROVEN_DAY), "newest": str(newest)}
        for sport in athlete.sports:
            if kind := KINDS.get(sport):
                points = ",".join(f"{point:g}" for point in kind.points)
                yield sport, f"/athlete/{athlete.id}/{kind.path}", days | {"type": sport, kind.ask: points}

    @override
    def groups(self, athlete: Athlete) -> Iterator[tuple[str, list[Row]]]:
        failed = None
        by_year: dict[str, list[Row]] = {}
        unknown: set[str] = set()
        try:
            for sport, answer in self.answers(athlete):
                years = range(FIRST_PROVEN_DAY.year, athlete.today.year + 2)
                by_year |= {f"{sport}/{year}": [] for year in years}  # one that is empty now had some before
                kind = KINDS[sport]
                bests = activity_bests(answer, kind.ask, kind.values, kind.points)
                for record in bests.records:
                    year = by_year.setdefault(f"{sport}/{record['start_date_local'][:4]}", [])
                    year.append(record | {"athlete_id": athlete.id, "type": sport})
                unknown |= {str(row.get("id")) for row in bests.unknown}
                _tell(f"{self.name} of athlete {athlete.id}, {sport}", answer, bests)
        except TransientError as error:  # the other sports are read
            failed = error
        self.ids = frozenset(record["id"] for records in by_year.values() for record in records) | unknown
        yield from by_year.items()
        if failed:
            raise failed

    @override
    def vanished(self, athlete: Athlete, group: str, records: list[Row], state: dict[str, Any]) -> Iterator[Row]:
        """Yield tombstones for activities that no year of any sport has any more."""
        ids = dict(fields(state.get("points", ()), 2))
        now = {record["id"]: 0 for record in records}
        for id_ in sorted(unpack(ids.get(group, "")).keys() - self.ids):
            deleted_at = self.run.server_time.isoformat()
            yield {"athlete_id": athlete.id, "id": id_, "_sdc_deleted_at": deleted_at}
        state["points"] = [f"{name} {packed}" for name, packed in sorted((ids | {group: pack(now)}).items())]


def _tell(what: str, answer: Row, bests: Bests) -> None:
    """Say once for each list what of it is not understood: the API's documents leave its shape open."""
    names = ", ".join(sorted({name for row in bests.unknown for name in row}))
    if bests.unknown:
        logger.warning(
            "%s: best values of %s are left out (%d are read), as the answer of Intervals.icu has a shape "
            "that the tap does not know. Please report this with these names: %s; of an activity: %s.",
            what,
            counted(len(bests.unknown), "activity", "activities"),
            len(bests.records),
            ", ".join(sorted(answer)),
            names,
        )
    elif bests.unanswered:
        points = ", ".join(f"{point:g}" for point in bests.unanswered)
        logger.warning("%s: Intervals.icu has no best values at %s. Please report this.", what, points)
