"""The figures that are watched, each beside what it should be."""

from __future__ import annotations

_noted: list[str] = []


def note(label: str, value: float, goal: float, *, at_least: bool = False) -> None:
    """Note a figure: to be at most the goal, or at least."""
    is_reached = value >= goal if at_least else value <= goal
    sign, verdict = "\u2265" if at_least else "\u2264", "" if is_reached else "  NOT REACHED"
    _noted.append(f"{label:<74}{value:>8.2f}   {sign} {goal:g}{verdict}")


def table() -> str:
    """Return all that was noted."""
    return "\n".join(["", f"{'Figures and goals':<74}{'':>8}   goal", *_noted])
