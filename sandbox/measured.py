"""What follows from the samples of a recording: means, zones, load, decoupling, recovery.

Pure functions of lists of samples, a sample each `step` seconds, null where a sensor lost contact: a null counts for
nothing, so the zones of a sensor add up to the time that it measured.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from itertools import accumulate
from operator import sub
from typing import TYPE_CHECKING, Any

from sandbox.physiology import HR_ZONES, LTHR, MAX_HR, PACE_ZONES, POWER_ZONES, RESTING_HR, THRESHOLD_PACE, significant
from sandbox.records import Record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.motion import Recording

MEASURED = ("watts", "heartrate", "velocity_smooth", "grade_smooth", "cadence", "altitude", "temp")
"""Channels that a record follows from."""
SWEET = (84, 97)  # % of FTP
NORMALIZED_OVER = 30  # seconds
RECOVERY = 60  # seconds
HARD = frozenset({"Intervals", "Tempo", "Race"})  # kinds of session after which recovery is looked at


def mean(values: Sequence[float | None]) -> float:
    """Mean of the samples that exist; 0 without one."""
    known = [value for value in values if value is not None]
    return math.fsum(known) / len(known) if known else 0.0


def zone_times(counts: Mapping[Any, int], bounds: Sequence[float], step: int) -> list[int]:
    """Seconds in each zone: how often each value occurred, and the zones' upper bounds, the last one open."""
    times = [0] * len(bounds)
    for value, count in counts.items():
        times[min(bisect_left(bounds, value), len(bounds) - 1)] += count * step
    return times


def normalized(watts: Sequence[int], step: int = 1) -> float:
    """Return normalized power, W: the fourth-power mean of the mean over 30 s."""
    width = max(1, min(NORMALIZED_OVER // step, len(watts)))
    sums = [0, *accumulate(watts)]
    rolling = map(sub, sums[width:], sums)
    total = math.fsum((value / width) ** 4 for value in rolling)
    return float((total / (len(watts) - width + 1)) ** 0.25)


def decoupling(output: Sequence[float], heartrate: Sequence[float | None]) -> float | None:
    """How much output per heartbeat falls from the first half to the second one, %; null if a half lacks either."""
    half = len(output) // 2
    ratios = []
    for part in (slice(half), slice(half, None)):
        pairs = [(out, beats) for out, beats in zip(output[part], heartrate[part], strict=True) if beats]
        if not pairs or not (done := math.fsum(out for out, _ in pairs)):
            return None
        ratios.append(done / math.fsum(beats for _, beats in pairs))
    return significant((ratios[0] - ratios[1]) / ratios[0] * 100)


def trimp(counts: Mapping[Any, int], step: int) -> float:
    """Training impulse (Banister) of heart rates: how often each occurred."""
    total = 0.0
    for rate, count in counts.items():
        reserve = max(0.0, (rate - RESTING_HR) / (MAX_HR - RESTING_HR))
        total += count * step / 60 * reserve * 0.64 * math.exp(1.92 * reserve)
    return total


def polarization(times: Sequence[int]) -> float | None:
    """Polarization index (Treff) of seven zones taken as easy (1, 2), moderate (3, 4) and hard; null without a part."""
    easy, moderate, hard = sum(times[:2]), sum(times[2:4]), sum(times[4:])
    if not (easy and moderate and hard):
        return None
    return significant(math.log10(easy / moderate * hard / sum(times) * 100), 4)


def recovery(heartrate: Sequence[int | None], times: Sequence[int], step: int) -> Record:
    """Return the largest fall of the heart rate within 60 s; empty if it never fell."""
    width = RECOVERY // step
    falls = [
        (start - end, -index)
        for index, (start, end) in enumerate(zip(heartrate, heartrate[width:], strict=False))
        if start and end and times[index + width] - times[index] == width * step
    ]
    fall, index = max(falls, default=(0, 0))
    if fall <= 0:
        return {}
    index = -index
    best: Record = {"start_index": index, "end_index": index + width, "start_time": times[index]}
    best |= {"end_time": times[index + width], "start_bpm": heartrate[index], "end_bpm": heartrate[index + width]}
    return {"icu_hrr": {**best, "hrr": fall}}


def heart(heartrate: Sequence[int | None], step: int) -> Record:
    """Return what a heart rate monitor gives."""
    counts = Counter(rate for rate in heartrate if rate is not None)
    strain = trimp(counts, step)
    return {
        "average_heartrate": round(mean(heartrate)),
        "max_heartrate": max(counts, default=0),
        "athlete_max_hr": MAX_HR,
        "lthr": LTHR,
        "icu_hr_zones": HR_ZONES,
        "icu_hr_zone_times": zone_times(counts, HR_ZONES, step),
        "hr_load": round(strain / trimp({LTHR: 3600}, 1) * 100),
        "hr_load_type": "HRSS",
        "trimp": significant(strain),
    }


def power(watts: Sequence[int], ftp: int, step: int) -> Record:
    """Return what a power meter gives."""
    counts = Counter(watts)
    share = Counter[float]()
    for value, count in counts.items():
        share[value / ftp * 100] += count
    average, weighted, seconds = mean(watts), normalized(watts, step), len(watts) * step
    times = zone_times(share, POWER_ZONES, step)
    sweet = sum(count for percent, count in share.items() if SWEET[0] <= percent <= SWEET[1]) * step
    load = round(seconds / 3600 * (weighted / ftp) ** 2 * 100)
    joules = sum(watts) * step
    record: Record = {
        "icu_average_watts": round(average),
        "icu_weighted_avg_watts": round(weighted),
        "icu_variability_index": significant(weighted / average) if average else None,
        "icu_joules": joules,
        "icu_joules_above_ftp": sum((value - ftp) * count for value, count in counts.items() if value > ftp) * step,
        "icu_sweet_spot_min": SWEET[0],
        "icu_sweet_spot_max": SWEET[1],
        "icu_power_zones": POWER_ZONES,
        "icu_zone_times": [*({"id": f"Z{at}", "secs": secs} for at, secs in enumerate(times, 1)), _zone("SS", sweet)],
        "icu_intensity": significant(weighted / ftp * 100),
        "power_load": load,
        "strain_score": significant(load * 1.04),
        "polarization_index": polarization(times),
        "coasting_time": counts[0] * step,
        "carbs_used": round(joules / 21_000),
        "calories": round(joules / 1000 * 1.04),
    }
    return {key: value for key, value in record.items() if value is not None}


def _zone(name: str, seconds: int) -> Record:
    return {"id": name, "secs": seconds}


def pace(velocity: Sequence[float], grades: Sequence[float], group: str, step: int) -> Record:
    """Return what speed gives in a sport that goes by pace: zones, load, and on foot the pace adjusted for gradient."""
    threshold = THRESHOLD_PACE[group]
    average = mean(velocity)
    record: Record = {
        "threshold_pace": threshold,
        "pace_zones": PACE_ZONES,
        "pace_zone_times": zone_times(Counter(speed / threshold * 100 for speed in velocity), PACE_ZONES, step),
        "pace_load": round(len(velocity) * step / 3600 * (average / threshold) ** 2 * 100),
        "pace_load_type": group.upper(),
    }
    if group == "Run":
        level = [speed * max(0.5, 1 + grade * 0.033) for speed, grade in zip(velocity, grades, strict=True)]
        record |= {
            "gap": significant(mean(level)),
            "gap_model": "STRAVA_RUN",
            "gap_zone_times": zone_times(Counter(speed / threshold * 100 for speed in level), PACE_ZONES, step),
            "use_gap_zone_times": True,
        }
    return record


def climbing(altitude: Sequence[float]) -> Record:
    """Metres up and down, and how high it was."""
    steps = list(map(sub, altitude[1:], altitude))
    return {
        "total_elevation_gain": significant(math.fsum(step for step in steps if step > 0), 5),
        "total_elevation_loss": significant(-math.fsum(step for step in steps if step < 0), 5),
        "average_altitude": significant(mean(altitude), 4),
        "min_altitude": min(altitude),
        "max_altitude": max(altitude),
    }


def movement(recording: Recording, data: Mapping[str, Sequence[Any]]) -> Record:
    """Return what speed, cadence and altitude give."""
    sport, step, record = recording.sport, recording.sport.step, Record()
    if velocity := data.get("velocity_smooth"):
        record["max_speed"] = significant(max(velocity))
        if sport.group in THRESHOLD_PACE:
            record |= pace(velocity, data.get("grade_smooth") or [0.0] * len(velocity), sport.group, step)
    if sport.cadence and "cadence" in data:
        record["average_cadence"] = significant(mean([turns for turns in data["cadence"] if turns]))
    if sport.group == "Run" and record.get("average_cadence"):
        speed = recording.distance / (recording.samples * step)
        record["average_stride"] = significant(speed * 30 / record["average_cadence"])
    if sport.outdoor and sport.climb and "altitude" in data:
        record |= climbing(data["altitude"])
    return record


def measured(recording: Recording, data: Mapping[str, Sequence[Any]], ftp: int) -> Record:
    """Everything of an activity's record that follows from its samples; `data` has the channels `MEASURED` by name."""
    sport, step, record = recording.sport, recording.sport.step, Record()
    rates, watts = data.get("heartrate"), data.get("watts") if sport.power else None
    if rates:
        record |= heart(rates, step)
        if recording.kind in HARD:
            record |= recovery(rates, recording.times(), step)
    if sport.speed:
        record |= movement(recording, data)
    if watts:
        record |= power(watts, ftp, step)
    if "temp" in data:
        temp = data["temp"]
        record |= {"average_temp": significant(mean(temp), 4), "min_temp": min(temp), "max_temp": max(temp)}
    return record | _together(record, data) | _load(record, recording.samples * step)


def _together(record: Record, data: Mapping[str, Sequence[Any]]) -> Record:
    """Return what output and heart rate say together."""
    rates, output, result = data.get("heartrate"), data.get("watts") or data.get("velocity_smooth"), Record()
    if rates and "icu_average_watts" in record:
        result["icu_efficiency_factor"] = significant(record["icu_weighted_avg_watts"] / record["average_heartrate"])
        result["icu_power_hr"] = significant(record["icu_average_watts"] / record["average_heartrate"])
    if rates and output and (drift := decoupling(output, rates)) is not None:
        result["decoupling"] = drift
    return result


def _load(record: Record, seconds: int) -> Record:
    """Return the load that counts: by power, else by heart rate, else by pace, as the sport settings order them."""
    loads = [record[key] for key in ("power_load", "hr_load", "pace_load") if key in record]
    if not loads:
        return {}
    intensity = significant(math.sqrt(loads[0] / 100 / (seconds / 3600)) * 100)
    return {"icu_training_load": loads[0], "icu_intensity": record.get("icu_intensity", intensity)}
