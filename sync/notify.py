"""Messages about repeated failure and about recovery, through apprise where it is installed."""

from __future__ import annotations

import logging
import re
from importlib import import_module
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync.status import Status

logger = logging.getLogger("sync")


def message(status: Status, after: int) -> tuple[str, str] | None:
    """Return title and text worth sending after a run, None if there is nothing new to say.

    `status` counts the run already, save that `is_reported` and `reported` still tell of the time before. Another error
    than the reported one is told when as many runs more have failed; figures, such as times, make none another.
    """
    error, reported = (re.sub(r"\d+", "", text) for text in (status.error, status.reported))
    is_news = not status.is_reported or (status.failures % after == 0 and error != reported)
    if not status.failures and status.is_reported:
        return "Intervals.icu sync works again", "The last run succeeded; what was missing has been made up for."
    if status.failures >= after and is_news:
        return "Intervals.icu sync fails", f"{status.failures} runs in a row have failed. {status.error}".strip()
    return None


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
