"""Messages about what fails and what works again, through apprise where it is installed."""

from __future__ import annotations

import logging
import re
from importlib import import_module
from typing import TYPE_CHECKING

import click

from sync.interval import in_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sync.status import Status

logger = logging.getLogger("sync")

TITLE = "Intervals.icu sync"
INTERVAL = "interval"
"""Told of under this name; an athlete under the own id."""


def message(status: Status, after: int) -> tuple[str, str] | None:
    """Return title and text worth sending after a run, None if there is nothing new to say.

    `status` counts the run already, save that `is_reported` and `reported` still tell of the time before. Another error
    than the reported one is told when as many runs more have failed; numbers, such as times, make none another.
    """
    error, reported = (re.sub(r"\d+", "", text) for text in (status.error, status.reported))
    is_news = not status.is_reported or (status.failures % after == 0 and error != reported)
    if not status.failures and status.is_reported:
        return f"{TITLE} works again", "The last run succeeded and brought what was missing."
    if status.failures >= after and is_news:
        return f"{TITLE} fails", f"{status.failures} runs in a row have failed. {status.error}".strip()
    return None


def other_messages(status: Status, after: int, wanted: float) -> Iterator[tuple[str, str]]:
    """Yield what to tell of runs that do not fail as a whole, by its name: what began, or what is over again.

    `wanted` is the configured interval in seconds. What was told stands in `status.told`.
    """
    for athlete_id, failures in status.athletes.items():
        if failures >= after and athlete_id not in status.told:
            reason = status.reasons.get(athlete_id, "")
            yield (
                athlete_id,
                f"Athlete {athlete_id} failed in {failures} run(s) in a row; the others are up to date. {reason}",
            )
    if status.interval and INTERVAL not in status.told:
        yield INTERVAL, longer(status.interval, wanted)
    for name in status.told:
        if name == INTERVAL and not status.interval:
            yield name, f"Syncing every {in_words(wanted)} again: the day's requests last."
        elif name != INTERVAL and name not in status.athletes:
            yield name, f"Athlete {name} is synced again."


def longer(interval: float, wanted: float) -> str:
    """Return why the interval is longer than the configured one."""
    return (
        f"The requests that Intervals.icu allows in a day do not last for a sync every {in_words(wanted)}: "
        f"syncing every {in_words(interval)}."
    )


def check(urls: Sequence[str]) -> None:
    """Make sure that messages can be sent, before the first one is due.

    Raises:
        click.ClickException: apprise is missing, or does not understand an address.
    """
    if not urls:
        return
    try:
        apprise = import_module("apprise")
    except ImportError:
        hint = "Messages need apprise: pip install -r requirements-notify.txt"
        raise click.ClickException(f"SYNC_NOTIFY_URLS: {hint}") from None
    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # it would say the same in other words
    for position, url in enumerate(urls, 1):
        if not apprise.Apprise().add(url):
            raise click.ClickException(f"SYNC_NOTIFY_URLS: apprise does not understand address {position}.")


def send(urls: Sequence[str], title: str, text: str) -> bool:
    """Send a message to all addresses; tell whether it went out. Failing to is no reason to stop syncing."""
    apprise = import_module("apprise")
    sender = apprise.Apprise()
    for url in urls:
        sender.add(url)
    sent = bool(sender.notify(title=title, body=text))
    if sent:
        logger.info("Message sent: %s.", title)
    else:
        logger.warning("A message could not be sent: %s.", title)
    return sent
