"""Which account is read: the one of the key, or the synthetic athlete of the demo."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from sync.settings import Settings

logger = logging.getLogger("sync")

DEMO_KEY = "sandbox-key"
NO_KEY = (
    "INTERVALS_API_KEY is not set. Put your key into .env (intervals.icu, Settings, Developer Settings) and start "
    "again (docker compose up -d). To look around without an account: COMPOSE_PROFILES=demo in .env, or make demo."
)
SECONDS_FOR_THE_DEMO = 60.0
"""So long may its server take to start."""


def with_source(settings: Settings) -> Settings:
    """Return the settings, led to the demo's server where that is what is read.

    Raises:
        click.ClickException: There is neither a key nor a demo.
    """
    if settings.has_key:
        return settings
    if not settings.is_demo:
        raise click.ClickException(NO_KEY)
    demo = {"INTERVALS_API_URL": settings.demo_url, "INTERVALS_API_KEY": DEMO_KEY}
    return replace(settings, environment=dict(settings.environment) | demo)


def check(settings: Settings, is_stopping: Callable[[], bool] = lambda: False) -> None:
    """Make sure, before a run, that the demo's server is there, if it is the one to be read; wait for it for a while.

    Raises:
        click.ClickException: It is not: so there is nothing to read.
    """
    if not settings.is_demo:
        return
    if not answers(settings.demo_url, min(SECONDS_FOR_THE_DEMO, settings.interval), is_stopping):
        raise click.ClickException(NO_KEY)
    logger.warning("INTERVALS_API_KEY is not set: showing the demo's synthetic athlete.")


def answers(url: str, wait: float, is_stopping: Callable[[], bool]) -> bool:
    """Tell whether a server answers at all within `wait` seconds, or before the service is to stop."""
    import requests  # noqa: PLC0415 - takes a third of a start, and only the demo is asked for

    deadline = time.monotonic() + wait
    while True:
        try:
            requests.get(url, timeout=2)
        except requests.RequestException:
            if time.monotonic() >= deadline or is_stopping():
                return False
            time.sleep(0.5)
        else:
            return True
