"""What changed since the last run: pure bookkeeping, no I/O.

The API has no "changed since". What it has are lists that are cheap when few properties are asked for, and stamps that
most edits move. So a *census* (ids, dates and stamps of the whole range, about once a day) finds new and stamped edits
of any age, and the *look-back window* (full rows, every run) finds edits without a stamp by their content.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from tap_intervals_icu.changes.state import FITNESS_VALUES, Fitness, ListState

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date, datetime

NEVER = "~"
"""Later than all stamps."""

NEGLIGIBLE = 0.0005
"""Fitness that moves by less was computed anew, not changed."""


@dataclass(frozen=True)
class Listed:
    """One row of a list: enough to tell whether it changed.

    `stamp` is the server's modification time (ISO, UTC), `detail` a digest of what copies of the row depend on (for an
    activity: its stamp, type and start), `digest` one of the whole row, or empty where only a census was taken.
    `fitness` is that of a wellness day.
    """

    id: str
    day: int
    stamp: str
    detail: str = ""
    digest: str = ""
    fitness: Fitness = ()


@dataclass
class Progress(ListState):
    """What was emitted of one stream and athlete, and what is still to do.

    Attributes:
        streams: The keys of `lacking` that are selected in this run.
        now: The server's time, as late as a stamp of it can be.
    """

    streams: tuple[str, ...] = ()
    now: str = NEVER
    _current_extents: dict[str, int] = field(default_factory=dict)

    def begin(self, now: datetime) -> None:
        """Note the server's time: a stamp that lies ahead of it (a device's clock, a slip) covers nothing.

        Version 0.1 did not ask. What such a stamp covered is read again from the last census on.
        """
        self.now = f"{now:%Y-%m-%dT%H:%M:%S}{NEVER}"
        if self.stamp > self.now:
            self.stamp = min(self.census, self.now)
        self.unseen_stamp = min(self.unseen_stamp, self.now)

    def select(self, streams: Iterable[str]) -> None:
        """Note which streams are selected; what they lack is to do."""
        self.streams = tuple(streams)
        for stream in self.streams:
            lacking = self.lacking.setdefault(stream, {id_: self.finished[id_] for id_ in self.living})
            self.pending.update((id_, self.finished[id_]) for id_ in lacking if id_ not in self.buried)

    @property
    def living(self) -> set[str]:
        """The finished ids that are not known to be deleted."""
        return self.finished.keys() - self.buried.keys()

    @property
    def unburied(self) -> dict[str, int]:
        """The deleted ids whose tombstones a selected stream still lacks, with their day."""
        lacking = [self.lacking[stream] for stream in self.streams]
        return {id_: day for id_, day in self.buried.items() if any(id_ in one for one in lacking)}

    def observe_census(self, rows: Iterable[Listed]) -> list[Listed]:
        """Note what a list of everything shows; return the rows that are new or changed and were not pending.

        A finished row that is not listed may be deleted, or the list may be cut: until it is seen again, it keeps the
        stamp of the time when it was seen, so that no edit hides behind the stamps of the others.
        """
        listed = {row.id: row for row in rows}
        changed = []
        for row in listed.values():
            if self._changed(row):
                self._expire(row)
                if row.id not in self.pending:
                    changed.append(row)
        # What was listed once, but never emitted, and is not listed any more needs no further thought.
        known = {id_: day for id_, day in self.pending.items() if id_ in listed or id_ in self.finished}
        due = known.keys() | {row.id for row in changed}
        self.pending = known | {id_: row.day for id_, row in listed.items() if id_ in due}
        still_unseen = {id_ for id_ in self.unseen if id_ not in listed}
        self.unseen_stamp = min(self.unseen_stamp, self.stamp) if still_unseen else self.stamp
        self.unseen = {id_: self.finished[id_] for id_ in self.living if id_ not in listed}
        # Pending remembers what this stamp covers and is not emitted yet.
        self.stamp = max([self.stamp, *(row.stamp for row in listed.values() if row.stamp <= self.now)])
        self.ahead = {id_: stamp for id_, stamp in self.ahead.items() if stamp > self.stamp}
        return changed

    def observe_window(self, rows: Iterable[Listed], first: int) -> list[Listed]:
        """Note what the list of the look-back window shows; return the rows that are new or changed.

        Rows of days before `first` are forgotten: they left the window. The others are kept even where they are not
        listed, as the list may be cut. Finished rows that are new in the window (it was made longer) are due once more,
        without what hangs on them: an edit without a stamp may have changed them.
        """
        rows = list(rows)
        listed = {row.id for row in rows}
        self.window = {
            id_: known for id_, known in self.window.items() if id_ in listed or self.finished.get(id_, 0) >= first
        }
        self.fitness = {id_: values for id_, values in self.fitness.items() if id_ in self.window}
        changed = []
        for row in rows:
            has_changed = self._changed(row)
            if has_changed:
                self._expire(row)
            elif row.id not in self.pending:
                known = self.window.setdefault(row.id, (row.detail, "unknown"))
                if known[1] == row.digest:
                    continue
            changed.append(row)
            self.pending[row.id] = row.day
            self.unseen.pop(row.id, None)
        return changed

    def fitness_came_from_before(self, rows: Iterable[Listed]) -> bool:
        """Tell whether fitness of the window has moved without a load of the window having moved.

        Fitness of a day is made of the day before and its own load. So where the first day that moved has its old load,
        the reason lies before it: an edit of an older activity, or of the fitness model.
        """
        for row in sorted(rows, key=lambda row: row.day):
            before = self.fitness.get(row.id)
            if before is None or _moved(before[2:], row.fitness[2:]):
                return False
            if _moved(before[:2], row.fitness[:2]):
                return True
        return False

    def _changed(self, row: Listed) -> bool:
        """Tell whether a row is new, or stamped, moved or retyped: all that is made of it has to be made anew."""
        if self.finished.get(row.id) != row.day or row.id in self.buried:
            return True
        if row.id in self.window:
            return self.window[row.id][0] != row.detail
        if row.id in self.ahead:
            return self.ahead[row.id] != row.stamp
        return row.stamp > (self.unseen_stamp if row.id in self.unseen else self.stamp)

    def _expire(self, row: Listed) -> None:
        """Note that what was emitted of a row is outdated."""
        self.buried.pop(row.id, None)
        if row.id in self.finished:
            for lacking in self.lacking.values():
                lacking[row.id] = row.day

    def move(self, row: Listed) -> None:
        """Note that a row was found on another day."""
        self._expire(row)
        self.pending[row.id] = row.day

    def read_again(self, first: date, last: date) -> None:
        """Mark finished rows of some days as to be emitted again, whatever their stamps say."""
        days = range(first.toordinal(), last.toordinal() + 1)
        self.pending.update((id_, self.finished[id_]) for id_ in self.living if self.finished[id_] in days)

    def expire(self, ids: Iterable[str]) -> list[int]:
        """Mark finished rows as to be emitted again with all that hangs on them; return their days."""
        days = {id_: self.finished[id_] for id_ in self.living.intersection(ids)}
        for known in (self.pending, *self.lacking.values()):
            known.update(days)
        return [*days.values()]

    def needs(self, stream: str, row: Listed) -> bool:
        """Tell whether what hangs on the row (an activity's samples) has to be read (again) for a child stream."""
        return self._changed(row) or row.id in self.lacking.get(stream, ())

    def extent(self, what: str, id_: str) -> int:
        """Return how much of a row was emitted in another stream; 0 if that is not known."""
        return self.extents.get(what, {}).get(id_, 0)

    def note_extent(self, what: str, extent: int) -> None:
        """Note how much of the current row will be emitted once it is finished: no state may say so before."""
        self._current_extents[what] = extent

    def drop_extents(self) -> None:
        """Forget the current row: nothing of it was emitted."""
        self._current_extents.clear()

    def finish(self, row: Listed) -> None:
        """Note that the records of the selected streams were emitted."""
        for what, extent in self._current_extents.items():
            ids = self.extents.setdefault(what, {})
            ids[row.id] = extent
            if not extent:
                del ids[row.id]
        self._current_extents.clear()
        for stream, lacking in self.lacking.items():
            if stream in self.streams:
                lacking.pop(row.id, None)
            else:
                lacking[row.id] = row.day
        self.finished[row.id] = row.day
        self.pending.pop(row.id, None)
        self.window.pop(row.id, None)
        self.ahead.pop(row.id, None)
        if row.stamp > self.now:
            self.ahead[row.id] = row.stamp
        self.fitness.pop(row.id, None)
        if row.digest:
            self.window[row.id] = (row.detail, row.digest)
            if len(row.fitness) == FITNESS_VALUES:
                self.fitness[row.id] = row.fitness

    def missing(self, listed: Collection[str], first: date, last: date) -> list[str]:
        """Return ids that were emitted, lie in a listed range of days, and are not listed any more, newest first."""
        days = range(first.toordinal(), last.toordinal() + 1)
        known = self.finished | {id_: day for id_, day in self.pending.items() if id_ in self.finished}  # or moved
        gone = [id_ for id_, day in known.items() if day in days and id_ not in listed and id_ not in self.buried]
        return sorted(gone, key=lambda id_: (self.finished[id_], id_), reverse=True)

    def forget(self, id_: str) -> None:
        """Note that an id was deleted at the source, and its tombstones emitted in the selected streams.

        It is dropped once all streams that were ever selected have theirs.
        """
        self._current_extents.clear()
        for known in (self.pending, self.window, self.unseen, self.ahead, self.absent, self.fitness):
            known.pop(id_, None)
        for stream, lacking in self.lacking.items():
            if stream in self.streams:
                lacking.pop(id_, None)
            elif id_ not in self.buried:
                lacking[id_] = self.finished[id_]
        if any(id_ in lacking for lacking in self.lacking.values()):
            self.buried[id_] = self.finished[id_]
            return
        for ids in (self.finished, self.buried, *self.extents.values()):
            ids.pop(id_, None)


def _moved(before: Fitness, now: Fitness) -> bool:
    """Tell whether any figure is another one, or is there now or no more."""
    return any(
        abs(old - new) > NEGLIGIBLE if old is not None and new is not None else old is not new
        for old, new in zip(before, now, strict=False)
    )


def digest(value: object) -> str:
    """Return 16 hexadecimal digits that differ where two JSON values differ; the order of keys does not matter."""
    return hashlib.blake2b(msgspec.json.encode(value, order="deterministic"), digest_size=8).hexdigest()
