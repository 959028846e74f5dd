"""The end of a process that a signal asked to leave."""

from __future__ import annotations

import os
import signal
import sys

SENTENCE = b"No answer came in the time that a signal leaves: what is not stored yet comes again with the next run.\n"


def leave_within(seconds: float, signum: int) -> None:
    """End the process then, if it still runs: a request on its way can't be called back.

    The system's own timer, as the code that the signal interrupted may hold any lock.
    """
    if sys.platform == "win32":
        return
    left, _ = signal.getitimer(signal.ITIMER_REAL)
    if left == 0 or seconds < left:
        signal.signal(signal.SIGALRM, lambda *_: _leave(128 + signum))
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _leave(code: int) -> None:
    os.write(2, SENTENCE)
    os._exit(code)  # no cleaning up: it would wait for the same answer
