"""All that this target takes of the Singer SDK beyond its public interface, read in version 0.54.9.

Each override stands here with its reason and hands over to a method with a public name. What is listed in `METHODS`,
`ATTRIBUTES` and `MODULES` is held against the installed SDK by a test, and so is that no other module takes more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from singer_sdk import Target
from singer_sdk.configuration._dict_config import parse_environment_config
from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.helpers._classproperty import classproperty
from singer_sdk.sinks import BatchSink
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import FrameType

    from singer_sdk.sinks import Sink

__all__ = ["OpenSink", "OpenTarget", "parse_environment_config"]

READ_IN = "0.54.9"

METHODS: dict[type, dict[str, str]] = {
    Target: {
        "_assert_line_requires": "self, message_dict, requires",
        "_handle_max_record_age": "self",
        "_handle_termination": "self, signum, frame",
        "_process_activate_version_message": "self, message_dict",
        "_process_batch_message": "self, message_dict",
        "_process_record_message": "self, message_dict",
        "_process_schema_message": "self, message_dict",
        "_process_state_message": "self, message_dict",
        "_validate_config": "self, raise_errors",
        "_write_state_message": "self, state",
    },
    BatchSink: {
        "_remove_sdc_metadata_from_record": "self, record",
        "_validate_and_parse": "self, record",
    },
}
"""Methods and their parameters, by the class that has them."""
ATTRIBUTES = {
    "_MAX_RECORD_AGE_IN_MINUTES",
    "_config",
    "_env_var_config",
    "_env_var_prefix",
    "_max_record_age_in_minutes",
    "_sinks_active",
    "_sinks_to_clear",
}
"""Attributes of a target."""
MODULES = {"singer_sdk.configuration._dict_config", "singer_sdk.helpers._classproperty"}

CHECKPOINT_SECONDS = 10


class OpenTarget(Target):
    """A target that decides itself how messages are taken, when states are emitted, and how it leaves at a signal."""

    # Checkpoints every ten seconds, not every five minutes.
    _MAX_RECORD_AGE_IN_MINUTES = CHECKPOINT_SECONDS / 60

    def take_schema(self, message: dict[str, Any]) -> None:
        """Take a SCHEMA message."""
        super()._process_schema_message(message)

    def take_record(self, message: dict[str, Any]) -> None:
        """Take a RECORD message."""
        super()._process_record_message(message)

    def take_batch(self, message: dict[str, Any]) -> None:
        """Take a BATCH message that has all it needs."""

    def take_state(self, message: dict[str, Any]) -> None:
        """Take a STATE message."""
        super()._process_state_message(message)

    def emit_state(self, state: dict[str, Any]) -> None:
        """Write a STATE message."""
        super()._write_state_message(state)

    def leave(self, signum: int) -> None:
        """Leave because of a signal."""

    def mistakes_in(self, config: dict[str, Any]) -> Iterable[str]:
        """Yield what is wrong with settings, before the SDK looks at them and shows their values."""
        del config
        return ()

    @classmethod
    def from_environment(cls, schema: dict[str, Any], prefix: str) -> dict[str, Any]:
        """Return the settings that stand in variables, whose names begin with `prefix`."""
        return parse_environment_config(schema, prefix)

    @property
    def has_sinks(self) -> bool:
        """Whether there is a stream that records may come of."""
        return bool(self._sinks_active)

    @property
    def replaced_sinks(self) -> Iterable[Sink]:
        """The sinks of streams whose schema has changed since, with records that wait."""
        return self._sinks_to_clear

    @override
    def _process_schema_message(self, message_dict: dict[str, Any]) -> None:
        # Sinks are not told the replication key, and a full new one would let its records go before the old one's.
        self.take_schema(message_dict)

    @override
    def _process_record_message(self, message_dict: dict[str, Any]) -> None:
        # A record that is no object would end in a traceback.
        self.take_record(message_dict)

    @override
    def _process_batch_message(self, message_dict: dict[str, Any]) -> None:
        # The SDK hands its files to the sink at once, past stream maps and out of order.
        self._assert_line_requires(message_dict, requires={"stream", "encoding", "manifest"})
        self.take_batch(message_dict)

    @override
    def _process_activate_version_message(self, message_dict: dict[str, Any]) -> None:
        """Do nothing: points are told apart by time, not by version."""

    @override
    def _process_state_message(self, message_dict: dict[str, Any]) -> None:
        # A state that no record came before leaves at once: it may begin everything anew, even if this run fails.
        self.take_state(message_dict)

    @override
    def _write_state_message(self, state: dict[str, Any]) -> None:
        # A state waits until every point before it is stored.
        self.emit_state(state)

    @override
    def _handle_max_record_age(self) -> None:
        # As the SDK does, without a line in the log each time.
        if self._max_record_age_in_minutes > self._MAX_RECORD_AGE_IN_MINUTES:
            self.drain_all()

    @override
    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:
        # The SDK would drain again within a drain.
        self.leave(signum)

    @override
    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        # The SDK shows values that may be secret where they are of a wrong type.
        mistakes = list(self.mistakes_in(self._config))
        if mistakes and raise_errors:
            raise ConfigValidationError("Config validation failed", errors=mistakes)
        return mistakes or super()._validate_config(raise_errors=raise_errors)

    @classproperty
    @override
    def _env_var_config(cls) -> dict[str, Any]:  # noqa: N805 - as the SDK has it
        # A variable that can't be read would be shown.
        cls.append_builtin_config(cls.config_jsonschema)
        return cls.from_environment(cls.config_jsonschema, cls._env_var_prefix)


class OpenSink(BatchSink):
    """A sink that gets records as they came."""

    kept_metadata = frozenset[str]()
    """Properties beginning with `_sdc_` that stay in records where `add_record_metadata` is off."""

    @override
    def _validate_and_parse(self, record: dict[str, Any]) -> dict[str, Any]:
        # Times are read once, when they are written.
        return record

    @override
    def _remove_sdc_metadata_from_record(self, record: dict[str, Any]) -> None:
        # The mark of a tombstone would go.
        kept = {name: value for name in self.kept_metadata if (value := record.get(name))}
        super()._remove_sdc_metadata_from_record(record)
        record.update(kept)
