"""Who seems to have changed, by one request for the whole team: the others need not be looked at each time.

The summary of a team counts activities, load, fitness and weight. What moves none of them (HRV, sleep, notes, names)
does not show, so each athlete gets a full look some times a day all the same.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tap_intervals_icu.changes.days import is_due
from tap_intervals_icu.changes.detect import digest
from tap_intervals_icu.errors import TapError
from tap_intervals_icu.records.rows import dictionaries

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from tap_intervals_icu.api.client import Client

logger = logging.getLogger("tap-intervals-icu")

DAYS = 28
"""How far back the summary is asked for: more than the look-back by default."""


def read_summary(client: Client) -> dict[str, str]:
    """Return a digest of what the team's summary says of each athlete; one request. Nothing where it can't be read."""
    today = client.server_time.date()
    params = {"start": str(today - timedelta(days=DAYS)), "end": str(today + timedelta(days=1))}
    try:
        rows = dictionaries(client.get("/athlete/0/athlete-summary", params))
    except TapError as error:
        logger.warning("The summary of the team could not be read: all athletes are looked at. %s", error.message)
        return {}
    by_athlete: dict[str, list[Any]] = {}
    for row in rows:
        by_athlete.setdefault(str(row.get("athlete_id")), []).append(row)
    return {id_: digest(sorted(found, key=lambda row: str(row.get("date")))) for id_, found in by_athlete.items()}


class Hints:
    """What the summary said of each athlete when all that was new of them was emitted."""

    def __init__(self, lines: Iterable[str], seconds: float, summary: Mapping[str, str]) -> None:
        """Read what `dump` wrote.

        Args:
            lines: Of the state.
            seconds: After so long an athlete gets a full look.
            summary: What it says now, as `read_summary` gives it.
        """
        self._known = {athlete_id: (version, looked_at) for athlete_id, version, looked_at in map(str.split, lines)}
        self._seconds = seconds
        self._summary = summary

    def unchanged(self, athlete_id: str, now: datetime) -> str | None:
        """Return since when an athlete seems to be unchanged, None for who has to be looked at."""
        version, looked_at = self._known.get(athlete_id, ("", ""))
        if not version or self._summary.get(athlete_id) != version:
            return None
        return None if is_due(looked_at, now, self._seconds) else looked_at

    def note(self, athlete_id: str, now: datetime, *, is_complete: bool) -> None:
        """Note that an athlete was looked at, and whether all that was new was emitted."""
        self._known.pop(athlete_id, None)
        if is_complete and athlete_id in self._summary:
            self._known[athlete_id] = self._summary[athlete_id], now.isoformat()

    def dump(self) -> list[str]:
        """Return the lines for the state."""
        return [" ".join((athlete_id, *known)) for athlete_id, known in sorted(self._known.items())]
