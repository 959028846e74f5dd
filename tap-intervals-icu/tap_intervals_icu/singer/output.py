"""Lines to standard output that no signal can cut."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from msgspec import Raw
from singer_sdk.contrib.msgspec import MsgSpecWriter, serialize_jsonl
from singer_sdk.singerlib import RecordMessage
from typing_extensions import override

from tap_intervals_icu.records.numbers import Numbers

if TYPE_CHECKING:
    from collections.abc import Callable

    from singer_sdk.singerlib.encoding.simple import Message


class WholeLineWriter(MsgSpecWriter):
    """Finishes the current line before a signal is acted on: half a line would make the target fail."""

    def __init__(self) -> None:
        self._is_writing = False
        self._postponed: Callable[[], None] | None = None

    def between_lines(self, action: Callable[[], None]) -> None:
        """Act now or, if a signal handler asks while a line is being written, after it."""
        if self._is_writing:
            self._postponed = action
        else:
            action()

    @override
    def serialize_message(self, message: Message) -> bytearray:
        if isinstance(message, RecordMessage):
            return super().serialize_message(message)
        # The SDK would copy whole schemas and states first: no small part of a run with nothing new.
        parts = {field.name: getattr(message, field.name) for field in fields(message)}
        return serialize_jsonl({name: part for name, part in parts.items() if part is not None})

    @override
    def write_message(self, message: Message) -> None:
        if isinstance(message, RecordMessage):
            message.record = as_they_came(message.record)
        self._is_writing = True
        super().write_message(message)
        self._is_writing = False
        action, self._postponed = self._postponed, None
        if action:
            action()


def as_they_came(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record whose numbers are written as the API wrote them."""
    return {name: Raw(value.json) if type(value) is Numbers else value for name, value in record.items()}
