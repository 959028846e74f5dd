"""The archive as a run sees it: it may help, and never harms.

Whatever is wrong with it (no right to write, a full disk, damage) is said once, and the run goes on as without it.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from tap_intervals_icu.api.body import unpack
from tap_intervals_icu.archive.entry import STREAMS
from tap_intervals_icu.archive.store import KEPT_DAYS, DamagedError, NewerError, Store
from tap_intervals_icu.errors import TapError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tap_intervals_icu.archive.entry import Entry

logger = logging.getLogger("tap-intervals-icu")

Result = TypeVar("Result")

FILE = "archive.db"
OFF = {"", "off"}
MEGABYTE = 1_000_000
ADVICE = "Nothing is lost, but requests are not saved. See that the folder can be written and that there is room."


class Archive:
    """Answers of the API by activity and state of the activity; safe to share between threads and processes.

    Attributes:
        asked: How often an answer was wanted in this run.
        saved: How often there was one, so that no request was made.
    """

    def __init__(self, folder: str | None, megabytes: int = 0) -> None:
        """Open the archive, or make it.

        Args:
            folder: Where it lies; nothing, or "off", for no archive.
            megabytes: What it may take; 0 for no limit.

        Raises:
            TapError: That is no folder, but an address.
        """
        self.asked = self.saved = 0
        self._lock = threading.Lock()
        self._store: Store | None = None
        self._has_told_damage = False
        folder = (folder or "").strip()
        if "://" in folder:  # not quoted: such an address may hold a password
            raise TapError("`archive_path` is an address: name a folder of this machine instead, or off.")
        self._path = Path(folder).expanduser() / FILE
        if folder.lower() not in OFF:
            self._open(megabytes * MEGABYTE)

    def _open(self, limit: int) -> None:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._store = Store(self._path, limit=limit)
        except NewerError:
            logger.warning("A newer version of the tap made the archive %s: this run goes on without it.", self._path)
        except (OSError, sqlite3.Error) as error:
            self._give_up(error)
        if self._store and not self._store.is_writable:
            logger.warning("The archive %s can only be read: nothing new is kept in it.", self._path)

    def find(self, entry: Entry) -> bytes | None:
        """Return the answer, decompressed, that holds for an activity as it is now; None if there is none.

        It is counted as a request that was wanted and, if there is an answer, saved.
        """
        body = self.peek(entry)
        with self._lock:
            self.asked += 1
            self.saved += body is not None
        return body

    def peek(self, entry: Entry) -> bytes | None:
        """Do the same, uncounted."""
        if not entry.stamp:
            return None
        try:
            packed = self._do(lambda store: store.find(entry))
            return None if packed is None else unpack(packed)
        except (DamagedError, ValueError):
            if not self._has_told_damage:
                self._has_told_damage = True
                logger.warning(
                    "In the archive %s the entry of activity %s is damaged: it is read again, and so are others"
                    " like it.",
                    self._path,
                    entry.activity_id,
                )
            return None

    def would_keep(self, entry: Entry) -> bool:
        """Tell whether an answer would be kept; without a stamp nobody could tell later whether it still holds."""
        return bool(self._store and self._store.is_writable and entry.stamp)

    def keep(self, entry: Entry, packed: bytes, read_at: datetime) -> None:
        """Keep an answer as it came, gzipped."""
        if entry.stamp:
            self._write(lambda store: store.keep(entry, packed, read_at.isoformat(timespec="seconds")))

    def remove(self, athlete_id: str, activity_id: str) -> None:
        """Remove all that is kept of an activity."""
        self._write(lambda store: store.remove(athlete_id, activity_id))

    def plan(self, kind: str, athlete_id: str, needed: set[str]) -> dict[str, str]:
        """Return for which state (`detail`) of which activities there are answers.

        Args:
            kind: Of the answers.
            athlete_id: Whose.
            needed: All activities that the athlete has: where the archive is full, answers about others go first.
        """

        def details(store: Store) -> dict[str, str]:
            found = store.details(kind, athlete_id)
            store.unneeded += [(athlete_id, id_) for id_ in found.keys() - needed]
            return found

        return self._do(details) or {}

    def describe(self) -> str:
        """Return in a sentence what there is and what it is good for; "" where there is no archive."""

        def sentence(store: Store) -> str:
            asked, answered = store.use()
            share = f" ({answered / asked:.0%})" if asked else ""
            return (
                f"The archive holds the samples of {store.count(STREAMS):,} activities in "
                f"{store.size / MEGABYTE:,.1f} MB. In the last {KEPT_DAYS} days it answered {answered:,} of {asked:,} "
                f"requests for samples{share}."
            )

        return self._do(sentence) or ""

    def close(self, now: datetime) -> None:
        """Note what it was good for, and close it."""
        if self.asked:
            self._write(lambda store: store.note(f"{now:%Y-%m-%d}", self.asked, self.saved))
        self._do(Store.close)
        self._store = None

    # What may go wrong

    def _do(self, action: Callable[[Store], Result]) -> Result | None:
        with self._lock:
            if self._store:
                try:
                    return action(self._store)
                except (OSError, sqlite3.Error) as error:
                    self._give_up(error)
        return None

    def _write(self, action: Callable[[Store], None]) -> None:
        with self._lock:
            if self._store and self._store.is_writable:
                try:
                    action(self._store)
                except sqlite3.OperationalError as error:  # full, or locked for long: what is in it is still good
                    self._store.is_writable = False
                    logger.warning("Nothing more is kept in the archive %s (%s). %s", self._path, error, ADVICE)
                except (OSError, sqlite3.Error) as error:
                    self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        """Go on without the archive; set a damaged one aside, so that the next run begins another."""
        if self._store:
            self._store.abandon()
        is_damaged = type(error) is sqlite3.DatabaseError  # its subclasses are about rights, room and locks
        is_same = not self._store or self._store.is_still_at(self._path)  # and not one that another run began
        self._store = None
        if is_damaged and is_same:
            with suppress(OSError):
                aside = self._path.with_suffix(".damaged")
                self._path.replace(aside)
                for log in ("-wal", "-shm"):  # they would damage the next one
                    Path(f"{self._path}{log}").unlink(missing_ok=True)
                logger.warning(
                    "The archive %s is damaged (%s): this run goes on without it, the next one begins another. The "
                    "damaged file is now %s: delete it when you like.",
                    self._path,
                    error,
                    aside,
                )
                return
        logger.warning("This run goes on without the archive %s (%s). %s", self._path, error, ADVICE)
