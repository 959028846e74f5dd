"""What a webhook says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scale.webhooks import events
from scale.webhooks.events import Due, Event, ForgedError, MalformedError

SECRET = "the-apps-secret"


def body(*found: dict[str, Any], secret: Any = SECRET) -> bytes:
    return json.dumps({"secret": secret, "events": list(found)}).encode()


def test_events_are_read_whatever_else_they_hold() -> None:
    wellness = {
        "athlete_id": "i1",
        "type": "WELLNESS_UPDATED",
        "timestamp": "2026-05-04T16:30:00.000+00:00",
        "records": [{}],
    }
    deleted = {"athlete_id": "i2", "type": "ACTIVITY_DELETED", "activity": {"id": "i14"}}
    assert events.read(body(wellness, deleted), SECRET) == [
        Event("i1", "WELLNESS_UPDATED"),
        Event("i2", "ACTIVITY_DELETED", "i14"),
    ]


@pytest.mark.parametrize(
    ("activity", "named"),
    [({"id": "i14"}, "i14"), ({"id": 14}, "14"), ({"id": "i14,i9/i15"}, ""), ({}, ""), (None, ""), ("i14", "")],
)
def test_activity_that_an_event_names_is_looked_at_and_else_the_whole_history(activity: Any, named: str) -> None:
    (found,) = events.read(body({"athlete_id": "i1", "type": "ACTIVITY_UPDATED", "activity": activity}), SECRET)
    assert (found.activity_id, found.is_whole) == (named, not named)


@pytest.mark.parametrize("secret", ["", "the-apps-secreT", "the-apps-secret ", None, 7, ["the-apps-secret"], "ü"])
def test_other_secret_is_a_forgery(secret: Any) -> None:
    with pytest.raises(ForgedError):
        events.read(body(secret=secret), SECRET)


@pytest.mark.parametrize("given", [b"", b"{", b"[]", b'"x"', b"\xff"])
def test_what_is_no_webhook_is_said_to_be_none(given: bytes) -> None:
    with pytest.raises(MalformedError):
        events.read(given, SECRET)


@pytest.mark.parametrize("one", [{}, {"athlete_id": "i1"}, {"athlete_id": 1, "type": "X"}, "event"])
def test_event_without_athlete_or_type_is_malformed(one: Any) -> None:
    with pytest.raises(MalformedError, match="lacks"):
        events.read(json.dumps({"secret": SECRET, "events": [one]}).encode(), SECRET)


def test_edits_and_deletions_are_looked_at_at_once_and_wellness_when_it_is_quiet() -> None:
    waits = {one: Event("i1", one).wait for one in ("ACTIVITY_DELETED", "WELLNESS_UPDATED", "CHAT_UPDATE")}
    assert waits == {"ACTIVITY_DELETED": events.AT_ONCE, "WELLNESS_UPDATED": events.NOISY, "CHAT_UPDATE": None}


def test_due_athletes_are_one_run_and_those_of_whom_old_days_changed_another() -> None:
    due = [Due("i2", is_whole=False, number=7), Due("i1", is_whole=False, number=9), Due("i3", is_whole=True, number=8)]
    assert events.runs(due) == [
        ("event__9", {"athletes": ["i1", "i2"], "whole": False, "event": True}),
        ("event__8_whole", {"athletes": ["i3"], "whole": True, "event": True}),
    ]
    assert events.runs([]) == []
