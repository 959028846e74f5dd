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

    An exception of `work` or of `items` is raised at its item's place and ends the iteration.
    """
    waiting: deque[tuple[Item, Future[Result]]] = deque()
    source = iter(items)
    failure: Exception | None = None
    while True:
        try:
            item = next(source)
        except StopIteration:
            break
        except Exception as error:  # noqa: BLE001 - of any kind: it is raised below
            failure = error
            break
        waiting.append((item, pool.submit(work, item)))
        if len(waiting) > depth:
            ahead, future = waiting.popleft()
            yield ahead, future.result()
    for ahead, future in waiting:
        yield ahead, future.result()
    if failure:
        raise failure
