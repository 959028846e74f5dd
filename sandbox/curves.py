"""Best power, heart rate and pace: per activity, and over ranges of days as the best of their activities."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from sandbox.bests import METRES, SECS, Bests
from sandbox.physiology import significant
from sandbox.records import Record

Found = Iterable[tuple[Record, Bests]]
"""Activities and the best values of their recordings."""


def period(curve: str, today: date) -> tuple[date, date] | None:
    """First and last date of a curve id such as 42d, 1y, s0, all or r.2026-01-01.2026-02-01."""
    curve = re.sub(r"-kj[01]$", "", curve)
    if curve == "all":
        return date(2000, 1, 1), today
    if match := re.fullmatch(r"(\d+)([dwmy])", curve):
        days = int(match[1]) * {"d": 1, "w": 7, "m": 30, "y": 365}[match[2]]
        return today - timedelta(days=days), today
    if match := re.fullmatch(r"s(\d)", curve):  # seasons begin in October
        start = today.year - (today.month < 10) - int(match[1])
        return date(start, 10, 1), min(today, date(start + 1, 9, 30))
    if match := re.fullmatch(r"r\.(\d{4}-\d\d-\d\d)\.(\d{4}-\d\d-\d\d)", curve):
        return date.fromisoformat(match[1]), date.fromisoformat(match[2])
    return None


def best(
    found: Found, kind: str, at: Sequence[float], *, lowest: bool = False
) -> tuple[list[Any], list[int], list[str]]:
    """Return the best value at each point that any activity reaches, and the id of the activity it comes from."""
    named = [(getattr(values, kind), record["id"]) for record, values in found]
    points, best_values, ids = [], [], []
    for point in at:
        here = [(values[point], name) for values, name in named if point in values]
        if here:
            value, name = min(here) if lowest else max(here)
            points.append(point)
            best_values.append(value)
            ids.append(name)
    return points, best_values, ids


def season_curve(curve: str, span: tuple[date, date], found: list[tuple[Record, Bests]]) -> Record:
    """Return what all three kinds of curve have in common."""
    start, end = span
    return {
        "id": curve,
        "label": curve,
        "filters": None,
        "start_date_local": f"{start}T00:00:00",
        "end_date_local": f"{end}T00:00:00",
        "days": (end - start).days,
        "moving_time": sum(record["moving_time"] for record, _ in found),
        "training_load": sum(record.get("icu_training_load") or 0 for record, _ in found),
        "weight": 71.5,
    }


def power_curve(curve: str, span: tuple[date, date], found: list[tuple[Record, Bests]]) -> Record:
    """Best power of a range of days."""
    secs, values, ids = best(found, "power", SECS)
    per_kg = [significant(watts / 71.5, 4) for watts in values]
    more = {"secs": secs, "values": values, "activity_id": ids, "watts_per_kg": per_kg, "wkg_activity_id": ids}
    return season_curve(curve, span, found) | more


def hr_curve(curve: str, span: tuple[date, date], found: list[tuple[Record, Bests]]) -> Record:
    """Highest heart rate of a range of days."""
    secs, values, ids = best(found, "heartrate", SECS)
    return season_curve(curve, span, found) | {"secs": secs, "values": values, "activity_id": ids}


def pace_curve(curve: str, span: tuple[date, date], found: list[tuple[Record, Bests]]) -> Record:
    """Shortest times of a range of days."""
    metres, values, ids = best(found, "pace", METRES, lowest=True)
    more = {"distance": metres, "values": values, "activity_id": ids, "type": "PACE"}
    return season_curve(curve, span, found) | more
