"""A state from which the next run brings some rows again, and looks for some that are gone. Pure."""

from __future__ import annotations

import copy
from datetime import date
from typing import TYPE_CHECKING, Any

from tap_intervals_icu.changes.detect import Progress
from tap_intervals_icu.changes.state import LONG_AGO
from tap_intervals_icu.streams import Activities, Wellness

if TYPE_CHECKING:
    from collections.abc import Mapping

State = dict[str, Any]


def repaired(state: State, wishes: Mapping[str, Mapping[str, Mapping[str, str]]]) -> State:
    """Return a changed copy of a state.

    Args:
        state: Of the last sync, {} for none.
        wishes: By athlete: `wellness` and `activities` are rows that are due again, `gone` activities that the
            database has and the account has not; each an object from the id to the local date. The next run takes a
            census, asks for each that is gone, and sends tombstones for those that are.

    Snapshots (gear, curves, ...) are due again as well: nobody counts them.
    """
    result = copy.deepcopy(state)
    bookmarks = result.setdefault("bookmarks", {})
    for athlete_id, wish in wishes.items():
        for name, due, gone in (
            (Wellness.name, wish.get("wellness", {}), {}),
            (Activities.name, wish.get("activities", {}), wish.get("gone", {})),
        ):
            if due or gone:
                own = _partition(bookmarks, name, athlete_id)
                own.update(_changed(Progress.load(own), _ordinals(due), _ordinals(gone)).dump())
    for stream in bookmarks.values():
        for one in stream.get("partitions", ()):
            if "seen" in one and one.get("context", {}).get("athlete_id") in wishes:
                one["seen"] = []
                if "years" in one:  # of the calendar
                    one |= {"years": [], "looked": ""}
    return result


def _changed(progress: Progress, due: dict[str, int], gone: dict[str, int]) -> Progress:
    progress.pending.update(due)
    for id_ in due.keys() & progress.finished.keys():
        for lacking in progress.lacking.values():
            lacking[id_] = due[id_]
        progress.unseen.pop(id_, None)
    for id_, day in gone.items():
        progress.finished.setdefault(id_, day)
        progress.buried.pop(id_, None)  # it is asked for again
    if gone and progress.census:
        progress.census = LONG_AGO
    return progress


def _partition(bookmarks: State, stream: str, athlete_id: str) -> State:
    partitions: list[State] = bookmarks.setdefault(stream, {}).setdefault("partitions", [])
    context = {"athlete_id": athlete_id}
    for one in partitions:
        if one.get("context") == context:
            return one
    partitions.append({"context": context})
    return partitions[-1]


def _ordinals(days: Mapping[str, str]) -> dict[str, int]:
    return {id_: date.fromisoformat(day).toordinal() for id_, day in days.items()}
