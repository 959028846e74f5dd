"""What the tap tells the person who reads its log: how many, how far, how long still, what to do.

The figures stand beside the text, too (`extra` of structured logs), for programs such as the sync service.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from math import ceil
from time import monotonic
from typing import TYPE_CHECKING

from tap_intervals_icu.feeds import ActivitiesFeed

if TYPE_CHECKING:
    from tap_intervals_icu.client import Client
    from tap_intervals_icu.feed import Feed

logger = logging.getLogger("tap-intervals-icu")

SECONDS_BETWEEN = 10.0


class Report:
    """Plan, progress and outcome of one stream of one athlete."""

    def __init__(self, stream: str, athlete_id: str, feed: Feed, client: Client) -> None:
        self._what = f"{stream} of athlete {athlete_id}"
        self._who = {"stream": stream, "athlete_id": athlete_id}
        self._client = client
        self._total = len(feed.due()) + len(feed.deleted)
        self._done = 0
        self._started = self._told = monotonic()
        plan = self._plan(feed) if self._total else "nothing new"
        logger.info("%s: %s", self._what, plan, extra=self._figures)
        if isinstance(feed, ActivitiesFeed) and feed.stubs:
            logger.info(
                "%s: %d come from Strava, which does not let Intervals.icu pass them on: they are left out. Connect "
                "your watch's own service (Garmin, Wahoo, ...) to Intervals.icu, or upload Strava's export there.",
                self._what,
                feed.stubs,
            )

    @property
    def _figures(self) -> dict[str, str | int]:
        """What a program wants to know: whose rows of which stream are still to come, and how many."""
        return {**self._who, "left": self._total - self._done}

    def _plan(self, feed: Feed) -> str:
        """Return what there is to do, in numbers."""
        if not isinstance(feed, ActivitiesFeed):
            return f"{self._total:,} to fetch"
        requests = self._total + ceil(self._total / feed.ids_a_request)
        time = duration(requests, self._client.requests_per_second)
        return f"{self._total:,} to fetch, about {requests:,} requests, about {time}"

    def count(self) -> None:
        """Note one finished row, and tell how far it is every ten seconds."""
        self._done += 1
        now = monotonic()
        if now - self._told >= SECONDS_BETWEEN:
            self._told = now
            left = timedelta(seconds=round((now - self._started) / self._done * (self._total - self._done)))
            done, total = f"{self._done:,}", f"{self._total:,}"
            logger.info("%s: %s of %s, %s left", self._what, done, total, left, extra=self._figures)

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
                extra=self._figures,
            )

    def stop(self) -> None:
        """Tell what is left when the stream ends early."""
        logger.warning(
            "%s: %s of %s are done, %s are left; the next run goes on from here.",
            self._what,
            f"{self._done:,}",
            f"{self._total:,}",
            f"{self._total - self._done:,}",
            extra=self._figures,
        )


def report_requests(client: Client) -> None:
    """Tell at the end of a run what it cost, and what is left of the day's quota."""
    quota = client.quota
    left = max(quota.limit - quota.used, 0)
    rest = f"; {left:,} of today's {quota.limit:,} are left" if quota.limit else ""
    figures = {"requests": client.requests, **({"quota_left": left} if quota.limit else {})}
    logger.info("%s requests in this run%s.", f"{client.requests:,}", rest, extra=figures)


def duration(requests: int, per_second: float) -> str:
    """Return how long requests take at the API's limits: per second, and 2,500 in 15 minutes.

    >>> duration(2_000, 10), duration(12_000, 10)
    ('3 minutes', '60 minutes')
    """
    seconds = max(requests / per_second if per_second else 0, (requests // 2500) * 900)
    minutes = round(seconds / 60)
    return f"{minutes} minutes" if minutes > 1 else "a minute"
