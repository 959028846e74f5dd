"""The archive's file: an SQLite database with one row for each answer.

SQLite rather than requests-cache, which keys by URL and age, keeps headers and decompressed bodies, and pickles; and
rather than diskcache, which pickles as well, is not kept up any more, and makes a file of each larger answer. An answer
is stored here as it came, so whoever has SQLite and gzip can read it.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING

from tap_intervals_icu.archive.entry import Entry

if TYPE_CHECKING:
    from pathlib import Path

VERSION = 1
TIMEOUT = 10.0
"""Seconds to wait for another process that writes: each write is one entry, and takes milliseconds."""

PRIVATE = 0o600
LAST = "9999"
"""Later than any start."""

KEPT_DAYS = 30
"""Days for which it is counted how many answers the archive gave."""

LABEL = "kind, athlete_id, activity_id, detail, stream_types, stamp, type, start_date_local"

SCHEMA = f"""
CREATE TABLE IF NOT EXISTS answers (
    kind TEXT NOT NULL,
    athlete_id TEXT NOT NULL,
    activity_id TEXT NOT NULL,
    detail TEXT NOT NULL,
    stream_types TEXT NOT NULL,
    stamp TEXT NOT NULL,
    type TEXT NOT NULL,
    start_date_local TEXT NOT NULL,
    read_at TEXT NOT NULL,
    checksum TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (kind, athlete_id, activity_id)
);
CREATE INDEX IF NOT EXISTS answers_by_age ON answers (start_date_local);
CREATE TABLE IF NOT EXISTS days (
    day TEXT PRIMARY KEY,
    asked INTEGER NOT NULL,
    answered INTEGER NOT NULL
);
PRAGMA user_version = {VERSION};
"""


class NewerError(Exception):
    """A later version of the tap made the file."""


class DamagedError(Exception):
    """What is stored under an activity is not what was kept for it."""


class Store:
    """The open file. Every method may raise sqlite3.Error; it is the caller who serializes the threads."""

    def __init__(self, path: Path, *, limit: int) -> None:
        """Open the file, or make it, for its owner alone.

        Args:
            path: The file; its folder exists.
            limit: Bytes that it may take; 0 for no limit.

        Raises:
            OSError, sqlite3.Error: It can't be.
            NewerError: It is not of this version.
        """
        self.limit = limit
        self.unneeded: list[tuple[str, str]] = []
        """Athlete and activity of answers that nobody is going to want: the first to make room for others."""
        self.is_writable = all(os.access(one, os.W_OK) for one in (path.parent, path) if one.exists())
        if self.is_writable:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE)
            with suppress(OSError):  # a foreign file that is open to us
                os.fchmod(descriptor, PRIVATE)  # restored from a backup, say
            os.close(descriptor)
        self._file = path.stat() if path.exists() else None
        # Without the right to write no lock can be taken either, so nobody else is expected to write.
        mode = "mode=rw" if self.is_writable else "mode=ro&immutable=1"
        self._database = sqlite3.connect(
            f"{path.resolve().as_uri()}?{mode}",
            uri=True,
            timeout=TIMEOUT,
            isolation_level=None,  # each statement is a transaction of its own
            check_same_thread=False,
        )
        # A damaged text fails as its answer's checksum does, instead of as the whole file.
        self._database.text_factory = lambda text: text.decode(errors="replace")
        try:
            self._prepare()
        except BaseException:
            self._database.close()
            raise

    def _prepare(self) -> None:
        version = self._number("user_version")
        if version > VERSION:
            raise NewerError
        if not self.is_writable:
            if not version:
                raise sqlite3.OperationalError("it is empty, and can only be read")
            return
        if not version:
            self._database.execute("PRAGMA auto_vacuum = INCREMENTAL")  # what is deleted gives its space back
        self._database.execute("PRAGMA secure_delete = ON")  # what is deleted at the source is nowhere here
        # With a log, readers and one writer don't wait for each other, and no write waits for the disk. Where the
        # folder can't have one (some network folders), SQLite goes on without it.
        with suppress(sqlite3.OperationalError):  # locked: another process is changing it right now
            self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        if not version:
            self._database.executescript(f"BEGIN IMMEDIATE; {SCHEMA} COMMIT;")

    def _number(self, pragma: str) -> int:
        return int(self._database.execute(f"PRAGMA {pragma}").fetchone()[0])

    def find(self, entry: Entry) -> bytes | None:
        """Return the answer that holds for an activity as it is now, None if there is none.

        Raises:
            DamagedError: What is there is not what was kept.
        """
        found = self._database.execute(
            f"SELECT {LABEL}, checksum, body FROM answers WHERE kind = ? AND athlete_id = ? AND activity_id = ?",  # noqa: S608
            (entry.kind, entry.athlete_id, entry.activity_id),
        ).fetchone()
        if found is None:
            return None
        *label, checksum, body = found
        kept = Entry(*label)
        if not isinstance(body, bytes) or not all(isinstance(text, str) for text in label):
            raise DamagedError
        if kept.checksum(body) != checksum:
            raise DamagedError
        is_valid = (kept.detail, kept.stream_types) == (entry.detail, entry.stream_types)
        return body if is_valid else None

    def keep(self, entry: Entry, body: bytes, read_at: str) -> None:
        """Keep an answer, instead of the one before; nothing where the limit leaves it no room."""
        if self.limit and not self._make_room(entry, len(body)):
            return
        values = (
            *(getattr(entry, name) for name in LABEL.split(", ")),
            read_at,
            entry.checksum(body),
            body,
        )
        marks = ", ".join("?" * len(values))
        self._database.execute(
            f"INSERT OR REPLACE INTO answers ({LABEL}, read_at, checksum, body) VALUES ({marks})",  # noqa: S608
            values,
        )

    def _make_room(self, entry: Entry, size: int) -> bool:
        """Remove answers until another one fits in; False where that would cost newer activities theirs."""
        while self.size + size > self.limit:
            if not self._remove_oldest(entry.start_date_local):
                return False
        return True

    def _remove_oldest(self, before: str) -> bool:
        """Remove an answer that nobody wants, else that of the oldest activity before some time; False without any.

        Not what was used longest ago: a run over the whole history goes from the newest activity to the oldest, and
        would find each answer just removed.
        """
        if self.unneeded:
            self.remove(*self.unneeded.pop())
            return True
        oldest = "SELECT rowid FROM answers WHERE start_date_local < ? ORDER BY start_date_local LIMIT 1"
        return self._database.execute(f"DELETE FROM answers WHERE rowid IN ({oldest})", (before,)).rowcount > 0  # noqa: S608

    def remove(self, athlete_id: str, activity_id: str) -> None:
        """Remove all answers about an activity."""
        query = "DELETE FROM answers WHERE athlete_id = ? AND activity_id = ?"
        self._database.execute(query, (athlete_id, activity_id))

    def details(self, kind: str, athlete_id: str) -> dict[str, str]:
        """Return for which state (`detail`) of which activities of an athlete there are answers."""
        query = "SELECT activity_id, detail FROM answers WHERE kind = ? AND athlete_id = ?"
        return dict(self._database.execute(query, (kind, athlete_id)))

    def count(self, kind: str) -> int:
        """Return how many answers of a kind there are."""
        return int(self._database.execute("SELECT count(*) FROM answers WHERE kind = ?", (kind,)).fetchone()[0])

    @property
    def size(self) -> int:
        """Bytes that they take."""
        return (self._number("page_count") - self._number("freelist_count")) * self._number("page_size")

    def note(self, day: str, asked: int, answered: int) -> None:
        """Add to a day's count how often an answer was wanted, and how often there was one."""
        self._database.execute(
            "INSERT INTO days VALUES (?, ?, ?) ON CONFLICT (day) DO UPDATE "
            "SET asked = asked + excluded.asked, answered = answered + excluded.answered",
            (day, asked, answered),
        )
        self._database.execute("DELETE FROM days WHERE day < date(?, ?)", (day, f"-{KEPT_DAYS} days"))

    def use(self) -> tuple[int, int]:
        """Return how often an answer was wanted in the last days, and how often there was one."""
        asked, answered = self._database.execute("SELECT total(asked), total(answered) FROM days").fetchone()
        return int(asked), int(answered)

    def close(self) -> None:
        """Give back the space of what was deleted, and close the file."""
        try:
            if self.is_writable:
                while self.limit and self.size > self.limit and self._remove_oldest(LAST):  # it was lowered
                    pass
                self._database.execute("PRAGMA incremental_vacuum").fetchall()
        finally:
            self._database.close()

    def abandon(self) -> None:
        """Close the file, and do nothing else to it."""
        with suppress(sqlite3.Error):
            self._database.close()

    def is_still_at(self, path: Path) -> bool:
        """Tell whether a path still leads to the file that was opened."""
        with suppress(OSError):
            return self._file is not None and os.path.samestat(self._file, path.stat())
        return False
