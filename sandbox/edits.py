"""Edits of one activity: what athletes and the service change in it."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sandbox.measured import MEASURED, measured
from sandbox.physiology import significant
from sandbox.records import stamp
from sandbox.sports import Block
from sandbox.store import Store
from sandbox.streams import channels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.records import Record


class ActivityEdits(Store):
    """Changes to an activity that exists.

    They take `stamped`: whether the activity's `icu_sync_date` and `analyzed` move, which the service is
    known to do for some edits only. A change of load recomputes fitness of all later days and moves the
    `updated` of the wellness rows that differ.
    """

    @contextmanager
    def _editing(self) -> Iterator[None]:
        """Make an edit a second later than all before it, while no answer is being made."""
        with self.lock:
            self.now += timedelta(seconds=1, milliseconds=1)
            yield

    def edit(self, activity: str, *, stamped: bool = False, **fields: Any) -> None:
        """Set properties of an activity; None removes one."""
        with self._editing():
            record = self.activities[activity]
            days = {record["start_date_local"][:10]}
            self.calendar.wear(record, -1)
            record.update(fields)
            for key in [key for key, value in record.items() if value is None]:
                del record[key]
            self.calendar.wear(record)
            if stamped:
                record["icu_sync_date"] = record["analyzed"] = stamp(self.now)
            if fields.keys() & {"icu_training_load", "start_date_local"}:
                self.refit(min(days | {record["start_date_local"][:10]}))

    def rename(self, activity: str, name: str, *, stamped: bool = False) -> None:
        """Give another name."""
        self.edit(activity, stamped=stamped, name=name)

    def rate(self, activity: str, rpe: int, *, stamped: bool = False) -> None:
        """Enter another perceived exertion, 1 to 10."""
        minutes = self.activities[activity]["moving_time"] / 60
        self.edit(activity, stamped=stamped, icu_rpe=rpe, session_rpe=round(rpe * minutes))

    def retype(self, activity: str, sport: str, *, stamped: bool = True) -> None:
        """Change the type; the recording stays."""
        self.edit(activity, stamped=stamped, type=sport)

    def set_load(self, activity: str, load: int, *, stamped: bool = True) -> None:
        """Correct the training load."""
        self.edit(activity, stamped=stamped, icu_training_load=load)

    def move(self, activity: str, *, stamped: bool = True, **by: float) -> None:
        """Shift the start by a timedelta, such as hours=-1: the device's clock was wrong."""
        record = self.activities[activity]
        start = datetime.fromisoformat(record["start_date"][:-1]).replace(tzinfo=timezone.utc) + timedelta(**by)
        local = start.astimezone(ZoneInfo(record["timezone"])).replace(tzinfo=None).isoformat()
        utc = start.strftime("%Y-%m-%dT%H:%M:%SZ")
        self.edit(activity, stamped=stamped, start_date=utc, start_date_local=local)

    def trim(self, activity: str, samples: int, *, stamped: bool = True) -> None:
        """Cut the recording to its first samples; all that follows from the samples changes with it."""
        record, recording = self.activities[activity], self.recordings[activity]
        if not 0 < samples < recording.samples:
            raise ValueError(f"A recording of {recording.samples} samples cannot be trimmed to {samples}.")
        share = samples / recording.samples
        trimmed = self.recordings[activity] = recording.trimmed(samples)
        self.blocks.pop(activity, None)
        self.replaced_streams.pop(activity, None)
        moving = samples * recording.sport.step
        elapsed = moving + sum(gap for _, gap in trimmed.pauses)
        changes: Record = {"moving_time": moving, "icu_recording_time": moving, "elapsed_time": elapsed}
        for key in ("distance", "icu_distance"):
            if key in record:
                changes[key] = significant(record[key] * share)
        changes |= {"icu_training_load": round(record["icu_training_load"] * share)}
        changes |= measured(trimmed, channels(trimmed, *MEASURED), record.get("icu_ftp") or 0)
        self.edit(activity, stamped=stamped, **changes)

    def edit_intervals(self, activity: str, *, stamped: bool = True) -> None:
        """Replace the intervals by two halves that the athlete drew."""
        samples = self.recordings[activity].samples
        half = samples // 2
        self.blocks[activity] = [Block(0, half, 0.97, work=True), Block(half, samples, 1.03, work=True)]
        self.edit(activity, stamped=stamped, icu_intervals_edited=True)

    def replace_streams(self, activity: str, streams: list[Record], *, stamped: bool = True) -> None:
        """Serve these streams (the API's envelope) from now on; an empty list for none."""
        self.replaced_streams[activity] = streams
        self.edit(activity, stamped=stamped, stream_types=[stream["type"] for stream in streams])

    def settle(self, activity: str, *, stamped: bool = False) -> None:
        """Add what the service computes a minute after the upload of a fresh activity."""
        self.edit(activity, stamped=stamped, **self.waiting.pop(activity))
