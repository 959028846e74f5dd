"""Geometry of charts, pure: shapes in a box of 100 by 100, which the page stretches to the width that it has.

Lines keep their width and dots stay round however the box is stretched; labels are text of the page, placed in per
cent.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

Values: TypeAlias = "Sequence[float | None]"
STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class Shape:
    """A path of SVG; `kind` are its classes in the page's style sheet: its form and what it stands for."""

    kind: str
    path: str


@dataclass(frozen=True, slots=True)
class Label:
    """A text at `place` per cent of an axis, from the left or from the top."""

    place: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """What the page draws: shapes from back to front, labels of both axes."""

    title: str
    shapes: Sequence[Shape]
    across: Sequence[Label] = ()
    upward: Sequence[Label] = ()
    legend: Sequence[tuple[str, str]] = ()
    """Kinds of shapes and what they show."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Places of `count` values, each in the middle of its column, and of values between `low` and `high`."""

    count: int
    low: float
    high: float
    steps: Sequence[float] = field(default=())

    @classmethod
    def around(cls, count: int, *series: Values, zero: bool = False) -> Scale:
        """Return a scale that holds all values, with about four round steps."""
        values = [value for values in series for value in values if value is not None] or [0.0]
        low, high = min(0.0, *values) if zero else min(values), max(values)
        step = _step((high - low) / 3)
        low, high = math.floor(low / step) * step, math.ceil(high / step) * step
        high = max(high, low + step)
        return cls(count, low, high, [low + step * i for i in range(round((high - low) / step) + 1)])

    def x(self, index: float) -> float:
        """Return the place of a column's middle, from the left."""
        return round((index + 0.5) / self.count * 100, 2)

    def y(self, value: float) -> float:
        """Return the place of a value, from the top; values outside stand at the edge."""
        return round(100 - (min(max(value, self.low), self.high) - self.low) / (self.high - self.low) * 100, 2)

    def labels(self) -> list[Label]:
        """Return the steps."""
        return [Label(self.y(step), f"{step:g}") for step in self.steps]

    def grid(self) -> Shape:
        """Return a line at each step."""
        return Shape("grid", "".join(f"M0 {self.y(step)}H100" for step in self.steps))

    def line(self, kind: str, values: Values, *, through: bool = False) -> Shape:
        """Return a line, interrupted where a value is missing unless it goes `through`."""
        parts, pen = [], "M"
        for index, value in enumerate(values):
            if value is None:
                pen = pen if through else "M"
            else:
                parts.append(f"{pen}{self.x(index)} {self.y(value)}")
                pen = "L"
        return Shape(f"line {kind}", "".join(parts))

    def area(self, kind: str, lows: Values, highs: Values) -> Shape:
        """Return the area between two lines; columns where one is missing are left out."""
        both = [(i, a, b) for i, (a, b) in enumerate(zip(lows, highs, strict=True)) if a is not None and b is not None]
        edge = [f"{self.x(i)} {self.y(b)}" for i, _, b in both] + [f"{self.x(i)} {self.y(a)}" for i, a, _ in both[::-1]]
        return Shape(f"area {kind}", f"M{'L'.join(edge)}Z" if both else "")

    def strip(self, kind: str, low: float, high: float) -> Shape:
        """Return the area between two values over the whole width."""
        return Shape(f"area {kind}", f"M0 {self.y(low)}H100V{self.y(high)}H0Z")

    def dots(self, kind: str, values: Values) -> Shape:
        """Return a dot for each value: lines without length, which the style sheet gives round ends."""
        return Shape(
            f"dots {kind}", "".join(f"M{self.x(i)} {self.y(v)}h0" for i, v in enumerate(values) if v is not None)
        )


def _step(about: float) -> float:
    """Return the round number next above: 1, 2, 2.5 or 5 times a power of ten."""
    if about <= 0:
        return 1.0
    power: float = 10.0 ** math.floor(math.log10(about))
    return next(step * power for step in STEPS if step * power >= about * (1 - 1e-9))
