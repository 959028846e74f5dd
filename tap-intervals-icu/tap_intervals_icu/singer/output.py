"""Lines to standard output that no signal can cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

from singer_sdk.contrib.msgspec import MsgSpecWriter
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Callable

    from singer_sdk.singerlib.encoding.simple import Message


class WholeLineWriter(MsgSpecWriter):
    """Finishes the line in hand before a signal is acted on: half a line would make the target fail."""

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
    def write_message(self, message: Message) -> None:
        self._is_writing = True
        super().write_message(message)
        self._is_writing = False
        action, self._postponed = self._postponed, None
        if action:
            action()
