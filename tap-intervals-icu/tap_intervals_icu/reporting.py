"""What the tap tells the person who reads its log: how many, how far, how long still, what to do."""

from __future__ import annotations

import logging
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING

from tap_intervals_icu.feeds import ActivitiesFeed

if TYPE_CHECKING:
    from tap_intervals_icu.client import Client
    from tap_intervals_icu.errors import QuotaPauseError
    from tap_intervals_icu.feeds import Feed

logger = logging.getLogger("tap-intervals-icu")

SECONDS_BETWEEN = 10.0


class Report:
    """Plan, progress and outcome of one stream of one athlete."""

    def __init__(self, stream: str, athlete_id: str, feed: Feed, client: Client) -> None:
        self._what = f"{stream} of athlete {athlete_id}"
        self._feed = feed
        self._client = client
        self._total = len(feed.progress.pending) + len(feed.deleted)
        self._done = 0
        self._started = self._told = monotonic()
        logger.info("%s: %s", self._what, f"{self._total:,} to fetch" if self._total else "nothing new")
        if isinstance(feed, ActivitiesFeed) and feed.stubs:
            logger.info(
                "%s: %d come from Strava, which does not let Intervals.icu pass them on: they are left out. Connect "
                "your watch's own service (Garmin, Wahoo, ...) to Intervals.icu, or upload Strava's export there.",
                self._what,
                feed.stubs,
            )

    def count(self) -> None:
        """Note one finished row, and tell how far it is every ten seconds."""
        self._done += 1
        now = monotonic()
        if now - self._told >= SECONDS_BETWEEN:
            self._told = now
            left = timedelta(seconds=round((now - self._started) / self._done * (self._total - self._done)))
            logger.info("%s: %s of %s, %s left", self._what, f"{self._done:,}", f"{self._total:,}", left)

    def end(self) -> None:
        """Tell the outcome."""
        if self._done:
            took = monotonic() - self._started
            logger.info(
                "%s: %s done in %.1f s (%d requests in all)",
                self._what,
                f"{self._done:,}",
                took,
                self._client.requests,
            )

    def pause(self, pause: QuotaPauseError) -> None:
        """Tell that the quota is spent, what is left, and when it goes on."""
        logger.warning(
            "%s: planned pause. %s %s of %s are done, %s are left; they follow in the first run after %s.",
            self._what,
            pause.message,
            f"{self._done:,}",
            f"{self._total:,}",
            f"{self._total - self._done:,}",
            (self._client.server_time + timedelta(seconds=pause.seconds)).strftime("%Y-%m-%d %H:%M UTC"),
        )
