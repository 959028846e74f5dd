"""An activity as the API's list sends it, without its nulls, and the recording behind it."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from random import Random
from typing import Any

from sandbox.motion import Recording
from sandbox.parameters import AthleteParameters
from sandbox.physiology import (
    HR_ZONES,
    LTHR,
    MAX_HR,
    PACE_ZONES,
    POWER_ZONES,
    best_power,
    significant,
    training_load,
    zone_times,
)
from sandbox.season import Session

Record = dict[str, Any]

PLACES = {"America/Los_Angeles": (37.8044, -122.4580), "Pacific/Auckland": (-36.8509, 174.7645)}
HOME = (41.9831, 2.8249)
TITLES = {
    "Recovery": ("Easy spin", "Recovery, legs only", "Café & back"),
    "Endurance": ("Steady endurance", "Endurance with friends", "Lunch loop"),
    "Tempo": ("Tempo with cadence drills", 'Tempo "sweet spot"', "Tempo 2x20, windy"),
    "Intervals": ("5x threshold", "VO2max 5x3' 🚀", "Intervals — felt strong"),
    "Long": ("Long one to the coast", "Sunday long, 2 stops", "Volta llarga (costa)"),
    "Race": ("Race day!", "Club championship, 1st lap=fast"),
}
BULK = 6  # the oldest activities were imported together


@dataclass(frozen=True)
class Condition:
    """The athlete on the day of an activity."""

    ctl: float
    atl: float
    weight: float
    gears: dict[str, Record]

    @property
    def ftp(self) -> int:
        """Threshold power in W, set in steps of 5."""
        return round((205 + self.ctl) / 5) * 5


def stamp(moment: datetime) -> str:
    """UTC with milliseconds, as the API writes its own stamps."""
    return moment.astimezone(timezone.utc).isoformat(timespec="milliseconds")


def activity_id(parameters: AthleteParameters, number: int) -> str:
    """Id of the athlete's activity `number`."""
    return f"i{parameters.number * 1_000_000 + number}"


def record_of(
    parameters: AthleteParameters, session: Session, now: Condition, uploaded: datetime
) -> tuple[Record, Recording]:
    """The record and the recording of a session; `uploaded` gives its stamps."""
    rng = parameters.random("record", session.number)
    sport, moving = session.sport, session.moving
    speed = sport.speed * (0.62 + 0.55 * session.intensity) * rng.uniform(0.97, 1.03)
    distance = round(speed * moving, 1)
    if sport.group == "Swim" and parameters.channels is None:
        distance = max(1, round(distance / 25)) * 25.0
    climb = distance / 1000 * sport.climb * rng.uniform(0.7, 1.4) if sport.climb else 0.0
    heartrate = round((LTHR * (0.42 + 0.58 * session.intensity) if sport.speed else 98) + rng.uniform(-3, 3))
    watts = round(now.ftp * session.intensity * 0.94) if "watts" in session.streams else 0
    recording = Recording(
        seed=f"{parameters.seed}/{parameters.athlete_id}/{session.number}",
        sport=sport,
        kind=session.kind.name,
        samples=session.samples,
        pauses=session.pauses,
        streams=session.streams,
        watts=watts,
        heartrate=heartrate,
        distance=distance or speed * moving or 1000.0,
        climb=climb,
        place=PLACES.get(session.timezone, HOME),
    )
    record = _core(parameters, session, rng, now, uploaded)
    if sport.speed:
        record |= _movement(session, distance, climb)
    if "heartrate" in session.streams:
        record |= _heart(session, heartrate)
    if watts:
        record |= _power(session, rng, now, watts, heartrate)
    record |= _extras(session, rng, now)
    return record, recording


def _core(
    parameters: AthleteParameters, session: Session, rng: Random, now: Condition, uploaded: datetime
) -> Record:
    rpe = min(10, max(1, round(session.intensity * 10 - 3 + rng.uniform(-1, 1))))
    load = training_load(session.moving, session.intensity)
    at, analysed = stamp(uploaded), stamp(uploaded + timedelta(milliseconds=rng.randint(200, 900)))
    if rng.random() < 0.15 and session.number >= BULK:  # it was analysed again later
        analysed = stamp(uploaded + timedelta(minutes=rng.randint(20, 600)))
    if session.number < BULK:
        analysed = at
    source = "MANUAL" if session.manual else "GARMIN_CONNECT" if session.sport.device else "UPLOAD"
    record: Record = {
        "id": activity_id(parameters, session.number),
        "start_date_local": session.start_local.isoformat(),
        "type": session.sport.type,
        "icu_ignore_time": False,
        "icu_ignore_power": False,
        "icu_training_load": load,
        "icu_atl": significant(now.atl),
        "icu_ctl": significant(now.ctl),
        "icu_recording_time": session.moving,
        "elapsed_time": session.elapsed,
        "name": rng.choice(TITLES[session.kind.name]) if session.sport.speed else session.sport.type,
        "start_date": session.start.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "moving_time": session.moving,
        "timezone": session.timezone,
        "trainer": session.sport.type.startswith("Virtual"),
        "sub_type": "RACE" if session.kind.name == "Race" else "NONE",
        "commute": False,
        "race": session.kind.name == "Race",
        "has_heartrate": "heartrate" in session.streams,
        "calories": round(session.moving * session.intensity**2 * 0.28),
        "icu_athlete_id": parameters.athlete_id,
        "created": at,
        "icu_sync_date": analysed,
        "analyzed": analysed,
        "icu_resting_hr": 49,
        "icu_weight": now.weight,
        "icu_ignore_hr": False,
        "ignore_velocity": False,
        "ignore_pace": False,
        "has_weather": False,
        "has_segments": False,
        "tiz_order": "POWER_HR_PACE",
        "icu_intervals_edited": False,
        "lock_intervals": False,
        "icu_lap_count": 0 if session.manual else 1 + session.moving // 900,
        "icu_rpe": rpe,
        "feel": rng.randint(1, 4),
        "session_rpe": round(rpe * session.moving / 60),
        "icu_intensity": significant(session.intensity * 100),
        "compliance": 0.0,
        "source": source,
        "icu_training_load_data": 0,
        "file_sport_index": 0,
    }
    if rng.random() < 0.3:  # not every athlete fills these in every time
        del record["icu_rpe"], record["feel"], record["session_rpe"]
    if not session.manual:
        record |= {
            "stream_types": list(session.streams),
            "external_id": str(22_500_000_000 + parameters.number * 100_000 + session.number),
            "file_type": "fit",
            "icu_median_time_delta": session.sport.step,
        }
    elif rng.random() < 0.5:
        record["stream_types"] = []
    if session.sport.device and not session.manual:
        record["device_name"] = session.sport.device
    return record


def _movement(session: Session, distance: float, climb: float) -> Record:
    sport, speed = session.sport, significant(distance / session.moving)
    record: Record = {
        "distance": distance,
        "icu_distance": distance,
        "average_speed": speed,
        "max_speed": significant(speed * (1.9 if climb else 1.1)),
        "average_cadence": significant(sport.cadence * 0.97) if sport.cadence else None,
    }
    if climb and sport.outdoor:
        record |= {
            "total_elevation_gain": significant(climb),
            "total_elevation_loss": significant(climb * 0.996),
            "average_altitude": 440.0,
            "min_altitude": significant(440 - climb / 4, 4),
            "max_altitude": significant(440 + climb / 3, 4),
            "route_id": 6_900_000 + session.number % 7,
        }
    if session.pauses:
        starts, shift = [], 0
        for index, gap in session.pauses:
            starts.append(index * sport.step + shift)
            shift += gap
        record["recording_stops"] = starts
    if sport.group == "Swim":
        record |= {"pool_length": 25.0, "lengths": round(distance / 25), "pace_load_type": "SWIM"}
    if sport.group in {"Run", "Swim"}:
        times = zone_times(session.moving, session.kind.zones)
        record |= {
            "pace": speed,
            "threshold_pace": 3.92 if sport.group == "Run" else 1.25,
            "pace_zones": PACE_ZONES,
            "pace_zone_times": times,
            "pace_load": training_load(session.moving, session.intensity),
        }
    if sport.group == "Run":
        record |= {
            "gap": significant(speed * (1 + climb / distance)),
            "gap_model": "STRAVA_RUN",
            "gap_zone_times": times,
            "use_gap_zone_times": True,
            "pace_load_type": "RUN",
            "average_stride": significant(speed * 30 / sport.cadence),
        }
    return {key: value for key, value in record.items() if value is not None}


def _heart(session: Session, heartrate: int) -> Record:
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


def _power(session: Session, rng: Random, now: Condition, watts: int, heartrate: int) -> Record:
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


def _extras(session: Session, rng: Random, now: Condition) -> Record:
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
