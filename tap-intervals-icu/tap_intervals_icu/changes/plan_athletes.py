"""The athletes of a run are planned side by side: what goes wrong with one of them costs no other one their data.

How long one who does not answer can hold up the others is bounded by PLANNING, and written down in docs/athletes.md.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

from tap_intervals_icu.api.client import RetryPolicy
from tap_intervals_icu.changes.downloads import FAILURES_IN_A_ROW
from tap_intervals_icu.errors import QuotaPauseError, TapError, TransientError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from threading import Event

    from tap_intervals_icu.changes.athlete import Athlete

PLANNING = RetryPolicy(tries=3, timeout=15, answer=30, failing=45)
"""With each of several athletes, until it is known what there is to do."""

READING = RetryPolicy(failing=300)
"""With each of several athletes, after that."""

FIRST_ANSWER = 5.0
"""Seconds for which the others wait for the first athlete's first answer: it tells the server's time."""


class NotTriedError(TapError):
    """The API did not answer for others: this athlete was not asked for."""

    def __init__(self) -> None:
        super().__init__("Not tried, as the API did not answer for the athletes before.")


def names_of(setting: str) -> list[str]:
    """Return the athletes as configured: ids, each once, or 0 for the owner of the key."""
    names = (name.strip() for name in setting.split(","))
    return list(dict.fromkeys(name for name in names if name)) or ["0"]


def plan_all(
    names: Sequence[str],
    plan: Callable[[str], Athlete],
    key_of: Callable[[str], object],
    *,
    width: int,
    has_answer: Event,
) -> Iterator[tuple[str, Athlete | Exception]]:
    """Plan several athletes at the same time; yield each with what came of it, in the order of the names.

    Args:
        names: The athletes.
        plan: Finds out what there is to do for one of them.
        key_of: Returns what an athlete's quota belongs to: where it is spent, no other one of it is asked for.
        width: How many to plan at the same time.
        has_answer: Is set by the first answer of the API.
    """
    if len(names) == 1:  # no other one waits
        yield names[0], attempt(plan, names[0])
        return
    progress = _Progress(names, key_of, width)
    pool = ThreadPoolExecutor(width, thread_name_prefix="plan")
    try:
        while not progress.is_over:
            for name in progress.next():
                progress.running[pool.submit(attempt, plan, name)] = name
                if not has_answer.is_set():
                    has_answer.wait(FIRST_ANSWER)
            progress.note(wait(progress.running, return_when=FIRST_COMPLETED).done if progress.running else set())
            yield from progress.in_order()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def attempt(plan: Callable[[str], Athlete], name: str) -> Athlete | Exception:
    """Return what came of planning an athlete."""
    try:
        return plan(name)
    except Exception as error:  # noqa: BLE001 - of any kind: it is this athlete's alone
        return error


class _Progress:
    """Who is planned, who is not, and who has to be left out."""

    def __init__(self, names: Sequence[str], key_of: Callable[[str], object], width: int) -> None:
        self.running: dict[Future[Athlete | Exception], str] = {}
        self._key_of = key_of
        self._width = width
        self._waiting = deque(names)
        self._untold = deque(names)
        self._results: dict[str, Athlete | Exception] = {}
        self._paused: dict[object, QuotaPauseError] = {}
        self._unanswered = 0
        """Athletes without an answer since the last one with an answer."""
        self._is_answering = False

    @property
    def is_over(self) -> bool:
        return not self._untold

    def next(self) -> Iterator[str]:
        """Yield those whose turn it is now.

        Until one athlete has an answer it is open whether the API answers at all: only a few are asked for. After that
        it takes many in a row without an answer to tell that it does not any more: some athletes may hang.
        """
        width = self._width if self._is_answering else FAILURES_IN_A_ROW
        enough = 2 * self._width if self._is_answering else FAILURES_IN_A_ROW
        while self._waiting and len(self.running) < width:
            if not self._is_answering and self._unanswered + len(self.running) >= enough:
                break  # the result of those under way decides
            name = self._waiting.popleft()
            if self._unanswered >= enough:
                self._results[name] = NotTriedError()
            elif pause := self._paused.get(self._key_of(name)):
                self._results[name] = pause
            else:
                yield name
        if self._unanswered >= enough:
            self._results.update((name, NotTriedError()) for name in self._waiting)
            self._waiting.clear()

    def note(self, done: set[Future[Athlete | Exception]]) -> None:
        """Note what came of some of them."""
        for future in done:
            name = self.running.pop(future)
            result = self._results[name] = future.result()
            if isinstance(result, TransientError):
                self._unanswered += 1
            else:
                self._unanswered = 0
                self._is_answering = True
            if isinstance(result, QuotaPauseError):
                self._paused[self._key_of(name)] = result

    def in_order(self) -> Iterator[tuple[str, Athlete | Exception]]:
        """Yield those that are the next in the order of the names."""
        while self._untold and self._untold[0] in self._results:
            name = self._untold.popleft()
            yield name, self._results[name]
