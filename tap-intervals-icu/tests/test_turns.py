"""Whatever the way to the server takes, no second of its clock sees more requests than it allows."""

from __future__ import annotations

import heapq
import itertools
import random
from typing import TYPE_CHECKING

import pytest

from tap_intervals_icu.api.turns import LEAST_MARGIN, MOST_MARGIN, Turn, Turns

if TYPE_CHECKING:
    from collections.abc import Callable

WORKERS = 4


def arrivals(
    requests: int, there: Callable[[], float], back: Callable[[], float] = lambda: 0.05, workers: int = WORKERS
) -> list[float]:
    """Send requests as workers do, ten a second; return when they reach the server, in order.

    Args:
        requests: How many.
        there: Seconds that one takes to get there.
        back: Seconds of the server's work and the way back.
        workers: How many send, each the next one when it has its answer.
    """
    turns = Turns(10, 1)
    reached: list[float] = []
    ready: list[tuple[float, int, Turn | None]] = [(0.0, worker, None) for worker in range(workers)]
    while len(reached) < requests:
        now, worker, sent = heapq.heappop(ready)
        if sent:
            turns.answered(sent, now)
            heapq.heappush(ready, (now, worker, None))
            continue
        turn = turns.take(now)
        if isinstance(turn, Turn):
            reached.append(now + there())
            heapq.heappush(ready, (reached[-1] + back(), worker, turn))
        else:
            heapq.heappush(ready, (now + turn, worker, None))
    return sorted(reached)


def most_in_a_second(times: list[float]) -> int:
    return max(sum(start <= time < start + 1 for time in times) for start in times)


@pytest.mark.parametrize("jitter", [0, 0.002, 0.01, 0.02, MOST_MARGIN])
@pytest.mark.parametrize("seed", range(5))
def test_no_second_of_the_server_sees_eleven_however_long_a_request_is_on_its_way(jitter: float, seed: int) -> None:
    chance = random.Random(seed)
    # Where the ways there differ by more than a few milliseconds, this is about all of the allowance.
    reached = arrivals(600, lambda: 0.02 + chance.uniform(0, jitter), lambda: 0.05 + chance.uniform(0, jitter))
    assert most_in_a_second(reached) <= 10


def test_a_steady_network_costs_hardly_any_time() -> None:
    assert arrivals(601, lambda: 0.05)[-1] < 60 * (1 + 2 * LEAST_MARGIN)


def test_a_jittery_network_costs_no_more_than_the_allowance() -> None:
    chance = random.Random(1)
    reached = arrivals(601, lambda: chance.uniform(0.05, 0.25), lambda: chance.uniform(0.0, 0.05))
    assert reached[-1] < 60 * (1 + MOST_MARGIN) + 0.25


def test_what_slow_answers_at_first_lost_is_made_up_for_within_a_second() -> None:
    answers = iter([0.06] * 11)  # one after the other: slower than the pace
    alone = arrivals(11, lambda: 0.05, lambda: next(answers), workers=1)
    assert alone[-1] - alone[0] == pytest.approx(1.1)


def test_requests_are_evenly_spread() -> None:
    reached = arrivals(100, lambda: 0.05)
    gaps = [later - one for one, later in itertools.pairwise(reached)]
    assert min(gaps) > 0.099


def test_a_pause_is_not_made_up_for() -> None:
    turns = Turns(10, 1)
    assert isinstance(turns.take(0), Turn)
    assert isinstance(turns.take(60), Turn)
    assert turns.take(60) == pytest.approx(0.1, abs=0.01)
