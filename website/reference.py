"""Reference pages, made from the code: settings, streams with their fields and units, measurements."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

from tap_intervals_icu.tap import TapIntervalsIcu
from target_influxdb.target import TargetInfluxDB
from website.links import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from singer_sdk import Tap, Target

PLUGINS: dict[str, type[Tap | Target]] = {"tap-intervals-icu": TapIntervalsIcu, "target-influxdb": TargetInfluxDB}
SDK = re.compile("stream_map|faker_|flattening_|add_record_metadata|validate_records|load_method|batch_(size|config)")
"""The SDK's own settings, which it documents."""
UNITS = frozenset(
    "%,bpm,breaths/min,cm,count,days,degrees,g,g/dL,g/h,J,kcal,kg,kJ,l,l/min,m,m/s,min,ml/kg,ml/kg/min,mm,mmHg,mmol/L,ms,Nm,"  # noqa: SIM905 - a list fills the page
    "rpm,rpm (per leg on foot),s,W,W/bpm,W/kg,°C,UTC,% of FTP,load points,load points a week,1 to 10,1 to 5".split(",")
)
"""What stands behind the last comma of a description, where it is a unit."""


SETTINGS = """\
Set them as environment variables or in `.env`. Where this project has a variable of its own, it stands here; each
setting can also be given as `TAP_INTERVALS_ICU_...` or `TARGET_INFLUXDB_...`, or under `config` in `meltano.yml`. Those
of the sync service are in the [quick start](../quick-start.md#the-sync-service).
"""
STREAMS = """\
What tap-intervals-icu hands out. Fields keep the names of the API; custom fields and channels come besides. Which
streams are read by default, and how changes are found: [tap-intervals-icu](tap-intervals-icu.md).
"""
MEASUREMENTS = """\
What this project stores, as `meltano.yml` says it. A measurement has the name of its stream; its fields are the
[fields of the stream](streams.md) that are no tags and not the time. Objects are flattened (`icu_zone_times_Z2`), all
numbers are floats, times are the athlete's wall clock ([time](../time.md)). *Replaced* says by which tags a newer
record finds the points that it replaces.
"""


def pages() -> dict[str, str]:
    """Return the text of each page, by its name."""
    return {
        "reference/settings.md": settings(),
        "reference/streams.md": streams(),
        "reference/measurements.md": measurements(),
    }


def settings() -> str:
    """Every setting of both plugins: variable, default, what it does."""
    project = yaml.safe_load((ROOT / "meltano.yml").read_text(encoding="utf-8"))
    plugins = {plugin["name"]: plugin for kind in ("extractors", "loaders") for plugin in project["plugins"][kind]}
    parts = ["# Settings\n", SETTINGS]
    for name, plugin in PLUGINS.items():
        config = plugins[name].get("config", {})
        rows = []
        for setting, schema in plugin.config_jsonschema["properties"].items():
            if SDK.match(setting):
                continue
            own = re.fullmatch(r"\$\{([A-Z_]+)\}", str(config.get(setting, "")))
            variable = own[1] if own else f"{name}_{setting}".replace("-", "_").upper()
            default = schema.get("default")
            shown = "" if default is None else f"`{str(default).lower() if isinstance(default, bool) else default}`"
            rows.append((f"`{setting}`", f"`{variable}`", shown, schema["description"]))
        parts += [f"## {name}\n", _table(("Setting", "Variable", "Default", "What"), rows)]
    return "\n".join(parts)


def streams() -> str:
    """Every stream of the tap: key, replication key, and its fields with type, unit and meaning."""
    tap = TapIntervalsIcu(config={"api_key": "none", "activity_streams_layout": "rows"}, validate_config=False)
    parts = ["# Streams and fields\n", STREAMS]
    for stream in sorted(tap.discover_streams(), key=lambda stream: stream.name):
        properties: dict[str, dict[str, Any]] = stream.schema["properties"]
        key = ", ".join(f"`{name}`" for name in stream.primary_keys)
        moves = f" Replication key: `{stream.replication_key}`." if stream.replication_key else ""
        about = (type(stream).__doc__ or "").strip().split("\n\n")[0].replace("\n    ", " ")
        rows = [(f"`{name}`", _type(schema), *_unit(schema)) for name, schema in properties.items()]
        parts += [f"## {stream.name}\n", f"{about} Key: {key}.{moves}\n"]
        parts += [_table(("Field", "Type", "Unit", "What"), rows)]
    return "\n".join(parts)


def measurements() -> str:
    """How streams become measurements in this project: time, tags, what is replaced."""
    project = yaml.safe_load((ROOT / "meltano.yml").read_text(encoding="utf-8"))
    (target,) = (plugin for plugin in project["plugins"]["loaders"] if plugin["name"] == "target-influxdb")
    mapping: dict[str, dict[str, Any]] = target["config"]["measurements"]
    rows = []
    for stream, rule in mapping.items():
        time = f"`{rule['time']}`" + (f" + `{rule['time_offset']}`" if "time_offset" in rule else "")
        replace = rule.get("replace", "")
        replaced = (
            "the exact point" if replace == "time" else _names([replace] if isinstance(replace, str) else replace)
        )
        rows.append((f"`{rule.get('name', stream)}`", time, _names(rule.get("tags", [])) or "the key", replaced))
    table = _table(("Measurement", "Time", "Tags", "Replaced"), rows)
    service = (
        "The sync service adds a point of `sync_runs` for each run, and of `sync_athletes` for each athlete in it."
    )
    return f"# Measurements\n\n{MEASUREMENTS}\n{table}\n{service}\n"


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names if name)


def _type(schema: Mapping[str, Any]) -> str:
    kinds = schema.get("type", "any")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    return schema.get("format") or " or ".join(kind for kind in kinds if kind != "null")


def _unit(schema: Mapping[str, Any]) -> tuple[str, str]:
    """Return the unit and the rest of the description."""
    text = schema.get("description", "")
    meaning, _, unit = text.rpartition(", ")
    return (unit, meaning) if unit in UNITS and meaning else ("", text)


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    def line(cells: Iterable[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |\n"

    return line(heads) + "|" + "---|" * len(heads) + "\n" + "".join(map(line, rows))
