"""Rolling means and bands of wellness fields, over days that have a value."""

from __future__ import annotations

from grafana.parts.query import ATHLETE, CARRIED, Query, statement

SPAN = 30
"""Values of the baseline."""
BACK = 180
"""Days read before the range, so that its first day has its baseline, even with gaps."""
WORDS = f"the last {SPAN} values, looking {BACK} days back before the range; with fewer there is none"


def rolling(field: str, outer: str, *spans: int, value: str = "") -> Query:
    """A query over rolling means of a wellness field: `m7` and of its squares `q7`, for each of `spans`.

    `value` is what is averaged, the field itself by default. The bounds are the same on each level: InfluxDB cuts inner
    queries to those of the outer one. What lies before the range is not drawn. Values carried over are left out.
    """
    before = f"time >= ${{__from}}ms - {BACK}d AND time <= ${{__to}}ms"
    value, flag = value or f'"{field}"', CARRIED.get(field)
    columns, source, kept = f'{value} AS "v", {value} * {value} AS "s"', '"wellness"', [ATHLETE]
    if flag:
        read = statement(f'"{field}", "{flag}"', source, *kept, before)
        source, kept = f"({read})", [f'"{flag}" != true']
    values = statement(columns, source, *kept, before)
    means = ", ".join(f'moving_average("v", {n}) AS "m{n}", moving_average("s", {n}) AS "q{n}"' for n in spans)
    return Query(statement(outer, f"({statement(means, f'({values})', before)})", before))


def spread(span: int = SPAN) -> str:
    """One standard deviation of the last values."""
    return f'sqrt("q{span}" - "m{span}" * "m{span}")'


def band(field: str) -> Query:
    """Baseline: rolling mean minus and plus one standard deviation."""
    mean, deviation = f'"m{SPAN}"', spread()
    return rolling(field, f'{mean} - {deviation} AS "Band, low", {mean} + {deviation} AS "Band, high"', SPAN)


def smooth(field: str, name: str, span: int = 7) -> Query:
    """Rolling mean of a wellness field."""
    return rolling(field, f'"m{span}" AS "{name}"', span)


def position(field: str, name: str, span: int = 7) -> Query:
    """Where the mean of the last values lies in the band: -1 at its lower edge, 1 at its upper one."""
    return rolling(field, f'("m{span}" - "m{SPAN}") / {spread()} AS "{name}"', span, SPAN)


def variation(field: str, name: str, span: int = 7) -> Query:
    """Coefficient of variation of the logarithm of the last values, in percent."""
    return rolling(field, f'{spread(span)} / "m{span}" * 100 AS "{name}"', span, value=f'ln("{field}")')
