"""Names of a stream's fields in the database, given once and kept for the run."""

from __future__ import annotations

from collections import Counter
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from target_influxdb.config.measurements import is_glob
from target_influxdb.errors import TargetError
from target_influxdb.lineprotocol.escape import Dialect
from target_influxdb.lineprotocol.types import Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from target_influxdb.config.measurements import StreamMapping

MOST = 5_000
"""Most names that the data may add to those of the schema: each is a column of the chunk in work."""


class Names(dict[tuple[str, str], str]):
    """Names by (property, flattened name), those that are learnt; "" where the field is not wanted.

    A name that is taken gets a `_` at its end. What has got a name keeps it, so that no two fields swap theirs from
    one batch to the next; tags and properties of the schema get theirs first, so that most stay from run to run.
    """

    def __init__(self, stream: str, mapping: StreamMapping, dialect: Dialect | None = None) -> None:
        super().__init__()
        self.tags: dict[str, str] = {}
        """Names of tags by their properties."""
        self.listed: dict[str, Kind] = {}
        """Fields whose type the mapping says."""
        self._stream = stream
        self._mapping = mapping
        self._dialect = dialect or Dialect()
        self._taken: set[str] = set()
        self._nested: set[str] = set()
        self._is_open = False
        self._found: Counter[str] = Counter()

    def declare(
        self, properties: Iterable[str], tags: Collection[str], nested: Iterable[str], *, is_open: bool
    ) -> None:
        """Give names to what a schema has.

        Args:
            properties: Those that become fields.
            tags: Of the points.
            nested: Properties that may become more than one field.
            is_open: Whether records may have other properties.
        """
        self._nested.update(nested)
        self._is_open |= is_open
        dialect = self._dialect
        others = {given for (prop, _), given in self.items() if prop not in tags}
        self.tags = {}
        for name in sorted(tags, key=lambda name: name != dialect.tag(name)):  # who needs no other goes first
            self.tags[name] = given = _free(dialect.tag(name), {*others, *self.tags.values()})
            self._taken.add(given)
        for name in sorted(properties, key=lambda name: name != dialect.field(name)):
            if (name, name) not in self:
                self[name, name] = self._named(name, name)

    def learn(self, prop: str, fields: Iterable[str]) -> None:
        """Give names to the fields that a property has in the data, where they have none yet.

        Raises:
            TargetError: they are too many.
        """
        for field in fields:
            if (prop, field) not in self:
                self[prop, field] = given = self._named(prop, field)
                self._found[prop] += bool(given)
                if self._found.total() > MOST:
                    raise self._too_many()

    def _named(self, prop: str, field: str) -> str:
        if not self.wants(field, prop):
            return ""
        name = _free(self._dialect.field(field), self._taken)
        self._taken.add(name)
        if _listed(field, prop, self._mapping.integers):
            self.listed[name] = Kind.INTEGER
        elif _listed(field, prop, self._mapping.floats):
            self.listed[name] = Kind.FLOAT
        return name

    def wants(self, field: str, prop: str) -> bool:
        """Tell whether a field (flattened name) of a property is to be written."""
        if _listed(field, prop, self._mapping.exclude):
            return False
        return self._mapping.fields is None or _listed(field, prop, self._mapping.fields)

    @property
    def given(self) -> frozenset[str]:
        """The names of all fields that are known."""
        return frozenset(self.values()) - {""}

    @property
    def beginnings(self) -> frozenset[str]:
        """How fields may begin that are not known: those of older records, under names that the schema leaves open."""
        return frozenset({""} if self._is_open else {f"{prop}_" for prop in self._nested})

    def _too_many(self) -> TargetError:
        prop, count = self._found.most_common(1)[0]
        return TargetError(
            f"Stream {self._stream!r} has more than {MOST} fields that its schema does not name, because property"
            f" {prop!r} makes {count} of them: leave it out (measurements.{self._stream}.exclude)."
        )


def _free(name: str, taken: Collection[str]) -> str:
    while name in taken:
        name += "_"
    return name


def _listed(field: str, prop: str, names: Sequence[str]) -> bool:
    return any(name in (field, prop) or (is_glob(name) and fnmatchcase(field, name)) for name in names)
