"""A target whose configuration is checked so that each mistake is a sentence, and no secret is in one."""

from __future__ import annotations

from typing import Any

from singer_sdk import Target
from singer_sdk.configuration._dict_config import parse_environment_config
from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.helpers._classproperty import classproperty
from typing_extensions import override

from target_influxdb.singer.quiet import quiet

NEVER_SHOWN = ("url", "username", "password", "token")
"""The SDK would show their value where it is no text."""


class CheckedTarget(Target):
    """Knows its settings, and their names in the environment."""

    def __init__(self, **kwargs: Any) -> None:
        quiet(self.logger)
        super().__init__(**kwargs)
        quiet(self.logger)  # again: the SDK has set up logging in between
        for name in self.config.keys() - self.config_jsonschema["properties"].keys():
            self.logger.warning("Setting %r is unknown: it has no effect.", name)

    @override
    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        given = {name: self._config.get(name) for name in NEVER_SHOWN}
        mistakes = [f"{name}: must be a text." for name, value in given.items() if not isinstance(value, str | None)]
        if mistakes and raise_errors:
            raise ConfigValidationError("Config validation failed", errors=mistakes)
        return mistakes or super()._validate_config(raise_errors=raise_errors)

    @classproperty
    @override
    def _env_var_config(cls) -> dict[str, Any]:  # noqa: N805 - as the SDK has it
        """The settings that stand in variables; one that can't be read is named, not shown."""
        schema, prefix = cls.config_jsonschema, cls._env_var_prefix
        cls.append_builtin_config(schema)
        try:
            return parse_environment_config(schema, prefix)
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
        """Leave out built-in settings without meaning here: load_method, batch_size_rows."""
        super().append_builtin_config(config_jsonschema)
        for name in ("load_method", "batch_size_rows"):
            config_jsonschema["properties"].pop(name, None)


def _kind(schema: dict[str, Any]) -> str:
    return "a whole number" if "integer" in schema["type"] else "a JSON object"


def _is_readable(name: str, schema: dict[str, Any], prefix: str) -> bool:
    try:
        parse_environment_config({"properties": {name: schema}}, prefix)
    except ValueError:
        return False
    return True
