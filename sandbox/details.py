"""Parts of an activity's record that depend on sensors, and what only some activities have."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from sandbox.physiology import HR_ZONES, LTHR, MAX_HR, POWER_ZONES, best_power, significant, training_load, zone_times

if TYPE_CHECKING:
    from random import Random

    from sandbox.records import Condition, Record
    from sandbox.season import Session


def heart(session: Session, heartrate: int) -> Record:
    """What a heart rate monitor gives."""
    return {
        "average_heartrate": heartrate,
        "max_heartrate": min(MAX_HR, round(heartrate * 1.22)),
        "athlete_max_hr": MAX_HR,
        "lthr": LTHR,
        "icu_hr_zones": HR_ZONES,
        "icu_hr_zone_times": zone_times(session.moving, session.kind.zones),
        "hr_load": training_load(session.moving, session.intensity * 0.97),
        "hr_load_type": "HRSS",
        "trimp": significant(session.moving / 60 * session.intensity**2 * 1.9),
    }


def recovery(session: Session, now: Condition, peak: int) -> Record:
    """How far the heart rate falls in the minute after the hardest effort; only hard sessions have one."""
    start = session.moving * 3 // 5
    if session.kind.name not in {"Intervals", "Tempo", "Race"} or start + 60 > session.moving:
        return {}
    fall = round(20 + now.ctl / 5 + session.number % 7)
    index = start // session.sport.step
    best = {"start_index": index, "end_index": index + 60 // session.sport.step, "start_time": start}
    best |= {"end_time": start + 60, "start_bpm": peak, "end_bpm": peak - fall, "hrr": fall}
    return {"icu_hrr": best}


def power(session: Session, rng: Random, now: Condition, watts: int, heartrate: int) -> Record:
    """What a power meter gives."""
    weighted, ftp, moving = round(now.ftp * session.intensity), now.ftp, session.moving
    times = zone_times(moving, session.kind.zones)
    zones = [{"id": f"Z{number}", "secs": secs} for number, secs in enumerate(times, 1)]
    sweet = round(times[2] * 0.4 + times[3] * 0.5)
    record: Record = {
        "device_watts": True,
        "power_meter": "Assioma Duo",
        "icu_average_watts": watts,
        "icu_weighted_avg_watts": weighted,
        "icu_variability_index": significant(weighted / watts),
        "icu_efficiency_factor": significant(weighted / heartrate),
        "icu_power_hr": significant(watts / heartrate),
        "decoupling": significant(rng.uniform(-1.5, 7.5)),
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
        "icu_joules": watts * moving,
        "icu_joules_above_ftp": round(watts * moving * sum(session.kind.zones[4:]) * 0.2),
        "icu_power_zones": POWER_ZONES,
        "icu_sweet_spot_min": 84,
        "icu_sweet_spot_max": 97,
        "icu_zone_times": [*zones, {"id": "SS", "secs": sweet}],
        "power_load": training_load(moving, session.intensity),
        "strain_score": significant(training_load(moving, session.intensity) * 1.04),
        "polarization_index": significant(rng.uniform(0.3, 2.1)),
        "coasting_time": round(moving * 0.11) if session.sport.outdoor else 0,
        "carbs_used": round(watts * moving / 21_000),
        "power_field": "power",
        "power_field_names": ["power"],
    }
    if session.kind.name in {"Intervals", "Tempo"}:
        count = 5 if session.kind.name == "Intervals" else 2
        record["interval_summary"] = [f"{count}x {moving // 750}m0s {round(ftp * 1.05)}w"]
    if rng.random() < 0.2:
        best = best_power(ftp, 300)
        point = {"start_index": 20, "end_index": 320, "secs": 300, "value": best}
        achievement = {"id": "ps0_300", "type": "BEST_POWER", "watts": best, "secs": 300, "point": point}
        record["icu_achievements"] = [achievement]
    return record


def extras(session: Session, rng: Random, now: Condition) -> Record:
    """What only some activities have: gear, weather, tags, texts, custom fields and zones."""
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
