"""The newest day of many athletes at once, a row for each: the words of `normal_range`, cheap enough for hundreds.

Moving sums over the days of 200 athletes cost InfluxDB seconds. But only the newest day counts, which is one of three:
the range ends a day after now, so an athlete's today lies in its last day (ahead of UTC) or in the one before; and a
day that is not synced yet leaves the one before that. For each of the three, plain aggregates over the 7 and the 60
days up to it are taken, and those athletes kept whose newest day it is. An older one is no state to act upon.
"""

from __future__ import annotations

from grafana.parts.normal_range import ALL_ATHLETES, BOTH, LEAST_NORMAL, LEAST_WEEK, Measure
from grafana.parts.query import CARRIED, FIT, Query, statement
from grafana.parts.windows import WEEK_DAYS

EACH = 'GROUP BY "athlete_id"'
NEWEST_DAYS = 4
"""The range's last day and those before it, in days: without a row in them, an athlete's data are old."""
CANDIDATES = range(NEWEST_DAYS - 1)
LONG_AGO = 400
WIDE = f"time >= ${{__to}}ms - {LONG_AGO}d AND time <= ${{__to}}ms"


def within(first: int, last: int = 0) -> str:
    """Bounds: from `first` days before the end of the range, without it, to `last` days before it."""
    return f"time > ${{__to}}ms - {first}d AND time <= ${{__to}}ms - {last}d"


def each(measurement: str, columns: str, *where: str) -> str:
    """Return a SELECT with a series per athlete."""
    return statement(columns, f'"{measurement}"', *where, tail=EACH)


def _over(columns: str, inner: str, *where: str) -> str:
    return statement(columns, f"({inner})", *where, tail=EACH)


def _values(measure: Measure, name: str, when: str) -> str:
    """Return the measured values of some days. The condition stands outside: inside, days without the flag would go."""
    flag, value = CARRIED.get(measure.field), f'{measure.value} AS "{name}"'
    if not flag:
        return each("wellness", value, ALL_ATHLETES, when)
    read = each("wellness", f'"{measure.field}", "{flag}"', ALL_ATHLETES, when)
    return _over(value, read, f'"{flag}" != true', when)


def places(measure: Measure, sign: str) -> Query:
    """Where the newest 7 days lie in the normal range, and `sign`: 1 on the side that is no good sign, else 0."""
    days = ", ".join(f"({_place(measure, age)})" for age in CANDIDATES)
    columns = f'"{measure.name}", {_sign(measure)} AS "{sign}"'
    return Query(statement(columns, days, within(BOTH + NEWEST_DAYS), tail=EACH), table=True)


def _place(measure: Measure, age: int) -> str:
    """Return the same of those whose newest day is `age` days before the end of the range.

    InfluxDB reads the days anew for each aggregate of each level. So there is one level of them, over four sources;
    and bounds wider than the days that are read cost it a third more.
    """
    when = within(age + BOTH)
    sources = (
        _values(measure, "lately", within(age + WEEK_DAYS, age)),
        _values(measure, "before", within(age + BOTH, age + WEEK_DAYS)),
        each("wellness", '"updated" AS "here"', ALL_ATHLETES, within(age + 1, age)),
        each("wellness", '"updated" AS "since"', ALL_ATHLETES, within(age + 1)),
    )
    known = statement(
        'mean("lately") AS "week", count("lately") AS "n7", mean("before") AS "mean", stddev("before") AS "deviation", '
        'count("before") AS "n60", count("here") AS "here", count("since") AS "since"',
        ", ".join(f"({source})" for source in sources),
        when,
        tail=EACH,
    )
    return _over(
        f'("week" - "mean") / "deviation" AS "{measure.name}"',
        known,
        *(f'"n7" > {LEAST_WEEK - 0.5}', f'"n60" > {LEAST_NORMAL - 0.5}', '"here" > 0.5', '"since" < 1.5'),
        when,
    )


def _sign(measure: Measure) -> str:
    place = f'"{measure.name}"'
    return above(f"(0 - {place})" if measure.worse == "below" else place, 0.5)


def above(value: str, limit: float) -> str:
    """InfluxQL that is 1 where a value is above a limit, else 0: the language has no conditions in columns."""
    more = f"({value} - {limit:g} + abs({value} - {limit:g}))"
    return f"ceil({more} / ({more} + 1))"


def newest_rows(columns: str, *where: str) -> Query:
    """Of each athlete's newest day, which the time is."""
    day = each("wellness", 'last("updated") AS "updated", "ctl", "atl", "rampRate"', ALL_ATHLETES, WIDE)
    return Query(_over(columns, day, *where, WIDE), table=True)


FORM = '("ctl" - "atl") / "ctl" * 100'


def forms(sign: str, limit: float) -> Query:
    """Form in percent of fitness as `Form`, and `sign`, which is 1 below a limit."""
    return newest_rows(f'{FORM} AS "Form", {above(f"(0 - {FORM})", -limit)} AS "{sign}"', FIT)
