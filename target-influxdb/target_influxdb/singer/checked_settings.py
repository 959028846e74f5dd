"""A target whose configuration is checked so that each mistake is a sentence, and no secret is in one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from singer_sdk.exceptions import ConfigValidationError
from typing_extensions import override

from target_influxdb.singer.logs import quiet
from target_influxdb.singer.private import OpenTarget, parse_environment_config

if TYPE_CHECKING:
    from collections.abc import Iterator

WITHOUT_MEANING = ("load_method", "batch_size_rows")
"""Settings that the SDK adds."""


class CheckedTarget(OpenTarget):
    """Knows its settings, and their names in the environment."""

    def __init__(self, **kwargs: Any) -> None:
        quiet(self.logger)
        super().__init__(**kwargs)
        quiet(self.logger)  # again: the SDK has set up logging in between
        for name in self.config.keys() - self.config_jsonschema["properties"].keys():
            self.logger.warning("Setting %r is unknown: it has no effect.", name)

    @override
    def mistakes_in(self, config: dict[str, Any]) -> Iterator[str]:
        for name, schema in self.config_jsonschema["properties"].items():
            if "string" in schema["type"] and not isinstance(config.get(name), str | None):
                yield f"{name}: must be text, in quotes."

    @classmethod
    @override
    def from_environment(cls, schema: dict[str, Any], prefix: str) -> dict[str, Any]:
        try:
            return super().from_environment(schema, prefix)
        except ValueError:
            mistakes = [
                f"{prefix}{name.upper()}: must be {_kind(one)}."
                for name, one in schema["properties"].items()
                if not _is_readable(name, one, prefix)
            ]
            raise ConfigValidationError("Config validation failed", errors=mistakes) from None

    @classmethod
    @override
    def append_builtin_config(cls, config_jsonschema: dict[str, Any]) -> None:
        super().append_builtin_config(config_jsonschema)
        for name in WITHOUT_MEANING:
            config_jsonschema["properties"].pop(name, None)


def _kind(schema: dict[str, Any]) -> str:
    return "a whole number" if "integer" in schema["type"] else "a JSON object"


def _is_readable(name: str, schema: dict[str, Any], prefix: str) -> bool:
    try:
        parse_environment_config({"properties": {name: schema}}, prefix)
    except ValueError:
        return False
    return True
