"""The athlete, the sport settings and the custom items, with invented secrets where the real ones are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.physiology import HR_ZONES, LTHR, MAX_HR, PACE_ZONES, POWER_ZONES, RESTING_HR, THRESHOLD_PACE
from sandbox.season import first_day

if TYPE_CHECKING:
    from sandbox.parameters import AthleteParameters
    from sandbox.records import Record


# Recognisable, so that a test can search every output for them.
SECRETS = {
    "icu_api_key": "secret-api-key-never-log",
    "icu_friend_invite_token": "secret-invite-token-never-log",
    "email": "secret.mail@example.org",
    "icu_date_of_birth": "1987-06-05",
}
GROUPS = {
    "Ride": ["Ride", "VirtualRide", "MountainBikeRide", "GravelRide", "TrackRide", "Cyclocross"],
    "Run": ["Run", "VirtualRun", "TrailRun"],
    "Swim": ["Swim", "OpenWaterSwim"],
}
NAMES = ["Recovery", "Aerobic", "Tempo", "SubThreshold", "SuperThreshold", "Aerobic Capacity", "Anaerobic"]
CREATED = "2025-03-01T12:00:00.000+00:00"
# type, name, code, unit, kind of value
ITEMS = (
    ("INPUT_FIELD", "Awake time", "AwakeTime", "s", "numeric"),
    ("INPUT_FIELD", "Sleeping HR range", "SleepingHRrange", None, "text"),
    ("INPUT_FIELD", "Respiration rate", "RespRate", "breaths/min", "numeric"),
    ("INPUT_FIELD", "REM sleep", "REMSleep", "s", "numeric"),
    ("ACTIVITY_FIELD", "Aerobic effect", "AerobicEffect", None, "numeric"),
    ("ACTIVITY_FIELD", "EPOC", "EPOC", "ml/kg", "numeric"),
    ("ACTIVITY_FIELD", "Sweat loss", "Sweatloss", "ml", "numeric"),
    ("ACTIVITY_FIELD", "Lactate steps", "LactateSteps", "mmol/L", "numeric"),
    ("ACTIVITY_STREAM", "Fuel rate", "FuelRate", "g/h", "numeric"),
    ("FITNESS_CHART", "Form", None, None, None),
)


def athlete(parameters: AthleteParameters, gears: dict[str, Record], seen: str) -> Record:
    """Return the athlete with everything that must not leave a client, settings and custom items."""
    number = parameters.number
    items = list(gears.values())
    return {
        "id": parameters.athlete_id,
        "name": f"Sandbox Athlete {number}",
        "firstname": "Sandbox",
        "lastname": f"Athlete {number}",
        "measurement_preference": "meters",
        "weight_pref_lb": False,
        "fahrenheit": False,
        "wind_speed": "MPS",
        "rain": "MM",
        "weight": 71.5,
        **SECRETS,
        "sex": "F",
        "city": "Girona",
        "country": "Spain",
        "bikes": items[:3],
        "shoes": items[3:],
        "timezone": parameters.timezone,
        "locale": "en",
        "visibility": "PRIVATE",
        "icu_last_seen": seen,
        "status": "ACTIVE",
        "icu_resting_hr": RESTING_HR,
        "icu_weight": 71.5,
        "icu_activated": f"{first_day(parameters)}T09:00:00.000+00:00",
        "icu_coach": False,
        "icu_admin": False,
        "icu_form_as_percent": False,
        "icu_mmp_days": 90,
        "icu_wellness_keys": ["weight", "restingHR", "hrv", "sleepSecs", "AwakeTime"],
        "private_wellness_keys": None,
        "polar_scope": None,
        "suunto_user_id": "secret-suunto-user",
        "whoop_scope": "secret-whoop-scope",
        "strava_id": 9_900_000 + number,
        "strava_authorized": parameters.strava_stubs > 0,
        "plan": "SUPPORTER",
        "height": 1.74,
        "height_units": "CM",
        "sportSettings": sport_settings(parameters),
        "custom_items": custom_items(parameters),
    }


def sport_settings(parameters: AthleteParameters) -> list[Record]:
    """Thresholds and zones per group of sports."""
    return [
        {
            "id": parameters.number * 10 + position,
            "athlete_id": parameters.athlete_id,
            "types": types,
            "warmup_time": 1200,
            "cooldown_time": 600,
            "ftp": 240 if group == "Ride" else None,
            "w_prime": 18_000 if group == "Ride" else None,
            "p_max": 816 if group == "Ride" else None,
            "power_zones": POWER_ZONES if group == "Ride" else None,
            "power_zone_names": NAMES if group == "Ride" else None,
            "sweet_spot_min": 84,
            "sweet_spot_max": 97,
            "lthr": LTHR,
            "max_hr": MAX_HR,
            "hr_zones": HR_ZONES,
            "hr_zone_names": NAMES,
            "hr_load_type": "HRSS",
            "threshold_pace": THRESHOLD_PACE.get(group),
            "pace_units": {"Run": "MINS_KM", "Swim": "SECS_100M"}.get(group),
            "pace_zones": None if group == "Ride" else PACE_ZONES,
            "pace_zone_names": None if group == "Ride" else NAMES,
            "pace_load_type": {"Run": "RUN", "Swim": "SWIM"}.get(group),
            "load_order": "POWER_HR_PACE",
            "tiz_order": "POWER_HR_PACE",
            "created": CREATED,
            "updated": CREATED,
            "mmp_model": {
                "type": "FFT_CURVES",
                "criticalPower": 230,
                "wPrime": 18_000,
                "pMax": 816,
                "ftp": 240,
            }
            if group == "Ride"
            else None,
            "display": {"colorScheme": "SOLID", "color": "#0863b2", "showNormalizedWatts": True},
            "other": False,
            "eFTPSupported": group == "Ride",
        }
        for position, (group, types) in enumerate(GROUPS.items())
    ]


def custom_items(parameters: AthleteParameters) -> list[Record]:
    """Descriptions of the custom fields and streams that occur in the data."""
    return [
        {
            "id": parameters.number * 100 + position,
            "athlete_id": parameters.athlete_id,
            "type": kind,
            "visibility": "PRIVATE",
            "name": name,
            "description": None,
            "image": None,
            "content": {"code": code, "type": value, "units": unit} if code else {"plots": []},
            "usage_count": 0,
            "index": position,
            "hide_script": False,
            "updated": CREATED,
        }
        for position, (kind, name, code, unit, value) in enumerate(ITEMS)
    ]
