"""Which points a record supersedes, by `replace` and by tombstones."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from target_influxdb.lineprotocol.stamps import DAY, EARLIEST, LATEST
from target_influxdb.points.convert import bad_record, is_columnar, tags_of, time_of
from target_influxdb.servers import Deletion

if TYPE_CHECKING:
    import logging
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from target_influxdb.delivery.queue import Writer
    from target_influxdb.points.mapping import Plan

    Record = Mapping[str, Any]

DELETED = "_sdc_deleted_at"


@dataclass
class Memory:
    """What a run knows of the points of a stream. It outlives the sink, which a new SCHEMA replaces."""

    values: dict[str, set[str] | None] = field(default_factory=dict)
    """Values that tags had in the database when the run began, None where they may not be read."""
    times: tuple[int, int] | None = None
    """First and last time that the database had."""
    written: set[tuple[Any, ...]] = field(default_factory=set)
    """Keys that this run wrote."""
    said: set[str] = field(default_factory=set)


class Segment(NamedTuple):
    """Records of a batch, and what is to be deleted before they are written."""

    deletions: list[Deletion]
    records: list[Record]
    after_all: bool
    """The deletions may concern what this run wrote before."""


class Replacer:
    """Finds what to delete before records of one stream are written.

    Points are deleted if the database had their key when the run began, or if this run wrote it; so a first load
    deletes nothing. A key without value means the points that lack its tag, never all points.
    """

    def __init__(self, plan: Plan, writer: Writer, memory: Memory, logger: logging.Logger) -> None:
        self._plan = plan
        self._writer = writer
        self._memory = memory
        self._logger = logger
        self._joins = plan.daily and not plan.time_offset and writer.settings.is_alone(plan.stream)
        """Days in a row are deleted as one, where nothing lies between their midnights."""
        self._once = bool(plan.replace) and not set(plan.keys) <= set(plan.replace)
        """A record is one of several with the same replaced tags: clear them once per run."""

    def segments(self, batch: Sequence[Record]) -> Iterator[Segment]:
        """Cut a batch into segments, in order."""
        deletions: dict[Deletion, None] = {}
        records: list[Record] = []
        keys: set[tuple[Any, ...]] = set()
        after_all = False
        for record in batch:
            is_tombstone = bool(record.get(DELETED))
            if is_tombstone:
                (key, deletion), is_again = self._buried(record), True
            else:
                key, deletion, is_again = self._superseded(record)
            if records and (is_tombstone or key in keys):
                yield Segment(self._possible(deletions), records, after_all)
                deletions, records, keys, after_all = {}, [], set(), False
            after_all |= is_again
            if deletion is not None:
                deletions[deletion] = None
            if not is_tombstone:
                records.append(record)
                if key:
                    keys.add(key)
        yield Segment(self._possible(deletions), records, after_all)

    def _superseded(self, record: Record) -> tuple[tuple[Any, ...], Deletion | None, bool]:
        """The key that no other record of its segment may have, what a record replaces, and if this run wrote that."""
        plan = self._plan
        if plan.replace:
            tags = tags_of(plan, plan.replace, record)
            key: tuple[Any, ...] = tuple(tags.items())
            is_new = key not in self._memory.written
            self._memory.written.add(key)
            if self._once:
                return (), self._whole(tags) if is_new and self._in_database(tags) else None, False
            return key, self._whole(tags) if not is_new or self._in_database(tags) else None, not is_new
        if plan.replace_time:
            if is_columnar(plan, record):
                raise bad_record(plan, record, "`replace: time` is for records of one point; name tags instead")
            tags = self._key_tags(record)
            try:
                time = time_of(plan, record)
            except ValueError:
                return (), None, False  # refused later, with its reason
            key = (*tags.items(), time)
            is_new = key not in self._memory.written
            self._memory.written.add(key)
            return key, self._point(tags, time) if not is_new or self._time_in_database(time) else None, not is_new
        return (), None, False

    def _buried(self, record: Record) -> tuple[tuple[Any, ...], Deletion | None]:
        """What a tombstone removes."""
        plan = self._plan
        others = set(plan.keys) - set(plan.tags) - {plan.time, plan.time_offset}
        if others or not plan.keys:
            missing = f"key property {min(others)!r} is neither tag nor time" if others else "it has no key"
            self._say(f"Tombstones of stream {plan.stream!r} can't be applied: {missing}.")
            return (), None
        tags = self._key_tags(record)
        if set(plan.keys) <= set(plan.tags):
            return (), self._whole(tags)
        try:
            return (), self._point(tags, time_of(plan, record))
        except ValueError as error:
            replaced = tuple(tags_of(plan, plan.replace, record).items())
            if not plan.replace or replaced not in self._memory.written:
                self._say(
                    f"Tombstones of stream {plan.stream!r} can't be applied: {plan.time!r} gives no time: {error}."
                )
            return (), None

    def _key_tags(self, record: Record) -> dict[str, str]:
        keys, tags = self._plan.keys, self._plan.tags
        return tags_of(self._plan, [tag for tag in tags if tag in keys] if keys else tags, record)

    def _whole(self, tags: Mapping[str, str]) -> Deletion:
        return Deletion(self._plan.measurement, tuple(tags.items()))

    def _point(self, tags: Mapping[str, str], time: int) -> Deletion:
        return Deletion(self._plan.measurement, tuple(tags.items()), time, time)

    def _in_database(self, tags: Mapping[str, str]) -> bool:
        """Whether the database may have points with all of these tag values."""
        first, last = (0, 0) if any(tags.values()) else self._times()
        return first <= last and all(not value or self._may_have(tag, value) for tag, value in tags.items())

    def _may_have(self, tag: str, value: str) -> bool:
        values, name = self._memory.values, self._plan.measurement
        if tag not in values:
            values[tag] = self._writer.ask("Reading known keys", lambda server: server.known_tags(name, tag))
            if values[tag] is None:
                self._say_unread()
        known = values[tag]
        return known is None or value in known

    def _time_in_database(self, time: int) -> bool:
        first, last = self._times()
        return first <= time <= last

    def _times(self) -> tuple[int, int]:
        if self._memory.times is None:
            name = self._plan.measurement
            times = self._writer.ask("Reading known times", lambda server: server.known_times(name))
            if times is None and not self._writer.server.cannot_delete_times:
                self._say_unread()
            self._memory.times = times or (EARLIEST, LATEST)
        return self._memory.times

    def _possible(self, deletions: Iterable[Deletion]) -> list[Deletion]:
        """The deletions that the server can make; the others are said once."""
        wanted = list(deletions)
        if not wanted:
            return []
        server = self._writer.server
        if server.cannot_delete:
            self._say(f"{server.cannot_delete}.")
            if not self._writer.settings.is_file:  # of which nobody knows what they hold
                self._writer.give_up(wanted)
            return []
        if server.cannot_delete_times and any(one.timed for one in wanted):
            self._say(f"{server.cannot_delete_times}.")
            self._writer.give_up(one for one in wanted if one.timed)
            wanted = [one for one in wanted if not one.timed]
        if server.deletes_more:
            self._say(f"{server.deletes_more}.")
        return joined(wanted) if self._joins else wanted

    def _say_unread(self) -> None:
        if not self._writer.server.cannot_delete:
            self._say(
                f"{self._writer.server.name} lets this account not read which points of"
                f" {self._plan.measurement!r} exist: each record deletes before it is written, which is slower."
            )

    def _say(self, sentence: str) -> None:
        if sentence not in self._memory.said:
            self._memory.said.add(sentence)
            self._logger.warning("%s", sentence)


def joined(deletions: Iterable[Deletion]) -> list[Deletion]:
    """Deletions of single days as one per run of days that follow each other."""
    result: list[Deletion] = []
    for one in sorted(deletions, key=lambda one: (one.tags, one.first or 0)):
        last = result[-1] if result else None
        if last and last.tags == one.tags and last.last is not None and one.first == last.last + DAY:
            result[-1] = Deletion(one.measurement, one.tags, last.first, one.last)
        else:
            result.append(one)
    return result
