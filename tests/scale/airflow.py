"""Airflow for tests, and what is done to its workers."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import psutil

from sandbox import airflow
from sandbox.databases import NotInstalledError
from tests.servers import missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.airflow import Stack


@contextlib.contextmanager
def stack(workers: int, *servers: int, **settings: str) -> Iterator[Stack]:
    """All parts, see `sandbox.airflow`; skips (or fails) where something is not installed."""
    try:
        with airflow.stack(workers, *servers, **settings) as found:
            yield found
    except NotInstalledError as error:
        missing(str(error))


def is_reading(worker: int) -> bool:
    """Tell whether the tap runs under a worker."""
    with contextlib.suppress(psutil.NoSuchProcess):
        for child in psutil.Process(worker).children(recursive=True):
            if any("/tap-intervals-icu/tap." in word for word in child.cmdline()):
                return True
    return False


def kill(worker: int) -> None:
    """Kill -9 a worker with all that it started, as when a machine is lost."""
    victims = [psutil.Process(worker), *psutil.Process(worker).children(recursive=True)]
    for victim in victims:
        with contextlib.suppress(psutil.NoSuchProcess):
            victim.kill()
