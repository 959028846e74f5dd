"""What changed since the last run: pure bookkeeping, no I/O.

The API has no "changed since". What it has are lists that are cheap when few properties are asked for, and stamps that
most edits move. So a *census* (ids, dates and stamps of the whole range, about once a day) finds new and stamped edits
of any age, and the *look-back window* (full rows, every run) finds edits without a stamp by their content.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from tap_intervals_icu.idset import pack, unpack

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date


@dataclass(frozen=True)
class Listed:
    """One row of a list: enough to tell whether it changed.

    `stamp` is the server's modification time (ISO, UTC), `detail` a digest of what copies of the row depend on (for an
    activity: its stamp, type and start), `digest` one of the whole row, or empty where only a census was taken.
    """

    id: str
    day: int
    stamp: str
    detail: str = ""
    digest: str = ""


@dataclass
class Progress:
    """What of one stream and athlete is out, and what is still to do; the content of the stream's state.

    Attributes:
        finished: Ids whose records (and child records) were emitted, with the ordinal of their day.
        pending: Ids known to be new or changed and not emitted since, with their day.
        stamp: Every finished id that is not pending is at least as new as all edits up to this server stamp.
        window: The rows of the look-back window as last emitted: id to (detail, digest).
        ends: The last second of each activity's samples, where samples are records of their own.
        interval_counts: How many intervals of each activity were emitted.
        census: When (server time) the last census was taken, and for which children; empty if never.
    """

    finished: dict[str, int] = field(default_factory=dict)
    pending: dict[str, int] = field(default_factory=dict)
    stamp: str = ""
    window: dict[str, tuple[str, str]] = field(default_factory=dict)
    ends: dict[str, int] = field(default_factory=dict)
    interval_counts: dict[str, int] = field(default_factory=dict)
    census: list[str] = field(default_factory=list)

    @classmethod
    def load(cls, state: Mapping[str, Any]) -> Progress:
        """Read the keys that `dump` wrote; a state without them is an empty progress."""
        return cls(
            finished=unpack(state.get("finished", "")),
            pending=unpack(state.get("pending", "")),
            stamp=state.get("stamp", ""),
            window={id_: (detail, digest) for id_, detail, digest in map(str.split, state.get("window", ()))},
            ends=unpack(state.get("ends", "")),
            interval_counts=unpack(state.get("interval_counts", "")),
            census=list(state.get("census", ())),
        )

    def dump(self) -> dict[str, Any]:
        """Return JSON for the state: always the same keys, and texts and lists only.

        Meltano merges the objects of a state after a failed run, so that a key removed from one would come back.
        """
        return {
            "finished": pack(self.finished),
            "pending": pack(self.pending),
            "stamp": self.stamp,
            "window": [f"{id_} {detail} {digest}" for id_, (detail, digest) in sorted(self.window.items())],
            "ends": pack(self.ends),
            "interval_counts": pack(self.interval_counts),
            "census": self.census,
        }

    def observe_census(self, rows: Iterable[Listed]) -> list[Listed]:
        """Note what a list of everything shows; return the rows that are new or changed and were not pending."""
        listed = {row.id: row for row in rows}
        changed = [row for row in listed.values() if row.id not in self.pending and self._changed(row)]
        # What was listed once, but never emitted, and is not listed any more needs no further thought.
        known = {id_: day for id_, day in self.pending.items() if id_ in listed or id_ in self.finished}
        due = known.keys() | {row.id for row in changed}
        self.pending = known | {id_: row.day for id_, row in listed.items() if id_ in due}
        # Pending remembers what this stamp covers and is not out yet.
        self.stamp = max([self.stamp, *(row.stamp for row in listed.values())])
        return changed

    def observe_window(self, rows: Iterable[Listed]) -> list[Listed]:
        """Note what the list of the look-back window shows; return the rows that are new or changed.

        Rows that left the window, or are gone, are forgotten.
        """
        rows = list(rows)
        self.window = {row.id: self.window[row.id] for row in rows if row.id in self.window}
        changed = []
        for row in rows:
            if row.id in self.window and row.id not in self.pending:
                is_changed = self.window[row.id][1] != row.digest
            else:
                is_changed = row.id in self.pending or self._changed(row)
            if is_changed:
                changed.append(row)
                self.pending[row.id] = row.day
            else:
                self.window[row.id] = (row.detail, row.digest)
        return changed

    def _changed(self, row: Listed) -> bool:
        """Tell whether a row is new, or stamped or moved since it was emitted."""
        if self.finished.get(row.id) != row.day:
            return True  # or moved to another day
        if row.id in self.window and self.window[row.id][0] == row.detail:
            return False  # emitted with this stamp after the last census
        return row.stamp > self.stamp

    def read_again(self, first: date, last: date) -> None:
        """Mark finished rows of some days as to be emitted again, whatever their stamps say."""
        days = range(first.toordinal(), last.toordinal() + 1)
        self.pending.update((id_, day) for id_, day in self.finished.items() if day in days)

    def needs_detail(self, row: Listed) -> bool:
        """Tell whether what hangs on the row (an activity's streams) has to be read again."""
        return row.id not in self.finished or self.window.get(row.id, ("", ""))[0] != row.detail

    def finish(self, row: Listed) -> None:
        """Note that the row's record and all that hangs on it were emitted."""
        self.finished[row.id] = row.day
        self.pending.pop(row.id, None)
        if row.digest:
            self.window[row.id] = (row.detail, row.digest)

    def missing(self, listed: Collection[str], first: date, last: date) -> list[str]:
        """Return ids that were emitted, lie in a listed range of days, and are not listed any more, newest first."""
        days = range(first.toordinal(), last.toordinal() + 1)
        gone = [id_ for id_, day in self.finished.items() if day in days and id_ not in listed]
        return sorted(gone, key=lambda id_: (self.finished[id_], id_), reverse=True)

    def forget(self, id_: str) -> None:
        """Drop an id that was deleted at the source."""
        self.finished.pop(id_, None)
        self.pending.pop(id_, None)
        self.window.pop(id_, None)
        self.ends.pop(id_, None)
        self.interval_counts.pop(id_, None)


def digest(value: object) -> str:
    """Return 16 hexadecimal digits that differ where two JSON values differ; the order of keys does not matter."""
    return hashlib.blake2b(msgspec.json.encode(value, order="deterministic"), digest_size=8).hexdigest()
