from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING

import pytest

from tap_intervals_icu.api.lookahead import lookahead

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(3) as executor:
        yield executor


def test_results_come_in_order_whatever_the_work_takes(pool: ThreadPoolExecutor) -> None:
    def work(item: int) -> int:
        time.sleep(0.01 * (item % 3))
        return item * item

    assert list(lookahead(pool, work, range(10), 4)) == [(item, item * item) for item in range(10)]


def test_work_runs_ahead_by_the_depth_and_no_further(pool: ThreadPoolExecutor) -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for item in range(10):
            taken.append(item)
            yield item

    results = lookahead(pool, str, items(), 2)
    assert [next(results), taken] == [(0, "0"), [0, 1, 2]]
    assert [next(results), taken] == [(1, "1"), [0, 1, 2, 3]]


def test_failure_of_the_work_is_raised_after_what_was_fetched_ahead_and_begins_nothing(
    pool: ThreadPoolExecutor,
) -> None:
    results = lookahead(pool, lambda item: 6 // (3 - item), range(100), 2)

    assert [next(results) for _ in range(5)] == [(0, 2), (1, 3), (2, 6), (4, -6), (5, -3)]
    with pytest.raises(ZeroDivisionError):
        next(results)
    assert list(results) == []


def test_failure_of_the_items_comes_after_all_items_before_it(pool: ThreadPoolExecutor) -> None:
    def items() -> Iterator[int]:
        yield from range(3)
        raise KeyError("quota")

    results = lookahead(pool, str, items(), 5)
    assert [next(results) for _ in range(3)] == [(0, "0"), (1, "1"), (2, "2")]
    with pytest.raises(KeyError, match="quota"):
        next(results)


def test_consumer_that_leaves_does_not_wait(pool: ThreadPoolExecutor) -> None:
    go_on = Event()
    results = lookahead(pool, lambda item: item or go_on.wait(5), [1, 0, 0], 1)

    assert next(results) == (1, 1)
    results.close()  # type: ignore[attr-defined] # a generator
    go_on.set()
