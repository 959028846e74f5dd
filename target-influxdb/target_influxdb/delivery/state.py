"""Which state leaves, and when: only after the server has acknowledged every point before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from target_influxdb.delivery.state_check import StateCheck

if TYPE_CHECKING:
    from target_influxdb.delivery.queue import Writer


class StateGate:
    """What a run does with states: it checks the first one, and lets none leave before its points are stored."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._check = StateCheck(writer)
        self._last: dict[str, Any] | None = None
        """The last state that left."""
        self._has_begun = False
        """Whether the state that the run begins with came, or can't come any more."""

    def begin(self, state: Any) -> None:
        """Check a state that came, if the run begins with it.

        Raises:
            OtherDatabaseError: The database can't be the one of the run before.
        """
        if not self._has_begun:
            self._has_begun = True
            self._check.begin(state)

    def begin_stream(self, stream: str) -> None:
        """Check that the database still has points of a stream whose schema came.

        Raises:
            OtherDatabaseError: There were some, and there are none.
        """
        self._has_begun = True
        self._check.begin_stream(stream)

    def may_leave(self, state: dict[str, Any]) -> bool:
        """Wait until every point before a state is stored, and mark it; return whether it is another than the last.

        Raises:
            TargetError: A point could not be stored.
        """
        self._writer.flush()
        self._check.mark(state)
        is_new = state != self._last
        self._last = state
        return is_new
