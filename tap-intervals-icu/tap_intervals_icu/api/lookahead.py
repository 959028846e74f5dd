"""Work ahead of the consumer, in order."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Executor, Future

Item = TypeVar("Item")
Result = TypeVar("Result")


def lookahead(
    pool: Executor, work: Callable[[Item], Result], items: Iterable[Item], depth: int
) -> Iterator[tuple[Item, Result]]:
    """Yield each item with its result, in order, while `work` runs for up to `depth` items further on.

    An exception of `work` or of `items` ends the iteration, after the results that were fetched ahead: threads do not
    ask in order, so the last requests of a day may go to items behind the one that is refused.
    """
    waiting: deque[tuple[Item, Future[Result]]] = deque()
    source = iter(items)
    failure: Exception | None = None
    end: Exception | None = None
    is_over = False
    while waiting or not is_over:
        if not is_over and len(waiting) <= depth:
            try:
                item = next(source)
                waiting.append((item, pool.submit(work, item)))
            except StopIteration:
                is_over = True
            except Exception as error:  # noqa: BLE001 - of any kind: it is raised below
                end, is_over = error, True
            continue
        ahead, future = waiting.popleft()
        try:
            result = future.result()
        except Exception as error:  # noqa: BLE001 - likewise
            failure, is_over = failure or error, True
        else:
            yield ahead, result
    if first := failure or end:
        raise first
