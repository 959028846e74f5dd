"""Which activities that are not listed any more were deleted: an empty or cut list must never delete data.

Each is asked for itself. 404 or 410 says that it is gone, and for a while a deleted activity may answer otherwise:

- In full: that one alone is in doubt, and asked for again by the next run. If several answer so, it is the list that is
  not complete, and this run deletes nothing more.
- As a stub, without type and start: it is gone once it is still a stub, and still not listed, a day later.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tap_intervals_icu.errors import ForbiddenError, MissingError, TapError, WithheldError
from tap_intervals_icu.formatting import named

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tap_intervals_icu.changes.days import Days
    from tap_intervals_icu.changes.detect import Listed
    from tap_intervals_icu.changes.feed import Feed
    from tap_intervals_icu.records.rows import Row

logger = logging.getLogger("tap-intervals-icu")

CONTRADICTIONS = 3
"""So many activities that exist, but are not listed, show that the list is not complete."""

STUB_SECONDS = 20 * 3600
"""What is gone from two lists so far apart is gone: a day, less what a daily run may be early."""


@dataclass
class Findings:
    """What the activities themselves answered.

    Attributes:
        deleted: Ids that are gone.
        moved: Activities that take place on other days than were listed.
        stubs: Ids of which only a stub is left.
        not_listed: Ids that should have been listed.
    """

    deleted: list[str] = field(default_factory=list)
    moved: list[Listed] = field(default_factory=list)
    stubs: list[str] = field(default_factory=list)
    not_listed: list[str] = field(default_factory=list)


def find_deleted(
    feed: Feed, missing: Sequence[str], days: Days, asked: set[str], *, is_empty: bool
) -> tuple[list[str], list[Listed]]:
    """Return the ids that are proven to be gone, and what moved out of the range.

    Args:
        feed: The athlete's activities.
        missing: Ids that were emitted and are not listed any more, newest first.
        days: The range that was listed.
        asked: Ids that have answered in this run; added to.
        is_empty: Nothing was listed.
    """
    findings = Findings()
    for id_ in missing:
        if id_ in asked:
            continue
        if not _ask(feed, id_, days, findings) or len(findings.not_listed) == CONTRADICTIONS:
            break
    asked.update(findings.stubs, findings.not_listed)
    is_complete = len(findings.not_listed) < CONTRADICTIONS
    if is_complete:
        for id_ in findings.not_listed:
            logger.warning(
                "Activity %s is no longer listed, but can still be read: it stays, and the next run asks again.", id_
            )
    else:
        logger.warning(
            "Activities %s exist, but are missing in the list of activities %s: the list is not complete, so this run "
            "deletes nothing more.",
            named(findings.not_listed),
            days,
        )
    if is_complete and not (is_empty and len(missing) > 1):
        findings.deleted += _gone_for_a_day(feed, findings.stubs)
    return findings.deleted, findings.moved


def _ask(feed: Feed, id_: str, days: Days, findings: Findings) -> bool:
    """Ask for an activity and note what it answers; return whether more can be asked."""
    try:
        backfill = feed.is_backfill(feed.progress.finished[id_])
        row: Row = feed.client.get(f"/activity/{id_}", shape=dict, backfill=backfill)
    except WithheldError:  # it may exist
        return True
    except MissingError:
        findings.deleted.append(id_)
        return True
    except TapError as error:
        if isinstance(error, ForbiddenError):
            feed.check_api()
        logger.warning("This run deletes nothing more. %s", error.message)
        return False
    listed = [feed.listed(one, whole=False) for one in feed.usable(feed.readable([row]))]
    if not listed:
        findings.stubs.append(id_)
    elif listed[0].day in days:
        findings.not_listed.append(id_)
    else:
        findings.moved += listed
    return True


def _gone_for_a_day(feed: Feed, stubs: Iterable[str]) -> list[str]:
    """Note when stubs that are not listed were seen first; return those for which that is long ago."""
    now, absent = int(feed.client.server_time.timestamp()), feed.progress.absent
    gone = []
    for id_ in stubs:
        if id_ not in absent:
            absent[id_] = now
            logger.warning(
                "Activity %s is no longer listed, and nothing is left of it but a stub: if that is still so "
                "tomorrow, it counts as deleted.",
                id_,
            )
        elif now - absent[id_] >= STUB_SECONDS:
            gone.append(id_)
    return gone
