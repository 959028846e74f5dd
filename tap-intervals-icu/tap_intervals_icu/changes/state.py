"""What is remembered between runs of one list of an athlete."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from tap_intervals_icu.changes.idset import pack, unpack
from tap_intervals_icu.errors import StateError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from typing_extensions import Self

Fitness = tuple[float | None, ...]
"""`ctl`, `atl`, `ctlLoad`, `atlLoad`; empty for what has none."""

FITNESS_VALUES = 4
NO_VALUE = "-"

LONG_AGO = "1970-01-01T00:00:00+00:00"
"""Of a census: another one is due. (An empty one would be the first, which moves no fitness of later days.)"""


SAMPLES = "samples"
PARTS = "activity_streams/parts"


class SavedState(ABC):
    """What the state of a stream keeps between runs."""

    @classmethod
    def load(cls, state: Mapping[str, Any]) -> Self:
        """Read the keys that `dump` wrote; a state without them is an empty memory.

        Raises:
            StateError: They were cut or edited.
        """
        try:
            return cls.read(state)
        except (TypeError, ValueError) as error:
            raise StateError(
                f"The state of the last run cannot be read ({error}): restore it, or start again with --full-refresh."
            ) from error

    @classmethod
    @abstractmethod
    def read(cls, state: Mapping[str, Any]) -> Self:
        """Read the same; a state that was cut or edited raises whatever it does."""

    @abstractmethod
    def dump(self) -> dict[str, Any]:
        """Return JSON for the state: always the same keys, and texts and lists only.

        Meltano merges the objects of a state after a failed run, so that a key removed from one would come back.
        """


@dataclass
class ListState(SavedState):
    """The content of the stream's state.

    Attributes:
        finished: Ids whose records (and child records) were emitted, with the ordinal of their day.
        pending: Ids known to be new or changed and not emitted since, with their day.
        stamp: Every finished id that is not pending is at least as new as all edits up to this server stamp.
        window: The rows of the look-back window as last emitted: id to (detail, digest).
        extents: How much of a row was emitted in other streams, a number for each row. If it is less later, the surplus
            gets tombstones. For `activity_streams` in rows see `samples.extent`, in columns (PARTS) the records beyond
            the first one; for `activity_intervals` the count; for `wellness_sport_info/SPORT` 1; for SAMPLES one more
            than the number of samples, so that none is known.
        census: When (server time) the last census was taken; empty if never.
        unseen: Finished ids that the last census did not list, though they are not known to be deleted.
        unseen_stamp: As `stamp`, for the unseen ones.
        lacking: Streams made of this list (its own and its children) that were ever selected, each with the finished
            ids whose records of that stream were not emitted as they stand now.
        ahead: Finished ids whose stamp lay ahead of the server's clock, with that stamp: it is not covered by `stamp`.
        absent: Finished ids that are not listed any more but still answer as a stub, with the second (server time,
            since 1970) when that was seen first.
        buried: Finished ids that were deleted, and whose tombstones some streams of `lacking` still lack.
        fitness: `ctl`, `atl` and their loads of the window's wellness days as last emitted; None for no number.
        reread: The setting `read_again` that was followed last.
    """

    finished: dict[str, int] = field(default_factory=dict)
    pending: dict[str, int] = field(default_factory=dict)
    stamp: str = ""
    window: dict[str, tuple[str, str]] = field(default_factory=dict)
    extents: dict[str, dict[str, int]] = field(default_factory=dict)
    census: str = ""
    unseen: dict[str, int] = field(default_factory=dict)
    unseen_stamp: str = ""
    lacking: dict[str, dict[str, int]] = field(default_factory=dict)
    ahead: dict[str, str] = field(default_factory=dict)
    absent: dict[str, int] = field(default_factory=dict)
    buried: dict[str, int] = field(default_factory=dict)
    fitness: dict[str, Fitness] = field(default_factory=dict)
    reread: str = ""

    @override
    @classmethod
    def read(cls, state: Mapping[str, Any]) -> Self:
        return cls(
            finished=unpack(state.get("finished", "")),
            pending=unpack(state.get("pending", "")),
            stamp=state.get("stamp", ""),
            window={id_: (detail, digest) for id_, detail, digest in fields(state.get("window", ()), 3)},
            extents={what: unpack(ids) for what, ids in fields(state.get("children", ()), 2)},
            census=state.get("census", ""),
            unseen=unpack(state.get("unseen", "")),
            unseen_stamp=state.get("unseen_stamp", ""),
            lacking={stream: unpack(ids) for stream, ids in fields(state.get("lacking", ()), 2)},
            ahead=dict(fields(state.get("ahead", ()), 2)),
            absent=unpack(state.get("absent", "")),
            buried=unpack(state.get("buried", "")),
            fitness={
                id_: tuple(None if value == NO_VALUE else float(value) for value in values)
                for id_, *values in fields(state.get("fitness", ()), FITNESS_VALUES + 1)
            },
            reread=state.get("read_again", ""),
        )

    @override
    def dump(self) -> dict[str, Any]:
        return {
            "finished": pack(self.finished),
            "pending": pack(self.pending),
            "stamp": self.stamp,
            "window": [f"{id_} {detail} {digest}" for id_, (detail, digest) in sorted(self.window.items())],
            "children": [f"{what} {pack(ids)}" for what, ids in sorted(self.extents.items())],
            "census": self.census,
            "unseen": pack(self.unseen),
            "unseen_stamp": self.unseen_stamp,
            "lacking": [f"{stream} {pack(ids)}" for stream, ids in sorted(self.lacking.items())],
            # For a target that notes in the database which states it stored: 0.1 stored without such notes.
            "marked": "yes",
            "ahead": [f"{id_} {stamp}" for id_, stamp in sorted(self.ahead.items())],
            "absent": pack(self.absent),
            "buried": pack(self.buried),
            "fitness": [
                " ".join([id_, *(NO_VALUE if value is None else str(value) for value in values)])
                for id_, values in sorted(self.fitness.items())
            ],
            "read_again": self.reread,
        }


def fields(lines: Iterable[str], count: int) -> Iterator[list[str]]:
    """Yield the fields of lines; only the first one may hold blanks."""
    return (line.rsplit(" ", count - 1) for line in lines)
