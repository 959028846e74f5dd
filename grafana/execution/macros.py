"""What Grafana puts into a query before it sends it: the range, the interval, the variables."""

from __future__ import annotations

import re
from bisect import bisect_right
from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

Value: TypeAlias = "str | list[str]"
ALL = "$__all"

_SECOND, _MINUTE, _HOUR, _DAY = 1_000, 60_000, 3_600_000, 86_400_000
_STEPS = (
    *((10, 1), (15, 10), (35, 20), (75, 50), (150, 100), (350, 200), (750, 500)),
    *((1_500, _SECOND), (3_500, 2 * _SECOND), (7_500, 5 * _SECOND), (12_500, 10 * _SECOND), (17_500, 15 * _SECOND)),
    *(
        (25_000, 20 * _SECOND),
        (45_000, 30 * _SECOND),
        (90_000, _MINUTE),
        (210_000, 2 * _MINUTE),
        (450_000, 5 * _MINUTE),
    ),
    *((750_000, 10 * _MINUTE), (1_050_000, 15 * _MINUTE), (1_500_000, 20 * _MINUTE), (2_700_000, 30 * _MINUTE)),
    *((5_400_000, _HOUR), (9_000_000, 2 * _HOUR), (16_200_000, 3 * _HOUR), (32_400_000, 6 * _HOUR), (_DAY, 12 * _HOUR)),
    *((7 * _DAY, _DAY), (21 * _DAY, 7 * _DAY), (42 * _DAY, 30 * _DAY)),
)
"""Below this many ms Grafana rounds an interval to that many."""
_UNITS = (("d", _DAY), ("h", _HOUR), ("m", _MINUTE), ("s", _SECOND), ("ms", 1))
_RELATIVE = re.compile(r"now(?:([+-])(\d+)([smhdwMy]))?(?:/([dwMy]))?")
_SPANS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800, "y": 31_536_000}
_VARIABLE = re.compile(r"\$\{(\w+)(?::(\w+))?\}|\$(\w+)")


@dataclass(frozen=True)
class Range:
    """The range of a board, in ms since 1970."""

    start: int
    end: int

    @classmethod
    def relative(cls, start: str, end: str, now: datetime) -> Range:
        """Return a range in Grafana's terms, such as now-28d to now+1d."""
        return cls(_moment(start, now), _moment(end, now))

    def interval(self, points: int, at_least: str | None) -> int:
        """Return the step in ms that Grafana chooses for so many points, and no less than the panel's own."""
        exact = (self.end - self.start) // points
        position = bisect_right([limit for limit, _ in _STEPS], exact)
        rounded = _STEPS[position][1] if position < len(_STEPS) else 365 * _DAY
        return max(rounded, duration(at_least) if at_least else 1)


def duration(text: str) -> int:
    """Milliseconds of a duration such as 30s."""
    for unit, factor in reversed(_UNITS):
        if text.endswith(unit):
            return int(text[: -len(unit)]) * factor
    raise ValueError(f"no duration: {text}")


def as_text(interval: int) -> str:
    """Return a number of ms in the largest unit that divides it."""
    unit, factor = next((unit, factor) for unit, factor in _UNITS if interval % factor == 0)
    return f"{interval // factor}{unit}"


def _moment(text: str, now: datetime) -> int:
    """Return a moment in Grafana's terms; `/` goes back to the start of the day, week (Monday), month or year."""
    match = _RELATIVE.fullmatch(text)
    if not match:
        raise ValueError(f"no relative time: {text}")
    sign, count, unit, whole = match.groups()
    amount = int(f"{sign}{count}") if count else 0
    moment = _months(now, amount) if unit == "M" else now + timedelta(seconds=amount * _SPANS.get(unit, 0))
    if whole:
        moment = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        moment -= timedelta(
            days={"d": 0, "w": moment.weekday(), "M": moment.day - 1, "y": moment.timetuple().tm_yday - 1}[whole]
        )
    return round(moment.timestamp() * 1000)


def _months(moment: datetime, amount: int) -> datetime:
    """So many months later, on the same day or the last one of a shorter month."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + amount, 12)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))


def expand(query: str, values: dict[str, Value], span: Range, interval: int, all_values: dict[str, str]) -> str:
    """Fill in variables (the browser's part), then the macros (the server's part).

    `all_values` has the custom value that stands for All, by variable; it goes in as it is.
    """
    built_in = {"__from": str(span.start), "__to": str(span.end)}
    macros = {"timeFilter": f"time >= {span.start}ms and time <= {span.end}ms", "__interval": as_text(interval)}
    macros |= {"interval": macros["__interval"], "__interval_ms": str(interval)}

    def fill(match: re.Match[str]) -> str:
        name, form = match.group(1) or match.group(3), match.group(2) or ""
        if name in built_in or name in macros:
            return (built_in | macros)[name]
        if name not in values:
            raise ValueError(f"the board has no variable {name}")
        value = values[name]
        if ALL in (value if isinstance(value, list) else [value]):
            return all_values[name]
        return formatted(name, value, form)

    return _VARIABLE.sub(fill, query)


def formatted(name: str, value: Value, form: str) -> str:
    """Return a variable's value in one of Grafana's formats."""
    several = value if isinstance(value, list) else [value]
    if form == "raw":
        return ",".join(several)
    if form == "regex":
        escaped = [re.sub(r"[\\^$*+?.()|\[\]{}/]", r"\\\g<0>", one) for one in several]
        return f"({'|'.join(escaped)})" if isinstance(value, list) and len(escaped) > 1 else escaped[0]
    if form == "queryparam":
        return "&".join(f"var-{name}={one}" for one in several)
    raise ValueError(f"variable {name} without a format, which differs between versions of Grafana")
