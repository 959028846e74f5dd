"""Parts of an activity's record that depend on sensors, and what only some activities have."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from sandbox.bests import best_mean
from sandbox.measured import mean
from sandbox.physiology import significant
from sandbox.sports import structure

if TYPE_CHECKING:
    from random import Random

    from sandbox.records import Condition, Record
    from sandbox.season import Session

BEST = 300  # seconds of the effort that may be an achievement


def sensors(session: Session, rng: Random, now: Condition, watts: list[int]) -> Record:
    """Return the power meter, the power model, and what the service finds in the watts."""
    ftp, step = now.ftp, session.sport.step
    record: Record = {
        "device_watts": True,
        "power_meter": "Assioma Duo",
        "icu_ftp": ftp,
        "icu_w_prime": 18_000,
        "p_max": round(ftp * 3.4),
        "icu_pm_cp": round(ftp * 0.96),
        "icu_pm_ftp": ftp + 3,
        "icu_rolling_cp": significant(ftp * 0.961),
        "icu_rolling_ftp": ftp + 2,
        "icu_rolling_ftp_delta": rng.choice((-1, 0, 0, 1)),
        "icu_rolling_w_prime": significant(17_400 + ftp * 3.07),
        "icu_rolling_p_max": significant(ftp * 3.41),
        "power_field": "power",
        "power_field_names": ["power"],
    }
    if session.kind.name in {"Intervals", "Tempo"}:
        works = [block for block in structure(session.kind.name, session.samples) if block.work]
        seconds = (works[0].end - works[0].start) * step
        average = mean([mean(watts[block.start : block.end]) for block in works])
        record["interval_summary"] = [f"{len(works)}x {seconds // 60}m{seconds % 60}s {average:.0f}w"]
    if rng.random() < 0.2 and len(watts) * step >= BEST:
        average, start = best_mean(watts, BEST // step)
        end = start + BEST // step
        best = {"id": f"ps0_{BEST}", "type": "BEST_POWER", "watts": round(average), "secs": BEST}
        point = {"start_index": start, "end_index": end, "secs": BEST, "value": round(average)}
        record["icu_achievements"] = [{**best, "point": point}]
    return record


def extras(session: Session, rng: Random, now: Condition) -> Record:
    """Return what only some activities have: gear, weather, tags, texts, custom fields and zones."""
    record: Record = {}
    if session.sport.gear and not session.manual:
        record["gear"] = now.gears[session.sport.gear]
    if session.sport.outdoor and not session.manual and rng.random() < 0.6:
        wind, temp = rng.uniform(0.5, 8), rng.uniform(2, 30)
        record |= {
            "has_weather": True,
            "average_weather_temp": significant(temp, 4),
            "average_feels_like": significant(temp - wind / 3, 4),
            "average_wind_speed": significant(wind, 3),
            "average_wind_gust": significant(wind * 2.1, 3),
            "prevailing_wind_deg": rng.randrange(0, 360, 5),
            "headwind_percent": significant(rng.uniform(20, 50), 3),
            "tailwind_percent": significant(rng.uniform(20, 50), 3),
            "average_clouds": rng.randrange(0, 101, 10),
            "max_rain": 0.0,
            "max_snow": 0.0,
        }
    if rng.random() < 0.25:
        record["tags"] = rng.choice((["key session"], ["club", "café, cake"], ["test"], []))
    if rng.random() < 0.1:
        record["description"] = 'Felt good, then "cooked".\nHeadwind = hard; path C:\\rides\\'
    if session.sport.device and not session.manual:
        record |= {
            "AerobicEffect": round(rng.uniform(1.5, 4.9), 1),
            "EPOC": rng.randint(20, 240),
            "Sweatloss": "NaN" if rng.random() < 0.1 else rng.randint(300, 2400),
        }
        record["skyline_chart_bytes"] = base64.b64encode(rng.randbytes(36)).decode()
    if session.kind.name == "Tempo" and rng.random() < 0.3:
        record["LactateSteps"] = [1.1, 1.4, 2.3, 4.0]
    if rng.random() < 0.08 and session.streams:
        zone = {"id": "Low", "start": 0.0, "end": 0.8, "start_value": 0.0, "end_value": 136.0, "secs": 600}
        high = {"id": "High", "start": 0.8, "end": 1.0, "start_value": 136.0, "end_value": 188.0, "secs": 300}
        record["custom_zones"] = [{"code": "Polarised", "zones": [zone, high]}]
    return record
