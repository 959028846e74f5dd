"""How many requests may be sent within some time, by a clock that the caller reads: pure."""

from __future__ import annotations

from collections import deque

LEAST_MARGIN, MOST_MARGIN = 0.002, 0.03
"""Seconds that requests are thought to arrive later than the quickest, and no more: a slow answer is mostly the work of
the server, not the way there."""

ANSWERS = 10
"""So many of the last answers tell how steady the network is."""


class Turn:
    """The permission to send a request: when it was given, and by how much later than the quickest it may arrive."""

    __slots__ = ("margin", "taken")

    def __init__(self, taken: float) -> None:
        self.taken = taken
        self.margin = MOST_MARGIN


class Turns:
    """At most `limit` requests in any `seconds` by the server's clock, mostly evenly spread.

    The server counts requests as they arrive. One that was held up on its way, and one that was not, are closer there
    than they were sent. By how much can be known by the answers: some take longer than the quickest one. So where a
    network is steady, hardly any time is lost for that; where it is not, up to `MOST_MARGIN` in `seconds`.
    """

    def __init__(self, limit: int, seconds: float, *, evenly: bool = True) -> None:
        self._limit, self._seconds = limit, seconds
        self._between = seconds / limit if evenly else 0.0
        self._due = float("-inf")
        self._last: deque[Turn] = deque(maxlen=limit)
        self._quickest = float("inf")
        self._took: deque[float] = deque(maxlen=ANSWERS)

    def take(self, now: float) -> Turn | float:
        """Take a turn now, or return the seconds after which to try again."""
        due, margin = self._due, MOST_MARGIN
        if len(self._last) == self._limit:
            before = self._last[0]
            margin = before.margin
            due = max(due, before.taken + self._seconds + margin)
        if now < due:
            return due - now
        if self._between:
            # One that is a little late lets the next follow sooner; after a pause there is nothing to make up for.
            grid = self._due if now - self._due < self._between else now
            self._due = grid + self._between + margin / self._limit
        turn = Turn(now)
        self._last.append(turn)
        return turn

    def answered(self, turn: Turn, now: float) -> None:
        """Note that the answer to a turn's request begins to arrive."""
        took = now - turn.taken
        self._quickest = min(self._quickest, took)
        self._took.append(took)
        if len(self._took) == ANSWERS:
            turn.margin = min(max(max(self._took) - self._quickest, LEAST_MARGIN), MOST_MARGIN)
