"""The series of one stream: tag values → the series part of its lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from target_influxdb.errors import TargetError
from target_influxdb.lineprotocol.escape import Dialect
from target_influxdb.points.tags_and_times import tag_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from target_influxdb.points.plan import Plan


class Series(dict[tuple[Any, ...], bytes]):
    """Heads of lines by the values of the plan's tags (texts or None, as they came), those that are learnt.

    Args:
        plan: The stream's plan.
        limit: Most series of the run.
        seen: All heads of the run, shared by its streams.
        dialect: Of the server.
    """

    def __init__(self, plan: Plan, limit: int, seen: set[bytes], dialect: Dialect | None = None) -> None:
        super().__init__()
        self._plan = plan
        self._limit = limit
        self._seen = seen
        self._dialect = dialect or Dialect()
        self._names = [plan.tag_names[name] for name in plan.tags]

    def learn(self, keys: Iterable[tuple[Any, ...]]) -> None:
        """Make and count the heads that are new.

        Raises:
            TargetError: they are too many.
        """
        for values in set(keys).difference(self):
            tags = dict(zip(self._names, map(tag_text, values), strict=True))
            self[values] = self._dialect.head(self._plan.measurement, tags)
            self._seen.add(self[values])
            if len(self._seen) > self._limit:
                raise self._too_many()

    def _too_many(self) -> TargetError:
        counts = {name: len({values[place] for values in self}) for place, name in enumerate(self._plan.tags)}
        worst = max(counts, key=counts.__getitem__, default="")
        return TargetError(
            f"More than {self._limit} series in one run, because tag {worst!r} has {counts.get(worst, 0)} values:"
            f" make it a field (measurements.{self._plan.stream}.tags), or raise max_series."
        )
