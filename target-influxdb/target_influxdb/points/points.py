"""Points of one stream, held as columns: what records become, and what lines are made of. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

from target_influxdb.lineprotocol.numbers import parts_of
from target_influxdb.lineprotocol.stamps import converted, precision_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

T = TypeVar("T")


@dataclass(frozen=True)
class Points:
    """Some points of one stream."""

    heads: bytes | Sequence[bytes]
    """The series part of each line, or one for all."""
    columns: Mapping[str, Sequence[Any]]
    """Values by the name of the field; None where a point has none."""
    times: list[int]
    unit: str = "ns"
    """Of the times: s, ms, us or ns. Large numbers cost, and most times are whole seconds."""

    def part(self, start: int, stop: int) -> Points:
        """Return the points from one place to another."""
        if start == 0 and stop >= len(self.times):
            return self
        return Points(
            heads=self.heads if isinstance(self.heads, bytes) else self.heads[start:stop],
            columns={name: values[start:stop] for name, values in self.columns.items()},
            times=self.times[start:stop],
            unit=self.unit,
        )

    def parts(self, size: int) -> Iterator[Points]:
        """Yield the points, so many at a time."""
        if len(self.times) <= size:
            if self.times:
                yield self
            return
        columns = {name: parts_of(values, size) for name, values in self.columns.items()}
        for start in range(0, len(self.times), size):
            heads = self.heads if isinstance(self.heads, bytes) else self.heads[start : start + size]
            values = {name: next(parts) for name, parts in columns.items()}
            yield Points(heads, values, self.times[start : start + size], self.unit)

    def chosen(self, places: Sequence[int]) -> Points:
        """Return the points at some places, in that order."""
        return Points(
            heads=self.heads if isinstance(self.heads, bytes) else _chosen(self.heads, places),
            columns={name: _chosen(values, places) for name, values in self.columns.items()},
            times=_chosen(self.times, places),
            unit=self.unit,
        )

    def in_order(self) -> Points:
        """Return the points by time; those of the same time keep their order."""
        if self.times == sorted(self.times):
            return self
        return self.chosen(sorted(range(len(self.times)), key=self.times.__getitem__))

    def stamped(self, precision: str | None) -> Points:
        """Return the points with times as lines carry them: cut to a precision, or in the coarsest that keeps them."""
        precision = precision or precision_of(self.times, self.unit)
        return Points(self.heads, self.columns, converted(self.times, self.unit, precision), precision)


def _chosen(values: Sequence[T], places: Sequence[int]) -> list[T]:
    if len(places) > 1:
        return list(itemgetter(*places)(values))
    return [values[place] for place in places]
