"""Which points a record supersedes, by `replace` and by tombstones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from target_influxdb.mapping import tag_name
from target_influxdb.points import bad_record, is_columnar, tag_text, tags_of, time_of
from target_influxdb.servers import Deletion
from target_influxdb.timestamps import DAY

if TYPE_CHECKING:
    import logging
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from target_influxdb.mapping import Plan
    from target_influxdb.writer import Writer

    Record = Mapping[str, Any]

DELETED = "_sdc_deleted_at"


class Replacer:
    """Finds what to delete before records of one stream are written.

    Points are deleted if the database had their key when the run began, or if this run wrote it; so a first load
    deletes nothing.
    """

    def __init__(self, plan: Plan, writer: Writer, logger: logging.Logger) -> None:
        self._plan = plan
        self._writer = writer
        self._logger = logger
        self._known: dict[str, set[str] | None] = {}
        self._times: tuple[int, int] | None = None
        self._written: set[tuple[Any, ...]] = set()
        self._said: set[str] = set()
        #: A record is one of several with the same replaced tags: clear them once per run.
        self._once = bool(plan.replace) and not set(plan.keys) <= set(plan.replace)

    def segments(self, batch: Sequence[Record]) -> Iterator[tuple[list[Deletion], list[Record]]]:
        """Cut a batch into (deletions to make first, records to write after them), in order."""
        deletions: dict[Deletion, None] = {}
        records: list[Record] = []
        keys: set[tuple[Any, ...]] = set()
        for record in batch:
            is_tombstone = bool(record.get(DELETED))
            key, deletion = self._buried(record) if is_tombstone else self._superseded(record)
            if records and (is_tombstone or key in keys):
                yield self._possible(deletions), records
                deletions, records, keys = {}, [], set()
            if deletion is not None:
                deletions[deletion] = None
            if not is_tombstone:
                records.append(record)
                if key:
                    keys.add(key)
        yield self._possible(deletions), records

    def _superseded(self, record: Record) -> tuple[tuple[Any, ...], Deletion | None]:
        """What a record replaces, and the key that no other record of its segment may have."""
        plan = self._plan
        if plan.replace:
            tags = {tag_name(name): tag_text(record.get(name)) for name in plan.replace}
            key: tuple[Any, ...] = tuple(tags.values())
            is_new = key not in self._written
            self._written.add(key)
            if self._once:
                return (), self._whole(tags) if is_new and self._in_database(tags) else None
            return key, self._whole(tags) if not is_new or self._in_database(tags) else None
        if plan.replace_time:
            if is_columnar(plan, record):
                raise bad_record(plan, record, "`replace: time` is for records of one point; name tags instead")
            tags = self._key_tags(record)
            try:
                time = time_of(plan, record)
            except ValueError:
                return (), None  # refused later, with its reason
            key = (*tags.values(), time)
            is_known = key in self._written or self._time_in_database(time)
            self._written.add(key)
            return key, self._point(tags, time) if is_known else None
        return (), None

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
            replaced = tuple(tag_text(record.get(name)) for name in plan.replace)
            if not plan.replace or replaced not in self._written:
                self._say(
                    f"Tombstones of stream {plan.stream!r} can't be applied: {plan.time!r} gives no time: {error}."
                )
            return (), None

    def _key_tags(self, record: Record) -> dict[str, str]:
        tags = tags_of(self._plan, record)
        named = {tag_name(name) for name in self._plan.keys}
        return {name: value for name, value in tags.items() if name in named} if named else tags

    def _whole(self, tags: Mapping[str, str]) -> Deletion:
        return Deletion(self._plan.measurement, tuple(tags.items()))

    def _point(self, tags: Mapping[str, str], time: int) -> Deletion:
        return Deletion(self._plan.measurement, tuple(tags.items()), time, time)

    def _in_database(self, tags: Mapping[str, str]) -> bool:
        """Whether the database has points with all of these tag values, as far as it lets itself be read."""
        return all(value in known for tag, value in tags.items() if (known := self._values(tag)) is not None)

    def _values(self, tag: str) -> set[str] | None:
        if tag not in self._known:
            name = self._plan.measurement
            self._known[tag] = self._writer.ask("Reading known keys", lambda server: server.known_tags(name, tag))
            if self._known[tag] is None:
                self._say_unread()
        return self._known[tag]

    def _time_in_database(self, time: int) -> bool:
        if self._times is None:
            name = self._plan.measurement
            times = self._writer.ask("Reading known times", lambda server: server.known_times(name))
            if times is None:
                self._say_unread()
            self._times = times or (time - 2**63, time + 2**63)
        return self._times[0] <= time <= self._times[1]

    def _possible(self, deletions: Iterable[Deletion]) -> list[Deletion]:
        """The deletions that the server can make; the others are said once."""
        wanted = list(deletions)
        if not wanted:
            return []
        server = self._writer.server
        if server.cannot_delete:
            self._say(f"{server.cannot_delete}.")
            return []
        if server.cannot_delete_times and any(one.timed for one in wanted):
            self._say(f"{server.cannot_delete_times}.")
            wanted = [one for one in wanted if not one.timed]
        return joined(wanted) if self._plan.daily and not self._plan.time_offset else wanted

    def _say_unread(self) -> None:
        self._say(
            f"{self._writer.server.name} lets this account not read which points of"
            f" {self._plan.measurement!r} exist: each record deletes before it is written, which is slower."
        )

    def _say(self, sentence: str) -> None:
        if sentence not in self._said:
            self._said.add(sentence)
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
