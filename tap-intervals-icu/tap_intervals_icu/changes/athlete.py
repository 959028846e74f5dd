"""One athlete during one run."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from tap_intervals_icu.changes.days import Calendar, Days, Scope
from tap_intervals_icu.changes.detect import Progress
from tap_intervals_icu.changes.feeds import ActivitiesFeed, WellnessFeed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_intervals_icu.api.client import Client
    from tap_intervals_icu.changes.feed import Feed

logger = logging.getLogger("tap-intervals-icu")

FIRST_DAY = date(1970, 1, 1)
CLOCK_SLACK = timedelta(days=366)
"""Activities of a device whose clock runs ahead are activities all the same."""


class Profile(msgspec.Struct):
    """The only parts of the athlete's profile that are read: it also holds the API key, e-mail and date of birth."""

    id: str
    timezone: str | None = None
    custom_items: Any = None
    sport_settings: Any = msgspec.field(name="sportSettings", default=None)

    @property
    def sports(self) -> list[str]:
        """The first sport of each group that shares its settings: it names the group."""
        groups = (group.get("types") for group in dictionaries(self.sport_settings))
        return [types[0] for types in groups if isinstance(types, list) and types and isinstance(types[0], str)]


def dictionaries(value: object) -> list[dict[str, Any]]:
    """Return the objects in a list of the API's; none, if it is anything else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


@dataclass
class Athlete:
    """An athlete's feeds, planned together because activities move the fitness of later days."""

    id: str
    today: date
    client: Client
    scope: Scope
    custom_items: list[dict[str, Any]] = field(default_factory=list)
    sports: list[str] = field(default_factory=list)
    wellness: WellnessFeed = field(init=False)
    activities: ActivitiesFeed = field(init=False)
    feeds: list[Feed] = field(default_factory=list)
    """The planned ones."""
    has_news: bool = True
    """Whether activities were uploaded, edited or deleted, as far as that is known; a backfill brings no new ones."""

    @classmethod
    def find(cls, client: Client, athlete_id: str, scope: Scope) -> Athlete:
        """Ask for the athlete's real id (0 means the owner of the key) and time zone."""
        profile: Profile = client.get(f"/athlete/{athlete_id}", shape=Profile)
        today = client.server_time.astimezone(time_zone(profile)).date()
        return cls(profile.id, today, client, scope, dictionaries(profile.custom_items), profile.sports)

    def plan(self, wellness_state: Mapping[str, Any] | None, activities_state: Mapping[str, Any] | None) -> None:
        """Find out what there is to do, from the states of the selected streams (None: not selected)."""
        changed = None
        if activities_state is not None:
            calendar = self._calendar(self.today + CLOCK_SLACK)
            self.activities = ActivitiesFeed(self.client, self.id, calendar, Progress.load(activities_state))
            changed = self.activities.plan(self.scope)
            self.feeds.append(self.activities)
            self.has_news = changed is not None or self.activities.has_recent
        if wellness_state is not None:
            calendar = self._calendar(self.today)
            progress = Progress.load(wellness_state)
            self.wellness = WellnessFeed(self.client, self.id, calendar, progress)
            if changed:  # fitness of all later days moved with it; the window is compared anyway
                progress.read_again(changed, calendar.window_start - timedelta(days=1))
            self.wellness.plan(self.scope)
            self.feeds.insert(0, self.wellness)

    def _calendar(self, last: date) -> Calendar:
        """Return the days of a list that ends with `last`."""
        wanted = Days(self.scope.start_date or FIRST_DAY, min(last, self.scope.end_date or last))
        return Calendar(Days(FIRST_DAY, last), wanted, self.today - timedelta(days=self.scope.lookback_days))


def time_zone(profile: Profile) -> ZoneInfo:
    """Return the athlete's time zone; UTC where it is not set, or newer than this machine's time zone data."""
    try:
        return ZoneInfo(profile.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        logger.warning("Time zone %r of athlete %s is not known here: UTC is used.", profile.timezone, profile.id)
        return ZoneInfo("UTC")
