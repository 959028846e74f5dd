from __future__ import annotations

from pathlib import Path

import yaml

from tap_intervals_icu.tap import TapIntervalsIcu

HUB = yaml.safe_load((Path(__file__).parents[1] / "meltano-hub.yml").read_text(encoding="utf-8"))
KINDS = {"string": {"string", "options"}, "integer": {"integer"}, "boolean": {"boolean"}}


def test_the_hub_definition_names_the_taps_settings_with_kinds_defaults_and_secrets() -> None:
    properties = TapIntervalsIcu.config_jsonschema["properties"]
    settings = {setting["name"]: setting for setting in HUB["settings"]}
    assert list(settings) == [name for name in properties if name in settings]
    builtin = {"stream_maps", "stream_map_config", "faker_config"}
    assert set(properties) - set(settings) <= builtin | {name for name in properties if name.startswith("flattening_")}
    for name, setting in settings.items():
        schema = properties[name]
        assert setting["description"] == schema["description"]
        assert setting.get("value") == schema.get("default")
        assert setting.get("sensitive", False) == schema.get("secret", False)
        assert setting["kind"] in KINDS[schema["type"][0]]


def test_the_hub_definition_lists_the_taps_capabilities() -> None:
    assert HUB["capabilities"] == sorted(capability.value for capability in TapIntervalsIcu.capabilities)
