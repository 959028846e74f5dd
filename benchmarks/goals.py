"""The figures that are watched, each beside what it should be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One of them."""

    label: str
    value: float
    goal: float
    at_least: bool

    @property
    def bound(self) -> str:
        """The goal, with what it is."""
        sign = "\u2265" if self.at_least else "\u2264"
        return f"{sign} {self.goal:g}"

    @property
    def is_reached(self) -> bool:
        """Whether the figure is as good as its goal."""
        return self.value >= self.goal if self.at_least else self.value <= self.goal


_noted: list[Figure] = []


def note(label: str, value: float, goal: float, *, at_least: bool = False) -> None:
    """Note a figure: to be at most the goal, or at least."""
    _noted.append(Figure(label, value, goal, at_least))


def table() -> str:
    """Return all that was noted, as text."""
    lines = [
        f"{one.label:<74}{one.value:>8.2f}   {one.bound}{'' if one.is_reached else '  NOT REACHED'}" for one in _noted
    ]
    return "\n".join(["", f"{'Figures and goals':<74}{'':>8}   goal", *lines])


def markdown() -> str:
    """Return all that was noted, as a table of a page."""
    lines = [
        f"| {one.label.replace('|', '&#124;')} | {one.value:.2f} | {one.bound} | {'' if one.is_reached else 'missed'} |"
        for one in _noted
    ]
    return "\n".join(["| | measured | goal | |", "|---|---|---|---|", *lines])
