"""What the tap tells the person who reads its log: how many, how far, how long still, what to do.

The figures stand beside the text, too (`extra` of structured logs), for programs such as the sync service. `notice`
marks what the athlete should see on the boards although the run succeeds.
"""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import timedelta
from math import ceil
from time import monotonic
from typing import TYPE_CHECKING

from tap_intervals_icu.api.pace import QUARTER_HOUR
from tap_intervals_icu.changes.feeds import ActivitiesFeed
from tap_intervals_icu.formatting import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_intervals_icu.api.client import Client
    from tap_intervals_icu.api.clients import Clients
    from tap_intervals_icu.archive.archive import Archive
    from tap_intervals_icu.changes.feed import Feed
    from tap_intervals_icu.outcomes import Outcome

logger = logging.getLogger("tap-intervals-icu")

SECONDS_BETWEEN = 5.0


def report_plans(feeds: Sequence[Feed], client: Client) -> None:
    """Tell what a run is going to fetch of an athlete's lists, before it fetches anything."""
    if feeds and not any(feed.total for feed in feeds):
        logger.info("Athlete %s: nothing new.", feeds[-1].athlete_id, extra=log_fields(feeds[-1], 0))
    for feed in feeds:
        report_plan(feed, client, is_silent=not any(feed.total for feed in feeds))


def report_plan(feed: Feed, client: Client, *, is_silent: bool) -> None:
    """Tell what a run is going to fetch of one list; what it never will, in any case."""
    total = feed.total
    what = f"{feed.name} of athlete {feed.athlete_id}"
    plan = f"{total:,} to fetch" if total else "nothing new"
    if total and isinstance(feed, ActivitiesFeed):
        requests = len(feed.to_ask) + ceil(total / feed.ids_a_request)
        plan += f", about {counted(requests, 'request')}, {duration(requests, client)}"
    if not is_silent:
        logger.info("%s: %s", what, plan, extra=log_fields(feed, total))
    if isinstance(feed, ActivitiesFeed) and feed.stubs:
        logger.info(
            "%s: %s from Strava, which does not let Intervals.icu pass them on: they are left out. Connect your "
            "watch's own service (Garmin, Wahoo, ...) to Intervals.icu, or upload Strava's export there.",
            what,
            counted(feed.stubs, "comes", "come"),
            # Where there are no others, the boards stay empty, and the athlete has to be told why.
            extra={} if feed.total or feed.progress.finished else {"notice": True},
        )


def log_fields(feed: Feed, left: int) -> dict[str, str | int]:
    """Return what a program wants to know: whose rows of which stream are still to come, and how many."""
    return {"stream": feed.name, "athlete_id": feed.athlete_id, "left": left}


class Report:
    """Progress and outcome of one list of one athlete."""

    def __init__(self, feed: Feed, client: Client) -> None:
        self._what = f"{feed.name} of athlete {feed.athlete_id}"
        self._feed = feed
        self._client = client
        self._total = feed.total
        self._done = 0
        self._started = self._told = monotonic()

    @property
    def _log_fields(self) -> dict[str, str | int]:
        return log_fields(self._feed, self._total - self._done)

    def count(self) -> None:
        """Note one finished row, and tell every few seconds how far it is."""
        self._done += 1
        now = monotonic()
        if now - self._told >= SECONDS_BETWEEN:
            self._told = now
            rate = self._done / (now - self._started)
            logger.info(
                "%s: %s of %s, %.1f a second, %s",
                self._what,
                f"{self._done:,}",
                f"{self._total:,}",
                rate,
                self._time_left(rate),
                extra=self._log_fields,
            )

    def _time_left(self, rate: float) -> str:
        """Return how long the rest takes, if the day's requests are enough for it."""
        left = self._total - self._done
        if isinstance(self._feed, ActivitiesFeed) and self._client.quota.days(min(left, len(self._feed.to_ask))) > 1:
            return f"{left:,} left, more than today's requests allow"
        return f"{timedelta(seconds=round(left / rate))} left"

    def end(self) -> None:
        """Tell the outcome."""
        if self._done:
            took = monotonic() - self._started
            logger.info(
                "%s: %s done in %.1f s",
                self._what,
                f"{self._done:,}",
                took,
                extra=self._log_fields,
            )

    def stop(self) -> None:
        """Tell what is left when the stream ends early."""
        logger.warning(
            "%s: %s of %s are done, %s are left; the next run goes on from here.",
            self._what,
            f"{self._done:,}",
            f"{self._total:,}",
            f"{self._total - self._done:,}",
            extra=self._log_fields,
        )


def report_outcomes(outcomes: Sequence[Outcome]) -> None:
    """Tell what became of each athlete; of a single one `report_requests` tells it."""
    for outcome in outcomes if len(outcomes) > 1 else ():
        logger.info(
            "Athlete %s: %s, %s, %s.",
            outcome.athlete_id,
            outcome.outcome,
            counted(outcome.requests, "request"),
            counted(outcome.records, "record"),
            extra=asdict(outcome),
        )


def report_requests(clients: Clients, archive: Archive, outcomes: Sequence[Outcome]) -> None:
    """Tell at the end of a run what it cost, what the archive saved, and what is left of the day's quota."""
    quota = min(clients.quotas, key=lambda quota: quota.left())
    least = " of one key" if len(clients.quotas) > 1 else ""
    rest = f"; {quota.left():,} of today's {quota.a_day:,}{least} are left" if quota.limit else ""
    saved = f" (the archive saved {archive.saved:,} more)" if archive.saved else ""
    counts: dict[str, str | int] = {"requests": clients.transport.requests, "requests_saved": archive.saved}
    if quota.limit:
        counts["quota_left"] = quota.left()
    only = asdict(outcomes[0]) if len(outcomes) == 1 else {}
    spent = counted(clients.transport.requests, "request")
    logger.info("%s in this run%s%s.", spent, saved, rest, extra=only | counts)


def duration(requests: int, client: Client) -> str:
    """Return how long requests take at the API's limits: per second, 2,500 in 15 minutes, and those of the day."""
    days = client.quota.days(requests)
    if days > 1:
        return f"spread over {days} days by the limit of {client.quota.a_day:,} a day"
    per_second = client.requests_per_second
    pauses = requests // client.transport.connection.requests_per_quarter_hour
    seconds = max(requests / per_second if per_second else 0, pauses * QUARTER_HOUR)
    minutes = round(seconds / 60)
    return f"about {minutes} minutes" if minutes > 1 else "about a minute" if minutes else "less than a minute"
