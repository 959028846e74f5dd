"""Best power, heart rate and pace: per activity, and over ranges of days as the best of their activities."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

from sandbox.physiology import best_power, significant
from sandbox.records import Record

SECS = [1, 5, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 5400]
METRES = [400.0, 1000.0, 1609.34, 3000.0, 5000.0, 10_000.0, 21_097.5]
Best = Callable[[Record, float], int | None]


def power(record: Record, secs: float) -> int | None:
    """Best mean W over `secs`."""
    if "icu_average_watts" not in record or secs > record["moving_time"]:
        return None
    return best_power(record["icu_ftp"], int(secs), 0.75 + record["icu_intensity"] / 400)


def heartrate(record: Record, secs: float) -> int | None:
    """Best mean bpm over `secs`."""
    if "max_heartrate" not in record or secs > record["moving_time"]:
        return None
    span = record["max_heartrate"] - record["average_heartrate"]
    return int(record["average_heartrate"] + span * (1 - secs / record["moving_time"]))


def pace(record: Record, metres: float) -> int | None:
    """Shortest time in s for `metres`."""
    if "pace" not in record or metres > record["distance"]:
        return None
    faster = 1.18 - 0.15 * metres / record["distance"]
    return int(metres / (record["pace"] * faster))


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
    records: Iterable[Record], at: list[int] | list[float], value: Best, *, lowest: bool = False
) -> tuple[list[Any], list[int], list[str]]:
    """The best value at each point that any record reaches, and the id of the activity it comes from."""
    points, values, ids = [], [], []
    for point in at:
        found = [(got, record["id"]) for record in records if (got := value(record, point)) is not None]
        if found:
            got, name = min(found) if lowest else max(found)
            points.append(point)
            values.append(got)
            ids.append(name)
    return points, values, ids


def season_curve(curve: str, span: tuple[date, date], records: list[Record]) -> Record:
    """What all three kinds of curve have in common."""
    start, end = span
    return {
        "id": curve,
        "label": curve,
        "filters": None,
        "start_date_local": f"{start}T00:00:00",
        "end_date_local": f"{end}T00:00:00",
        "days": (end - start).days,
        "moving_time": sum(record["moving_time"] for record in records),
        "training_load": sum(record.get("icu_training_load") or 0 for record in records),
        "weight": 71.5,
    }


def power_curve(curve: str, span: tuple[date, date], records: list[Record]) -> Record:
    """Best power of a range of days."""
    secs, values, ids = best(records, SECS, power)
    per_kg = [significant(watts / 71.5, 4) for watts in values]
    more = {"secs": secs, "values": values, "activity_id": ids, "watts_per_kg": per_kg, "wkg_activity_id": ids}
    return season_curve(curve, span, records) | more


def hr_curve(curve: str, span: tuple[date, date], records: list[Record]) -> Record:
    """Highest heart rate of a range of days."""
    secs, values, ids = best(records, SECS, heartrate)
    return season_curve(curve, span, records) | {"secs": secs, "values": values, "activity_id": ids}


def pace_curve(curve: str, span: tuple[date, date], records: list[Record]) -> Record:
    """Shortest times of a range of days."""
    metres, values, ids = best(records, METRES, pace, lowest=True)
    more = {"distance": metres, "values": values, "activity_id": ids, "type": "PACE"}
    return season_curve(curve, span, records) | more
