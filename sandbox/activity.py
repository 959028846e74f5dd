"""An activity as the API's list sends it, without its nulls, and the recording behind it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sandbox.details import extras, sensors
from sandbox.measured import MEASURED, measured
from sandbox.motion import Recording
from sandbox.physiology import LTHR, RESTING_HR, significant
from sandbox.records import Condition, Record, stamp
from sandbox.streams import channels

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

    from sandbox.parameters import AthleteParameters
    from sandbox.season import Session

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
# Keys that appear about a minute after an upload.
LATE_KEYS = [
    "icu_atl",
    "icu_ctl",
    "icu_rolling_cp",
    "icu_rolling_ftp",
    "icu_rolling_ftp_delta",
    "icu_rolling_w_prime",
    "icu_rolling_p_max",
    "carbs_used",
]


def activity_id(parameters: AthleteParameters, number: int) -> str:
    """Id of the athlete's activity `number`."""
    return f"i{parameters.number * 1_000_000 + number}"


def record_of(
    parameters: AthleteParameters, session: Session, now: Condition, uploaded: datetime, analysed: datetime
) -> tuple[Record, Recording]:
    """Return the record and the recording of a session that was uploaded and last analysed at these times."""
    rng = parameters.random("record", session.number)
    sport, moving = session.sport, session.moving
    speed = sport.speed * (0.62 + 0.55 * session.intensity) * rng.uniform(0.97, 1.03)
    distance = round(speed * moving, 1)
    if sport.group == "Swim" and parameters.channels is None:
        distance = max(1, round(distance / 25)) * 25.0
    climb = distance / 1000 * sport.climb * rng.uniform(0.7, 1.4) if sport.climb else 0.0
    heartrate = round((LTHR * (0.42 + 0.58 * session.intensity) if sport.speed else 98) + rng.uniform(-3, 3))
    watts = round(now.ftp * session.intensity * 0.94) if "watts" in session.streams else 0
    temp = round(17 - 9 * math.cos((session.start.timetuple().tm_yday - 20) * math.tau / 365) + rng.uniform(-4, 4))
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
        temp=temp,
        place=PLACES.get(session.timezone, HOME),
    )
    stamps = {"created": stamp(uploaded), "icu_sync_date": stamp(analysed), "analyzed": stamp(analysed)}
    record = _core(parameters, session, rng, now) | stamps
    if sport.speed:
        record |= _movement(session, distance)
    data = channels(recording, *MEASURED)
    if watts:
        record |= sensors(session, rng, now, data["watts"])
    record |= measured(recording, data, now.ftp)
    record |= extras(session, rng, now)
    return record, recording


def _core(parameters: AthleteParameters, session: Session, rng: Random, now: Condition) -> Record:
    rpe = min(10, max(1, round(session.intensity * 10 - 3 + rng.uniform(-1, 1))))
    source = "MANUAL" if session.manual else "GARMIN_CONNECT" if session.sport.device else "UPLOAD"
    record: Record = {
        "id": activity_id(parameters, session.number),
        "start_date_local": session.start_local.isoformat(),
        "type": session.sport.type,
        "icu_ignore_time": False,
        "icu_ignore_power": False,
        "icu_training_load": session.load,
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
        "icu_resting_hr": RESTING_HR,
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


def _movement(session: Session, distance: float) -> Record:
    sport = session.sport
    record: Record = {
        "distance": distance,
        "icu_distance": distance,
        "average_speed": significant(distance / session.moving),
    }
    if sport.climb and sport.outdoor:
        record["route_id"] = 6_900_000 + session.number % 7
    if session.pauses:
        starts, shift = [], 0
        for index, gap in session.pauses:
            starts.append(index * sport.step + shift)
            shift += gap
        record["recording_stops"] = starts
    if sport.group == "Swim":
        record |= {"pool_length": 25.0, "lengths": round(distance / 25)}
    if sport.group in {"Run", "Swim"}:
        record["pace"] = record["average_speed"]
    return record
