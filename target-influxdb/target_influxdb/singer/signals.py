"""Signals: none is lost, and the process that one asked to leave ends."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

SENTENCE = b"No answer came in the time that a signal leaves: what is not stored yet comes again with the next run.\n"

PAUSES = (0.05, 0.5, 5.0)
"""Seconds before the main thread is woken, and woken again in case that it was about to wait once more."""


def wake_main_thread() -> None:
    """Have signals seen that come in the moment before the main thread begins to wait.

    Python only notes them then, and looks at its note after the wait: for a server that never answers, too late. It
    tells of each signal over a pipe as well. A thread listens there, and interrupts the wait.
    """
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        return
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.signal(signal.SIGURG, lambda *_: None)  # to be interrupted is all that it is for
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    main = threading.get_ident()
    threading.Thread(target=_wake, args=(reader, main), name="waker", daemon=True).start()


def _wake(reader: int, thread: int) -> None:
    """Interrupt a thread after each signal but those that do that."""
    while numbers := os.read(reader, 100):
        for pause in PAUSES if set(numbers) - {signal.SIGURG} else ():
            time.sleep(pause)
            signal.pthread_kill(thread, signal.SIGURG)


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
