"""Which account is read: the one of the key, or the synthetic athlete of the demo."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import click
import requests

if TYPE_CHECKING:
    from sync.settings import Settings

logger = logging.getLogger("sync")

DEMO_KEY = "sandbox-key"
NO_KEY = (
    "INTERVALS_API_KEY is not set. Put your key into .env (intervals.icu, Settings, Developer Settings) and start "
    "again. To look around without an account: docker compose --profile demo up, or make demo."
)


def with_source(settings: Settings, wait: float = 10) -> Settings:
    """Return the settings, led to the demo's server where there is no key and that server answers.

    Raises:
        click.ClickException: There is neither.
    """
    if settings.has_key:
        return settings
    if not settings.demo_url or not answers(settings.demo_url, wait):
        raise click.ClickException(NO_KEY)
    logger.warning("INTERVALS_API_KEY is not set: showing the demo's synthetic athlete.")
    demo = {"INTERVALS_API_URL": settings.demo_url, "INTERVALS_API_KEY": DEMO_KEY}
    return replace(settings, environment=dict(settings.environment) | demo)


def answers(url: str, wait: float) -> bool:
    """Tell whether a server answers at all within `wait` seconds."""
    deadline = time.monotonic() + wait
    while True:
        try:
            requests.get(url, timeout=2)
        except requests.RequestException:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.5)
        else:
            return True
