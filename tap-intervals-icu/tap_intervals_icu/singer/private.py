"""All that this tap takes of the Singer SDK beyond its public interface, read in version 0.54.9.

Each override stands here with its reason and hands over to a method with a public name. What the SDK calls `final` it
calls so by its type hints alone. `USED` is held against the installed SDK by a test.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from singer_sdk import Stream, Tap
from singer_sdk.exceptions import ConfigValidationError
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping
    from types import FrameType

    from singer_sdk.singerlib import SchemaMessage

READ_IN = "0.54.9"

USED: dict[type, dict[str, str]] = {
    Stream: {
        "_generate_schema_messages": "self",
        "_increment_stream_state": "self, latest_record, context",
        "_sync_children": "self, child_context",
        "_write_schema_message": "self",
        "_write_starting_replication_value": "self, context",
        "_write_state_message": "self",
    },
    Tap: {
        "_handle_termination": "self, signum, frame",
        "_validate_config": "self, raise_errors",
        "run_sync_dry_run": "self, dry_run_record_limit, streams",
        "sync_all": "self",
        "write_schemas": "self",
    },
}
"""Names and their parameters, by the class that has them."""


class OpenStream(Stream):
    """A stream that decides itself about bookmarks, children, and when SCHEMA and STATE are written."""

    def whole_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return the schema to be written, made of the SDK's."""
        return schema

    def note_bookmark(self, record: dict[str, Any], context: Mapping[str, Any] | None) -> None:
        """Note in the state how far the stream is, once a record was written."""

    def sync_children(self, context: Mapping[str, Any] | None) -> None:
        """Sync the children of the record that is about to be written."""

    def has_to_write_schema(self) -> bool:
        """Tell whether a SCHEMA message is due."""
        return True

    def may_write_state(self) -> bool:
        """Tell whether the SDK may write a STATE message for this stream."""
        return True

    def write_state(self) -> None:
        """Write a STATE message now."""
        super()._write_state_message()

    @override
    def _generate_schema_messages(self) -> Generator[SchemaMessage, None, None]:
        # Custom fields are known only once an athlete was asked; a catalog is made before.
        for message in super()._generate_schema_messages():
            yield replace(message, schema=self.whole_schema(message.schema))

    @override
    def _increment_stream_state(self, latest_record: Any, *, context: Mapping[str, Any] | None = None) -> None:
        # "The bookmark follows the last record" would run backwards: the newest rows come first.
        self.note_bookmark(latest_record, context)

    @override
    def _sync_children(self, child_context: Mapping[str, Any] | None) -> None:
        # The SDK would sync every child for each record, also where there is nothing of it, and end the run at a fault.
        self.sync_children(child_context)

    @override
    def _write_schema_message(self) -> None:
        # A child is synced for each record of its parent, with a SCHEMA message each time.
        if self.has_to_write_schema():
            super()._write_schema_message()

    @override
    def _write_starting_replication_value(self, context: Mapping[str, Any] | None) -> None:
        """Keep the bookmark as it is: nothing starts from it."""

    @override
    def _write_state_message(self) -> None:
        # In the midst of a parent's record the state is not what was emitted.
        if self.may_write_state():
            super()._write_state_message()


class OpenTap(Tap):
    """A tap whose runs have a beginning and an end, and which says itself how to leave at a signal."""

    def begin(self) -> None:
        """Prepare a run, before the first stream is read and after all that are to be read are selected."""

    def end(self) -> None:
        """End a run in which all streams were read."""

    def close(self) -> None:
        """Let go of what a run holds open, however it ended."""

    def leave(self, signal_number: int) -> None:
        """Leave because of a signal."""

    def mistakes_in(self, config: dict[str, Any]) -> Iterable[str]:
        """Yield what is wrong with settings, before the SDK looks at them and shows their values."""
        del config
        return ()

    @override  # type: ignore[misc] # no hook: neither before the first stream nor after the last
    def sync_all(self) -> None:
        # As it was saved, before the plan changes it: a target tells by it whether its database is still the same.
        if self.state:
            self.state_writer.write_state(self.state)
        try:
            self.begin()
            super().sync_all()
            self.end()
        finally:
            self.close()

    @override  # type: ignore[misc] # the same for `--test`
    def run_sync_dry_run(self, dry_run_record_limit: int | None = 1, streams: Iterable[Stream] | None = None) -> bool:
        chosen = list(self.streams.values() if streams is None else streams)
        for stream in chosen:
            stream.selected = True  # as the SDK does it, only earlier
        try:
            self.begin()
            result = super().run_sync_dry_run(dry_run_record_limit, chosen)
            self.end()
        finally:
            self.close()
        return result

    @override  # type: ignore[misc] # the same for `--test=schema`
    def write_schemas(self) -> None:
        try:
            self.begin()
            super().write_schemas()
        finally:
            self.close()

    @override
    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:
        # The SDK would leave with 0, as if the run were complete.
        self.leave(signum)

    @override
    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        # The SDK shows values that may be secret where they are of a wrong type.
        mistakes = list(self.mistakes_in(self._config))
        if mistakes and raise_errors:
            raise ConfigValidationError("Config validation failed", errors=mistakes)
        return mistakes or super()._validate_config(raise_errors=raise_errors)
