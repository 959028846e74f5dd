"""One athlete during one run."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from tap_intervals_icu.changes.days import FIRST_DAY, LAST_DAY, DayRanges, Days, Scope
from tap_intervals_icu.changes.detect import Progress
from tap_intervals_icu.changes.feeds import ActivitiesFeed, WellnessFeed
from tap_intervals_icu.changes.profile import Profile
from tap_intervals_icu.changes.time_zone import time_zone
from tap_intervals_icu.records.rows import dictionaries

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_intervals_icu.api.client import Client
    from tap_intervals_icu.changes.feed import Feed

logger = logging.getLogger("tap-intervals-icu")


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
        return cls.of(client, profile, scope)

    @classmethod
    def of(cls, client: Client, profile: Profile, scope: Scope) -> Athlete:
        """Return the athlete of a profile; no request."""
        today = client.server_time.astimezone(time_zone(profile)).date()
        return cls(str(profile.id), today, client, scope, dictionaries(profile.custom_items), profile.sports)

    def plan(self, wellness_state: Mapping[str, Any] | None, activities_state: Mapping[str, Any] | None) -> None:
        """Find out what there is to do, from the states of the selected streams (None: not selected)."""
        changed = None
        if activities_state is not None:
            self.activities = self.activities_feed(activities_state)
            changed = self.activities.plan(self.scope)
            self.feeds.append(self.activities)
            self.has_news = changed is not None or self.activities.has_recent
        if wellness_state is not None:
            self.wellness = self.wellness_feed(wellness_state)
            self.wellness.plan(self.scope)
            self.feeds.insert(0, self.wellness)
            changed = self._explain_fitness(changed)
            if changed:  # fitness of all later days moved with it; the window is compared anyway
                self.wellness.progress.read_again(changed, self.wellness.window.first - timedelta(days=1))

    def activities_feed(self, state: Mapping[str, Any]) -> ActivitiesFeed:
        """Return the list of activities; no request yet."""
        return ActivitiesFeed(self.client, self.id, self._ranges(LAST_DAY), Progress.load(state))

    def wellness_feed(self, state: Mapping[str, Any]) -> WellnessFeed:
        """Return the list of days; no request yet."""
        return WellnessFeed(self.client, self.id, self._ranges(self.today), Progress.load(state))

    def _explain_fitness(self, changed: date | None) -> date | None:
        """Take the census now instead of tomorrow where an edit before the window has moved today's fitness.

        Args:
            changed: The earliest day of an activity that is known to have changed.

        Returns:
            The same with what the census found.
        """
        window = self.wellness.window
        is_explained = changed is not None and changed < window.first
        if not self.wellness.fitness_came_from_before or is_explained:
            return changed
        censuses = [feed for feed in self.feeds if not feed.has_census]
        if censuses:
            logger.info(
                "Fitness of athlete %s has moved, and nothing since %s explains it: looking for an older edit.",
                self.id,
                window.first,
            )
        found = [day for feed in censuses if (day := feed.take_census()) and feed.name == ActivitiesFeed.name]
        self.has_news = self.has_news or bool(found)
        return min([*found, *([changed] if changed else [])], default=None)

    def _ranges(self, last: date) -> DayRanges:
        """Return the days of a list that ends with `last`."""
        wanted = Days(self.scope.start_date or FIRST_DAY, min(last, self.scope.end_date or last))
        window_start = self.today - timedelta(days=self.scope.lookback_days)
        return DayRanges(Days(FIRST_DAY, last), wanted, window_start, self.today)
