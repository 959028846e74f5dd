"""Sums over the last days of a wellness field, for each day that exists.

The points carry the athlete's wall clock, so no window may be measured from the server's now(): at UTC-11 and at UTC+14
seven days before it are six or eight of the athlete's. Here days are counted back from each day itself: daily sums,
where a day without a value is 0, and their moving sums. Each level has the same bounds, as InfluxDB cuts inner queries
to those of the outer one; the days before the range, which the first windows need, are not drawn.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grafana.parts.query import ATHLETE, CARRIED, Query, statement

if TYPE_CHECKING:
    from collections.abc import Sequence

WEEK_DAYS = 7
NEWEST_WITHIN = 130
"""How many days before the end of the range, which may lie months ahead, the newest existing day is looked for."""


def up_to(days: int) -> str:
    """Bounds: the newest days of the range and so many before them, however long the range is."""
    return f"time >= ${{__to}}ms - {NEWEST_WITHIN + days}d AND time <= ${{__to}}ms"


def before(days: int) -> str:
    """Bounds: the range of the board and so many days before it."""
    return f"time >= ${{__from}}ms - {days}d AND time <= ${{__to}}ms"


@dataclass(frozen=True)
class Windows:
    """Moving sums over a value of wellness: `n7` values in the last 7 days, `s7` their sum, `q7` that of their squares.

    `value` is InfluxQL, `field` what it is made of; values carried over from the settings are left out. `row` is 1 on
    days that exist. `when` has to reach a day further back than the longest span; `who` chooses the athlete, and
    with `apart` the answer has a series for each of the chosen.
    """

    field: str
    value: str
    spans: tuple[int, ...]
    when: str
    who: str = ATHLETE
    apart: bool = False

    @property
    def tail(self) -> str:
        """What each level needs at its end."""
        return 'GROUP BY "athlete_id"' if self.apart else ""

    def by_day(self, columns: str, *where: str) -> str:
        """Return a SELECT of expressions over the sums, a row for each day that exists and fulfils `where`."""
        moving = self._moving(set(re.findall(r'"([nsq]\d+)"', f"{columns} {where}")))
        return statement(columns, f"({moving})", '"row" > 0.5', *where, self.when, tail=self.tail)

    def newest(self, columns: dict[str, str], needs: Sequence[str]) -> str:
        """Return a SELECT of named expressions on the newest existing day: one row, or none where a value is missing.

        last() finds the day, as on InfluxDB 3 a LIMIT counts for each field by itself.
        """
        every = ", ".join(f'{expression} AS "{name}"' for name, expression in columns.items())
        names = ", ".join(f'"{name}"' for name in columns)
        counts = ", ".join(f'"n{span}"' for span in self.spans)
        days = self.by_day(f'"row", {every}, {counts}')
        day = statement(f'last("row") AS "row", {names}, {counts}', f"({days})", self.when, tail=self.tail)
        return statement(names, f"({day})", *needs, self.when, tail=self.tail)

    def _moving(self, used: set[str]) -> str:
        # Each moving sum makes InfluxDB 1 read the days once more, so there are only those that are used.
        # moving_average can't have a window of 1: a day is half of the sum and the difference of the last two.
        row = 'moving_average("row", 2) + difference("row") / 2 AS "row"'
        names = ((name, span) for span in self.spans for name in "nsq" if f"{name}{span}" in used)
        sums = (f'moving_average("{name}", {span}) * {span} AS "{name}{span}"' for name, span in names)
        return statement(", ".join([row, *sums]), f"({self._daily(used)})", self.when, tail=self.tail)

    def _daily(self, used: set[str]) -> str:
        columns = 'count("updated") AS "row", count("v") AS "n", sum("v") AS "s"'
        if any(name.startswith("q") for name in used):
            columns += ', sum("square") AS "q"'
        athletes = ', "athlete_id"' if self.apart else ""
        return statement(columns, self._sources(), self.when, tail=f"GROUP BY time(1d){athletes} fill(0)")

    def _sources(self) -> str:
        value, flag, where = f'{self.value} AS "v"', CARRIED.get(self.field), (self.who, self.when)
        squares = '"v", "v" * "v" AS "square"'  # a level above, so that a logarithm is taken once
        if not flag:
            values = statement(f'"updated", {value}', '"wellness"', *where, tail=self.tail)
            both = statement('"updated", ' + squares, f"({values})", self.when, tail=self.tail)
            return f"({both})"
        read = statement(f'"{self.field}", "{flag}"', '"wellness"', *where, tail=self.tail)
        measured = statement(value, f"({read})", f'"{flag}" != true', self.when, tail=self.tail)
        days = statement('"updated"', '"wellness"', *where, tail=self.tail)
        squared = statement(squares, f"({measured})", self.when, tail=self.tail)
        return f"({days}), ({squared})"


def week_mean(field: str, *, scale: str = "") -> Query:
    """Return the mean of a wellness field over the 7 days to the newest, with `scale` such as ` / 3600`."""
    week = Windows(field, f'"{field}"', (WEEK_DAYS,), up_to(WEEK_DAYS + 1))
    return Query(week.newest({"7 days": f'"s7" / "n7"{scale}'}, ['"n7" > 0.5']), table=True)


def week_means(field: str) -> Query:
    """Return the same for each day."""
    week = Windows(field, f'"{field}"', (WEEK_DAYS,), before(WEEK_DAYS + 1))
    return Query(week.by_day('"s7" / "n7" AS "7 days"', '"n7" > 0.5'))


def week_variation(field: str, name: str) -> Query:
    """Coefficient of variation of the logarithm over 7 days, in percent; from 4 measured days on."""
    week = Windows(field, f'ln("{field}")', (WEEK_DAYS,), before(WEEK_DAYS + 1))
    deviation = 'sqrt(abs("q7" - "s7" * "s7" / "n7") / ("n7" - 1))'
    return Query(week.by_day(f'{deviation} / ("s7" / "n7") * 100 AS "{name}"', '"n7" > 3.5'))
