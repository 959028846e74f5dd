"""Fetch the streams of activities ahead of time, and keep one failure from costing the others."""

from __future__ import annotations

import gzip
import logging
from typing import TYPE_CHECKING, Any

from tap_intervals_icu.api.decode import DecodeError, decode
from tap_intervals_icu.api.lookahead import lookahead
from tap_intervals_icu.archive.entry import STREAMS, Entry
from tap_intervals_icu.errors import (
    MissingError,
    QuotaPauseError,
    TapError,
    TransientError,
    WithheldError,
)
from tap_intervals_icu.formatting import counted, named
from tap_intervals_icu.records.samples import Channel, to_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Executor

    from tap_intervals_icu.api.client import Client
    from tap_intervals_icu.archive.archive import Archive
    from tap_intervals_icu.changes.feed import Item
    from tap_intervals_icu.changes.feeds import ActivitiesFeed
    from tap_intervals_icu.records.samples import Columns

logger = logging.getLogger("tap-intervals-icu")

FAILURES_IN_A_ROW = 3
"""After so many activities whose streams can't be read, ask whether it is the activities or the API."""

NO_STREAMS = gzip.compress(b"[]", mtime=0)

Element = Channel | list[Any] | str | int | float | bool | None
"""What may stand in the list of channels: mostly a channel."""

Answer = list[Element] | TapError | None


def stream_downloads(
    feed: ActivitiesFeed, pool: Executor, download: Callable[[Item], Answer], depth: int
) -> Iterator[tuple[Item, Columns | None]]:
    """Yield what is to do, each with its streams as columns; None where they need not be read (again).

    An activity whose streams fail stays to be done: it is left out, and reported at the end.

    Args:
        feed: What is to do.
        pool: Runs `download`, for up to `depth` activities ahead.
        download: Returns the answer for one activity; see `downloader`.
        depth: How many activities to fetch ahead.

    Raises:
        TransientError: Some activities failed. All others were yielded, unless the API does not answer at all.
        ForbiddenError: The key is refused, and not for one activity alone.
    """
    failed: list[str] = []
    in_a_row = 0
    for item, answer in lookahead(pool, download, feed.to_do(pool), depth):
        if isinstance(answer, TapError):
            failed.append(item.listed.id)
            in_a_row += 1
            is_refused = not isinstance(answer, TransientError)
            if is_refused:
                logger.warning("Activity %s: %s", item.listed.id, answer.message)
            if is_refused or in_a_row % FAILURES_IN_A_ROW == 0:
                feed.check_api()
            continue
        in_a_row = 0
        try:
            columns = None if answer is None else to_columns(answer, item.listed.id)
        except Exception:
            logger.exception("The streams of activity %s cannot be read: please report this.", item.listed.id)
            continue
        yield item, columns
    if failed:
        raise TransientError(
            f"The streams of {counted(len(failed), 'activity', 'activities')} could not be read ({named(failed)}). "
            "The next run tries them again."
        )


def downloader(client: Client, archive: Archive, feed: ActivitiesFeed, child: str) -> Callable[[Item], Answer]:
    """Return a function that fetches the streams of an activity, if that child stream has to be read.

    What the archive holds of the activity as it is now is not asked for.
    """

    def download(item: Item) -> Answer:
        if item.row is None:  # deleted
            return []
        if not feed.progress.needs(child, item.listed):
            return None
        entry = Entry.of(STREAMS, feed.athlete_id, item.row, item.listed)
        if item.row.get("stream_types") == []:  # a manual entry: the API says that there are none
            archive.keep(entry, NO_STREAMS, client.server_time)  # the next plan knows it from the start
            return []
        channels = from_archive(archive, entry)
        if channels is None:
            return ask(client, archive, entry, backfill=feed.is_backfill(item.listed.day))
        return channels

    return download


def from_archive(archive: Archive, entry: Entry) -> list[Element] | None:
    """Return the streams of an activity as they were read before, None where they were not."""
    body = archive.find(entry)
    if body is None:
        return None
    try:
        channels: list[Element] = decode(body, list[Element])
    except DecodeError:  # what another version of the tap could read
        return None
    return channels


def ask(client: Client, archive: Archive, entry: Entry, *, backfill: bool) -> Answer:
    """Ask for the streams of an activity, and keep a good answer."""

    def keep(packed: bytes) -> None:
        archive.keep(entry, packed, client.server_time)

    try:
        channels: list[Element] = client.get(
            f"/activity/{entry.activity_id}/streams",
            shape=list[Element],
            backfill=backfill,
            keep=keep if archive.would_keep(entry) else None,
        )
    except MissingError as error:
        logger.info("Activity %s has no streams: %s", entry.activity_id, error.message)
        return None if isinstance(error, WithheldError) else []  # what is refused may exist
    except QuotaPauseError:
        raise
    except TapError as error:  # of this activity alone, as far as is known
        return error
    return channels


def no_download(item: Item) -> None:
    """Fetch nothing: `activity_streams` is not selected."""
    del item
