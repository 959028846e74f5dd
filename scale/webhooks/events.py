"""What a webhook says: who is to be looked at, and how soon. Pure.

An event is only a hint: what is synced is what the API then answers. So the order of events, and one that comes twice,
make no difference; and one that never comes costs the time until the next run of all athletes.
"""

from __future__ import annotations

import hmac
import json
import re
from dataclasses import dataclass
from typing import Any


class ForgedError(Exception):
    """The secret is not ours."""


class MalformedError(Exception):
    """This is no webhook; the text says what is wrong."""


@dataclass(frozen=True)
class Wait:
    """How long to wait for more events of an athlete, in seconds.

    Attributes:
        quiet: Since the last event.
        longest: Since the first event, however many follow.
    """

    quiet: float
    longest: float


AT_ONCE = Wait(0, 0)
SOON = Wait(20, 60)
"""An upload is analysed some seconds later."""
NOISY = Wait(300, 900)
"""Wellness comes in many small pieces a day."""
WAITS = {
    "ACTIVITY_DELETED": AT_ONCE,
    "ACTIVITY_UPDATED": AT_ONCE,
    "ACTIVITY_UPLOADED": SOON,
    "ACTIVITY_ANALYZED": SOON,
    "ACTIVITY_ACHIEVEMENTS": SOON,
    "WELLNESS_UPDATED": NOISY,
    "FITNESS_UPDATED": NOISY,
    "CALENDAR_UPDATED": NOISY,
    "SPORT_SETTINGS_UPDATED": NOISY,
}
"""Other types change nothing that is synced."""


ACTIVITY_ID = re.compile(r"i?\d+")


@dataclass(frozen=True)
class Event:
    """Something happened to an athlete's data; `activity_id` is empty where it is no activity, or not said which."""

    athlete_id: str
    type: str
    activity_id: str = ""

    @property
    def wait(self) -> Wait | None:
        """How long to wait; None for what changes nothing."""
        return WAITS.get(self.type)

    @property
    def is_whole(self) -> bool:
        """Whether the whole history is looked at: something changed, however old, and it is not said what."""
        return self.wait is AT_ONCE and not self.activity_id


def read(body: bytes, secret: str) -> list[Event]:
    """Read the body of a webhook.

    Raises:
        MalformedError: It is none.
        ForgedError: It does not hold the secret.
    """
    try:
        content = json.loads(body)
    except ValueError:
        raise MalformedError("The body is no JSON.") from None
    if not isinstance(content, dict):
        raise MalformedError("The body is no JSON object.")
    given = content.get("secret")
    if not hmac.compare_digest(given.encode() if isinstance(given, str) else b"", secret.encode()):
        raise ForgedError
    events = content.get("events")
    if not isinstance(events, list):
        raise MalformedError("`events` is no list.")
    return [_event(one) for one in events]


def _event(one: Any) -> Event:
    if not isinstance(one, dict) or not isinstance(one.get("athlete_id"), str) or not isinstance(one.get("type"), str):
        raise MalformedError("An event lacks `athlete_id` or `type`.")
    activity = one.get("activity")
    id_ = str(activity.get("id", "")) if isinstance(activity, dict) else ""
    return Event(one["athlete_id"], one["type"], id_ if ACTIVITY_ID.fullmatch(id_) else "")


@dataclass(frozen=True)
class Due:
    """An athlete to be looked at; `number` is that of the last event, and grows with each."""

    athlete_id: str
    is_whole: bool
    number: int


def runs(due: list[Due]) -> list[tuple[str, dict[str, Any]]]:
    """Return the runs of the DAG that these athletes need, as (run id, conf): one, and one for the whole histories.

    The id is made of the events: asked for twice, Airflow makes one run of it.
    """
    found = []
    for is_whole in (False, True):
        some = [one for one in due if one.is_whole is is_whole]
        if some:
            name = f"event__{max(one.number for one in some)}{'_whole' if is_whole else ''}"
            conf = {"athletes": sorted(one.athlete_id for one in some), "whole": is_whole, "event": True}
            found.append((name, conf))
    return found
