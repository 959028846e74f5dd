"""What real taps and the SDK's own samples write, into a real InfluxDB."""

from __future__ import annotations

import io
import json
from collections import Counter
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from target_influxdb.target import TargetInfluxDB

if TYPE_CHECKING:
    from tests.target.conftest import Place

RECORDED = Path(__file__).with_name("recorded")
SAMPLES = Path(str(files("singer_sdk") / "testing" / "target_test_streams"))

Found = set[tuple[int, frozenset[Any], frozenset[Any]]]


def load(config: dict[str, Any], messages: bytes) -> None:
    target = TargetInfluxDB(config=config)
    try:
        target.listen(io.BytesIO(messages))  # type: ignore[arg-type] # the target reads bytes
    finally:
        target.writer.close()


def point(second: float, tags: dict[str, str], /, **fields: Any) -> tuple[int, frozenset[Any], frozenset[Any]]:
    return round(second * 1000) * 10**6, frozenset(tags.items()), frozenset(fields.items())


def readings(day: str) -> Found:
    """The table `readings`, whichever tap reads it."""
    first = {"note": "first", "limits_0": 1.5, "limits_1": 2.5, "place_hall": "A", "place_rack_row": 3}
    third = {"note": 'say "hi"', "place_0": 1, "place_1": 2}
    return {
        point(1_777_879_800, {"sensor": "1"}, ok=True, level=12.345, gain=0.5, day=day, **first),
        point(1_777_879_800.25, {"sensor": "1"}, ok=False, level=-1, gain=1e-7, day=day),
        point(1_777_879_860, {"sensor": "2"}, level=99999.999, gain=1e22, **third),
    }


EVENTS = {
    point(1_777_888_800, {}, kind="start", size=1),
    point(1_777_888_801, {}, kind="stop", size=9_007_199_254_740_993),
}
FILE = {"_sdc_filename": "rates.csv", "_sdc_last_modified": "2026-11-26T03:57:24+00:00", "_sdc_stream": "rates"}
POSITION = {"pos_lat": 41.5, "pos_lon": 2.1}
EXPECTED: dict[str, tuple[dict[str, Any], dict[str, Found]]] = {
    "tap-postgres": (
        {"plant-events": {"time": "at", "integers": ["size"]}},
        {"plant-readings": readings("2026-05-04"), "plant-events": EVENTS},
    ),
    "pipelinewise-tap-postgres": (
        {"plant-events": {"integers": ["size"]}},
        {"plant-readings": readings("2026-05-04T00:00:00+00:00"), "plant-events": EVENTS},
    ),
    "tap-jsonfile": (
        {"stations": {"time": "updated", "tags": ["id"], "exclude": ["_sdc_*"]}},
        {
            "stations": {
                point(1_777_879_800, {"id": "s1"}, **POSITION, sensors_t=21.5, sensors_h=60, tags="roof, old"),
                point(1_777_879_860, {"id": "s2"}, extra=True),
            }
        },
    ),
    "tap-spreadsheets": (
        {"rates": {"time": "day", "tags": ["currency"]}},
        {
            "rates": {
                point(1_777_852_800, {"currency": "CHF"}, rate="0.95", fixed="true", **FILE),
                point(1_777_939_200, {"currency": "CHF"}, rate="0.96", fixed="false", **FILE),
                point(1_777_939_200, {"currency": "GBP"}, rate="", fixed="true", **FILE),
            }
        },
    ),
    "tap-rest-api-msdk": (
        {"issues": {"time": "changed"}},
        {
            "issues": {
                point(1_777_896_000.123, {"key": "A-1"}, fields_points=3, fields_status_name="open", votes="[1, 2]"),
                point(1_777_896_001, {"key": "A-2"}, fields_status_name="done", votes="[]"),
            }
        },
    ),
}


@pytest.mark.parametrize("tap", EXPECTED)
def test_what_a_tap_wrote_is_stored_whole(
    v1: Place, tap: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    mapping, expected = EXPECTED[tap]
    messages = (RECORDED / f"{tap}.singer").read_bytes()
    load({**v1.config, "measurements": mapping}, messages)
    assert {name: v1.points(name) for name in expected} == expected
    assert [one.getMessage() for one in caplog.records if one.levelname == "WARNING"] == []
    states = [one["value"] for one in map(json.loads, messages.splitlines()) if one["type"] == "STATE"]
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == states[-1]


#: The others are wrong on purpose; `test_standard.py` has them refused.
SOUND = {path.stem for path in SAMPLES.glob("*.singer")} - {
    "invalid_schema",
    "record_before_schema",
    "record_missing_key_property",
}


@pytest.mark.parametrize("sample", sorted(SOUND))
def test_every_record_of_the_samples_with_a_value_becomes_a_point(v1: Place, sample: str) -> None:
    messages = (SAMPLES / f"{sample}.singer").read_bytes()
    expected: Counter[str] = Counter()
    keys: dict[str, set[str]] = {}
    for message in map(json.loads, messages.split(b"\n")[:-1]):
        if message["type"] == "SCHEMA":
            keys[message["stream"]] = set(message.get("key_properties", ()))
        elif message["type"] == "RECORD":
            stream, values = message["stream"], message["record"]
            expected[stream] += any(values[name] is not None for name in values.keys() - keys[stream])
    load(v1.config, messages)
    assert {name: len(v1.points(name)) for name in expected} == expected
