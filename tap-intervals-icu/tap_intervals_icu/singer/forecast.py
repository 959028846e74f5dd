"""Days to come: fitness and fatigue as Intervals.icu projects them from the planned workouts.

A stream of its own, so that the past never mixes with projections.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from typing_extensions import override

from tap_intervals_icu.changes.days import HORIZON
from tap_intervals_icu.changes.detect import digest
from tap_intervals_icu.changes.feeds import WellnessFeed
from tap_intervals_icu.records.rows import dictionaries
from tap_intervals_icu.singer.snapshots import SnapshotStream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_intervals_icu.changes.athlete import Athlete
    from tap_intervals_icu.records.rows import Row

PROPERTIES = ("id", "ctl", "atl", "rampRate", "ctlLoad", "atlLoad", "updated")


class ForecastStream(SnapshotStream):
    """Projected fitness, fatigue and load of the days after today, up to a year ahead.

    A projection that changed comes again; one that passed, or vanished with the plan, is followed by its tombstone.
    """

    plan: ClassVar[str]
    """Name of the stream that has the planned workouts."""

    @override
    def emit(self, athlete: Athlete, state: dict[str, Any]) -> Iterator[Row]:
        cause = self._cause(athlete)
        if cause is None or state.get("cause") != cause:
            yield from super().emit(athlete, state)
            state["cause"] = cause or ""

    def _cause(self, athlete: Athlete) -> str | None:
        """Return what the projections follow from, as a digest: it saves the request where nothing moved.

        Projections start from today's fitness, which every change of the past moves, and go on with the planned load.
        None where this run reads only one of the two: then only the projections themselves tell.
        """
        events = self.run.state_of(self.plan, athlete.id)
        wellness = next((feed for feed in athlete.feeds if isinstance(feed, WellnessFeed)), None)
        fitness = wellness.fitness if wellness else None
        if fitness is None or events is None:
            return None
        return digest([str(athlete.today), fitness, events.get("seen", [])])

    @override
    def groups(self, athlete: Athlete) -> Iterator[tuple[str, list[Row]]]:
        oldest, newest = self._range(athlete)
        if oldest > newest:
            return
        params = {"oldest": str(oldest), "newest": str(newest), "fields": ",".join(PROPERTIES)}
        for row in dictionaries(athlete.client.get(self.path(athlete), params)):
            day = str(row.get("id"))
            if str(oldest) <= day <= str(newest) and row.get("ctl") is not None:
                known = {name: row[name] for name in PROPERTIES if row.get(name) is not None}
                yield day, [known | {"athlete_id": athlete.id}]

    @override
    def deleted(self, athlete: Athlete, group: str) -> list[Row] | None:
        oldest, newest = self._range(athlete)
        if date.fromisoformat(group) > max(newest, athlete.today):
            return None  # it lies outside the range that is asked for now
        if athlete.today < date.fromisoformat(group) < oldest:
            return None
        return [{"athlete_id": athlete.id, "id": group, "_sdc_deleted_at": self.run.server_time.isoformat()}]

    def _range(self, athlete: Athlete) -> tuple[date, date]:
        """First and last day to ask for; the first is later where there is none."""
        tomorrow, end = athlete.today + timedelta(days=1), athlete.today + HORIZON
        return max(tomorrow, athlete.scope.start_date or tomorrow), min(end, athlete.scope.end_date or end)
