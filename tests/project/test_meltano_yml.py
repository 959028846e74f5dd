from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tap_intervals_icu.tap import TapIntervalsIcu
from target_influxdb.target import TargetInfluxDB

ROOT = Path(__file__).resolve().parents[2]
PROJECT: dict[str, Any] = yaml.safe_load((ROOT / "meltano.yml").read_text())
PLUGINS = {plugin["name"]: plugin for kind in PROJECT["plugins"].values() for plugin in kind}
VARIABLE = re.compile(r"\$\{((?:INTERVALS|INFLUXDB)_\w+)\}")


def test_meltano_yml_validates_against_the_schema_that_meltano_ships() -> None:
    schema = json.loads((files("meltano") / "schemas" / "meltano.schema.json").read_text())
    jsonschema.validate(PROJECT, schema)


@pytest.mark.parametrize(
    ("name", "plugin"), [("tap-intervals-icu", TapIntervalsIcu), ("target-influxdb", TargetInfluxDB)]
)
def test_every_setting_of_a_plugin_is_declared_with_its_secrets_marked(name: str, plugin: Any) -> None:
    built_in = ("stream_map", "faker_", "flattening_", "add_record_metadata")  # the SDK's own
    properties = plugin.config_jsonschema["properties"]
    declared = {setting["name"]: setting.get("sensitive", False) for setting in PLUGINS[name]["settings"]}
    expected = {key: bool(value.get("secret")) for key, value in properties.items() if not key.startswith(built_in)}
    assert declared == expected


def test_every_variable_is_explained_in_the_example_and_the_docs_and_no_other() -> None:
    used = set(VARIABLE.findall((ROOT / "meltano.yml").read_text()))
    example = set(re.findall(r"^#?((?:INTERVALS|INFLUXDB)_\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    explained = set(
        re.findall(r"^\| `((?:INTERVALS|INFLUXDB)_\w+)`", (ROOT / "docs/settings.md").read_text(), re.MULTILINE)
    )
    assert example == used
    assert explained == used


def test_defaults_that_the_docs_and_the_example_show_are_those_of_the_target() -> None:
    properties: dict[str, Any] = TargetInfluxDB.config_jsonschema["properties"]
    config = PLUGINS["target-influxdb"]["config"]
    variables = {found[1]: name for name, value in config.items() if (found := VARIABLE.fullmatch(str(value)))}
    row = re.compile(r"^\| `(INFLUXDB_\w+)` \|([^|]*)\|", re.MULTILINE)
    shown = {name: text.strip() for name, text in row.findall((ROOT / "docs/settings.md").read_text())}
    assert shown == {variable: str(properties[name].get("default", "")) for variable, name in variables.items()}
    example = re.findall(r"^#?(INFLUXDB_\w+)=(.+)$", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert {name: value for name, value in example if name != "INFLUXDB_BUCKET"} == {
        name: text for name, text in shown.items() if text
    }


def test_every_job_names_plugins_that_are_defined() -> None:
    tasks = [task.split() for job in PROJECT["jobs"] for task in job["tasks"]]
    assert {name for task in tasks for name in task} <= set(PLUGINS)
    assert {schedule["job"] for schedule in PROJECT["schedules"]} <= {job["name"] for job in PROJECT["jobs"]}


def test_constraints_pin_one_version_each_and_name_no_address() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pin = re.compile(r"[a-z0-9.-]+(\[[a-z,]+\])?==[\w.]+( ; .+)?")
    assert [line for line in lines if not pin.fullmatch(line)] == []
