"""The service: a run now and at every interval, until a signal; or one run alone."""

from __future__ import annotations

import logging
import math
import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from sync.interval import in_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sync.runner import Outcome, Runner
    from sync.settings import Settings

logger = logging.getLogger("sync")

SECONDS_BETWEEN_LOOKS = 60.0
"""A wait that sleeps through a suspended machine ends so much late at most."""


def serve(runner: Runner, settings: Settings) -> int:
    """Run now and at every interval, until SIGTERM or SIGINT; return the exit code."""
    with _queued_signals() as signals, ThreadPoolExecutor(1) as worker:
        runner.note_start()
        logger.info("%s every %s.", " ".join(("meltano run", *settings.blocks)), in_words(settings.interval))
        due = clock()
        while True:
            run = worker.submit(runner.attempt_again)
            run.add_done_callback(signals.put)
            if signals.get() is not run:
                runner.stop()
                return 0
            if error := run.exception():
                logger.error("What went wrong could not be told.", exc_info=error)
            due = next_after(due, runner.interval, clock())
            if _is_signalled_until(due + random.uniform(-settings.jitter, settings.jitter), signals):
                return 0


def once(
    runner: Runner, options: Sequence[str] = (), extra: Mapping[str, str] | None = None, *, is_locked: bool = False
) -> Outcome:
    """Do one run; SIGTERM and SIGINT end it cleanly."""
    with _queued_signals() as signals, ThreadPoolExecutor(1) as worker:
        run = worker.submit(runner.attempt, options, extra, is_locked=is_locked)
        run.add_done_callback(signals.put)
        if signals.get() is not run:
            runner.stop()
        return run.result()


def clock() -> float:
    """Return seconds that nobody sets back or forward, and that go on, where the system can, while it is suspended."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


def next_after(due: float, interval: float, now: float) -> float:
    """Return when the next run is due after one that was due at `due`; those that a long run missed are left out."""
    return due + interval * max(1, math.ceil((now - due) / interval))


def _is_signalled_until(due: float, signals: SimpleQueue[object]) -> bool:
    while (left := due - clock()) > 0:
        with suppress(Empty):
            signals.get(timeout=min(left, SECONDS_BETWEEN_LOOKS))
            return True
    return False


@contextmanager
def _queued_signals() -> Iterator[SimpleQueue[object]]:
    """Put signals into a queue for a while: that is safe in their handlers."""
    signals: SimpleQueue[object] = SimpleQueue()
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, lambda number, _: signals.put(number)) for number in numbers]
    try:
        yield signals
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
