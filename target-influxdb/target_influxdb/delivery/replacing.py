"""Which points a record supersedes, by `replace` and by tombstones."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from target_influxdb.lineprotocol.stamps import DAY, EARLIEST, LATEST, UNITS
from target_influxdb.points.mapper import Tombstone
from target_influxdb.points.tags_and_times import PART, tags_of
from target_influxdb.servers import Deletion

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from target_influxdb.delivery.queue import Writer
    from target_influxdb.points.mapper import Mapped
    from target_influxdb.points.plan import Plan
    from target_influxdb.points.points import Points

    Record = Mapping[str, Any]
    Key = tuple[Any, ...]

logger = logging.getLogger("target-influxdb")


@dataclass
class KnownPoints:
    """What a run knows of the points of a stream. It outlives the sink, which a new SCHEMA replaces."""

    values: dict[str, set[str] | None] = field(default_factory=dict)
    """Values that tags had in the database when the run began, None where they may not be read."""
    times: tuple[int, int] | None = None
    """First and last time that the database had."""
    written: set[tuple[Any, ...]] = field(default_factory=set)
    """Keys that this run wrote."""
    said: set[str] = field(default_factory=set)


@dataclass
class Segment:
    """Points of a batch, and what is to be deleted before they are written."""

    deletions: list[Deletion] = field(default_factory=list)
    points: list[Points] = field(default_factory=list)
    keys: set[Key] = field(default_factory=set)
    """What its records replace: each key comes once."""
    after_all: bool = False
    """The deletions may concern what this run wrote before."""


class Replacer:
    """Finds what to delete before records of one stream are written.

    Points are deleted if the database had their key when the run began, or if this run wrote it; so a first load
    deletes nothing. A key without value means the points that lack its tag, never all points.
    """

    def __init__(self, plan: Plan, writer: Writer, known: KnownPoints) -> None:
        self._plan = plan
        self._writer = writer
        self._known = known
        self._joins = plan.daily and not plan.time_offset and writer.settings.is_alone(plan.stream)
        """Days in a row are deleted as one, where nothing lies between their midnights."""
        self._once = bool(plan.replace) and not set(plan.keys) <= set(plan.replace)
        """A record is one of several with the same replaced tags: clear them once per run."""
        self._replaces = bool(plan.replace) or plan.replace_time
        self._unit = UNITS[plan.precision or "ns"]
        """Times are cut to it when they are written."""

    def segments(self, batch: Iterable[Mapped | Tombstone]) -> Iterator[Segment]:
        """Cut a batch into segments, in order."""
        segment = Segment()
        for one in batch:
            if isinstance(one, Tombstone):
                if segment.points:
                    yield self._complete(segment)
                    segment = Segment()
                segment.after_all = True
                segment.deletions += self._removed_by(one)
                continue
            start = 0
            for place, record in enumerate(one.records if self._replaces else ()):
                if self._is_further_part(record):
                    segment.keys.add(self._replaced(record))  # a first part after it is a later version
                    continue
                key, deletions, is_again = self._superseded(record, one.points, place)
                if key and key in segment.keys:
                    if place > start:
                        segment.points.append(one.points.part(start, place))
                    yield self._complete(segment)
                    segment, start = Segment(), place
                segment.after_all |= is_again
                segment.deletions += deletions
                if key:
                    segment.keys.add(key)
            segment.points.append(one.points.part(start, len(one.points.times)))
        yield self._complete(segment)

    def _is_further_part(self, record: Record) -> bool:
        """Tell whether a record belongs to one that came before, which has replaced what was there."""
        return self._plan.parted and bool(record.get(PART))

    def _complete(self, segment: Segment) -> Segment:
        segment.deletions = self._possible(dict.fromkeys(segment.deletions))
        return segment

    def _superseded(self, record: Record, points: Points, place: int) -> tuple[Key, list[Deletion], bool]:
        """Return what a record replaces; of one that is one point, where that stands.

        Returns:
            the key that no other record of its segment may have, what is to be deleted, and whether this run wrote it.
        """
        plan = self._plan
        if plan.replace_time:
            tags = self._key_tags(record)
            time = self._cut(points.times[place] * UNITS[points.unit])
            key: Key = (*tags.items(), time)
        else:
            tags = tags_of(plan, plan.replace, record)
            key = self._replaced(record)
        is_new = key not in self._known.written
        self._known.written.add(key)
        if plan.replace_time:
            return key, self._point(tags, time) if not is_new or self._time_in_database(time) else [], not is_new
        if self._once:
            return (), self._whole(tags) if is_new and self._in_database(tags) else [], False
        return key, self._whole(tags) if not is_new or self._in_database(tags) else [], not is_new

    def _removed_by(self, one: Tombstone) -> list[Deletion]:
        """Return what a tombstone removes."""
        plan = self._plan
        if self._is_further_part(one.record):
            return []  # the first part stands for all
        others = set(plan.keys) - set(plan.tags) - {plan.time, plan.time_offset}
        if others or not plan.keys:
            missing = f"key property {min(others)!r} is neither tag nor time" if others else "it has no key"
            self._say(f"Tombstones of stream {plan.stream!r} can't be applied: {missing}.")
            return []
        tags = self._key_tags(one.record)
        if set(plan.keys) <= set(plan.tags):
            return self._whole(tags)
        if one.time is not None:
            return self._point(tags, self._cut(one.time))
        if not plan.replace or self._replaced(one.record) not in self._known.written:
            self._say(
                f"Tombstones of stream {plan.stream!r} can't be applied: {plan.time!r} gives no time: {one.wrong}."
            )
        return []

    def _replaced(self, record: Record) -> Key:
        """Return the tags that name what a record replaces."""
        return tuple(tags_of(self._plan, self._plan.replace, record).items())

    def _cut(self, time: int) -> int:
        return time - time % self._unit

    def _key_tags(self, record: Record) -> dict[str, str]:
        keys, tags = self._plan.keys, self._plan.tags
        return tags_of(self._plan, [tag for tag in tags if tag in keys] if keys else tags, record)

    def _whole(self, tags: Mapping[str, str]) -> list[Deletion]:
        return [Deletion(self._plan.measurement, tuple(tags.items()))]

    def _point(self, tags: Mapping[str, str], time: int) -> list[Deletion]:
        return [Deletion(self._plan.measurement, tuple(tags.items()), time, time)]

    def _in_database(self, tags: Mapping[str, str]) -> bool:
        """Tell whether the database may have points with all of these tag values."""
        first, last = (0, 0) if any(tags.values()) else self._times()
        return first <= last and all(not value or self._may_have(tag, value) for tag, value in tags.items())

    def _may_have(self, tag: str, value: str) -> bool:
        values, name = self._known.values, self._plan.measurement
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
        if self._known.times is None:
            name = self._plan.measurement
            times = self._writer.ask("Reading known times", lambda server: server.known_times(name))
            if times is None and not self._writer.server.cannot_delete_times:
                self._say_unread()
            self._known.times = times or (EARLIEST, LATEST)
        return self._known.times

    def _possible(self, deletions: Iterable[Deletion]) -> list[Deletion]:
        """Return the deletions that the server can make, and warn once of the others."""
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
        return merged_days(wanted) if self._joins else wanted

    def _say_unread(self) -> None:
        if not self._writer.server.cannot_delete:
            self._say(
                f"{self._writer.server.name} does not let this account read which points of"
                f" {self._plan.measurement!r} exist: each record deletes before it is written, which is slower."
            )

    def _say(self, sentence: str) -> None:
        if sentence not in self._known.said:
            self._known.said.add(sentence)
            logger.warning("%s", sentence)


def merged_days(deletions: Iterable[Deletion]) -> list[Deletion]:
    """Return deletions of single days as one deletion for each row of days without a gap."""
    result: list[Deletion] = []
    for one in sorted(deletions, key=lambda one: (one.tags, one.first or 0)):
        last = result[-1] if result else None
        if last and last.tags == one.tags and last.last is not None and one.first == last.last + DAY:
            result[-1] = Deletion(one.measurement, one.tags, last.first, one.last)
        else:
            result.append(one)
    return result
