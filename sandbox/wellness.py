"""Wellness rows: what was measured each day, and fitness on top of it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING, Any

from sandbox.keys import WELLNESS_KEYS, with_nulls
from sandbox.physiology import significant
from sandbox.records import stamp
from sandbox.season import first_day

if TYPE_CHECKING:
    from random import Random

    from sandbox.parameters import AthleteParameters

Row = dict[str, Any]


def rows(parameters: AthleteParameters, fitness: list[tuple[float, float]], now: datetime) -> dict[str, Row]:
    """All rows by date, future ones included; `fitness` has (CTL, ATL) for each of these days."""
    rng, start = parameters.random("wellness"), first_day(parameters)
    result: dict[str, Row] = {}
    weight, resting = 72.4, 50
    watch_off = {start + timedelta(days=share * parameters.days // 10 + i) for share in (3, 7) for i in range(4)}
    for offset, (ctl, atl) in enumerate(fitness):
        day = start + timedelta(days=offset)
        if day > parameters.last_day:
            result[day.isoformat()] = with_nulls({"id": day.isoformat(), "updated": stamp(now)}, WELLNESS_KEYS)
            continue
        measured = _measured(rng, day, ctl - atl, watch=day not in watch_off)
        measured["tempWeight"] = "weight" not in measured
        measured["tempRestingHR"] = "restingHR" not in measured
        weight = measured.setdefault("weight", weight)
        resting = measured.setdefault("restingHR", resting)
        if rng.random() < 0.01 and offset > 40:
            continue  # a day without a record
        seen = datetime.combine(day, time(5 + rng.randrange(4), rng.randrange(60), rng.randrange(60)), timezone.utc)
        late = 4 if rng.random() < 0.03 else 1  # the watch was synced days later
        updated = min(seen + timedelta(days=late, milliseconds=rng.randrange(1000)), now - timedelta(minutes=5))
        result[day.isoformat()] = with_nulls(
            {"id": day.isoformat(), "updated": stamp(updated), **measured}, WELLNESS_KEYS
        )
    return result


def _measured(rng: Random, day: date, form: float, *, watch: bool) -> Row:
    row: Row = {}
    strain = max(-1.0, min(1.0, -form / 25))
    if watch:
        row |= {
            "restingHR": round(49 + 3 * strain + rng.gauss(0, 1.2)),
            "sleepSecs": round(rng.gauss(26_600, 2700) / 60) * 60,
            "sleepScore": float(min(100, max(20, round(rng.gauss(78 - 6 * strain, 9))))),
            "steps": max(0, round(rng.gauss(8200, 3100))),
            "avgSleepingHR": round(52 + 3 * strain + rng.gauss(0, 1.5), 1),
            "respiration": round(rng.gauss(14.2, 0.5), 1),
            "spO2": rng.choice((95, 96, 97.0, 98)),
            "readiness": float(min(100, max(1, round(68 - 25 * strain + rng.gauss(0, 8))))),
            "RespRate": round(rng.gauss(14.2, 0.5), 1),
            "REMSleep": rng.randrange(3000, 7800, 60),
        }
        if rng.random() > 0.18:  # the strap was not worn
            row["hrv"] = round(max(18.0, rng.gauss(62 - 11 * strain, 6)), 1)
            row["hrvSDNN"] = round(row["hrv"] * 1.3, 1) if rng.random() < 0.5 else None
        if rng.random() < 0.6:
            row["SleepingHRrange"] = f"{row['restingHR']} - {row['restingHR'] + rng.randint(12, 25)}"
            row["AwakeTime"] = rng.randrange(300, 4200, 60)
    if rng.random() < 0.4:
        season = 1.6 * (1 if day.month in {12, 1, 2} else -1 if day.month in {6, 7, 8} else 0)
        row["weight"] = round(rng.gauss(71.5 + season, 0.35), 1)
    if rng.random() < 0.55:
        tired = 1 if strain > 0.3 else 0
        row |= {
            "soreness": min(4, rng.randint(0, 2) + tired),
            "fatigue": min(4, rng.randint(0, 2) + tired),
            "stress": rng.randint(0, 3),
            "mood": rng.randint(1, 3),
            "motivation": min(4, rng.randint(1, 3) + tired),
            "sleepQuality": rng.randint(1, 4),
            "hydration": rng.randint(1, 3),
            "injury": 2 if rng.random() < 0.05 else 1,
        }
    if day.weekday() == 0:
        row |= {"systolic": rng.randint(108, 128), "diastolic": rng.randint(62, 80)}
        row |= {"bodyFat": round(rng.gauss(13.5, 0.4), 1), "vo2max": round(rng.gauss(54, 0.6))}
    if day.day % 10 < 4:
        row |= {"kcalConsumed": rng.randint(1900, 3400), "carbohydrates": float(rng.randint(220, 480))}
        row |= {"protein": round(rng.uniform(90, 160), 1), "fatTotal": round(rng.uniform(50, 110), 1)}
    if rng.random() < 0.03:
        row["comments"] = rng.choice(("Slept badly, noise = neighbours", "Travel ✈ — 9 h", 'Felt "flat"\ntoday'))
    if rng.random() < 0.01:
        row["locked"] = True
    return row


def sport_info(day: date, ctl: float) -> list[Row] | None:
    """Return rolling estimates per sport; the list is null now and then."""
    if day.toordinal() % 41 == 0:
        return None
    eftp = 205 + ctl
    ride = {"type": "Ride", "eftp": significant(eftp * 1.013), "wPrime": significant(17_400 + 3.07 * eftp)}
    return [ride | {"pMax": significant(eftp * 3.41)}, {"type": "Run", "eftp": None}]
