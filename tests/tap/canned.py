"""An API that answers what a test writes down: no account behind it, any JSON in any place."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import responses

from tests.tap.scene import catalog, run_tap

if TYPE_CHECKING:
    from tests.tap.tables import Record

URL = "https://intervals.example"
ATHLETE = "i900001"
NOW = "Sun, 22 Nov 2026 20:00:00 GMT"
HEADERS = {"Date": NOW}


@dataclass
class Answers:
    """What the API answers: lists by name; streams, and intervals besides those in the rows, by activity.

    Rows may be anything. Those of `activities` and `wellness` are listed whatever range is asked for.
    """

    profile: Record = field(default_factory=dict)
    wellness: list[Any] = field(default_factory=list)
    activities: list[Any] = field(default_factory=list)
    streams: dict[str, Any] = field(default_factory=dict)
    curves: dict[str, Any] = field(default_factory=dict)
    """Whole answers by the name of the curves' stream and sport, such as `power_curves/Ride`; or a status.

    Those of single activities go by `activity_power_curves/Ride` and `activity_pace_curves/Run`.
    """
    lists: dict[str, list[Any]] = field(default_factory=dict)
    """The other lists by the end of their path, such as `gear`."""

    def __call__(self, request: Any) -> tuple[int, dict[str, str], str]:
        """Answer a request, as `responses` wants it."""
        address = urlsplit(request.url)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        answer = self._answer(address.path.removeprefix("/api/v1/").split("/"), query)
        if isinstance(answer, int):
            return answer, HEADERS, "{}"
        return 200, HEADERS, json.dumps(answer)  # with bare NaN

    def _answer(self, parts: list[str], query: dict[str, str]) -> Any:  # noqa: PLR0911 - one a route
        match parts:
            case ["athlete", _]:
                return {"id": ATHLETE, "timezone": "Europe/Berlin"} | self.profile
            case ["athlete", _, "activities", ids]:
                return [row for row in rows(self.activities) if str(row.get("id")) in ids.split(",")]
            case ["athlete", _, ("wellness" | "activities") as name]:
                return [picked(row, query.get("fields")) for row in getattr(self, name)]
            case ["athlete", _, name] if name.endswith("-curves"):
                return self.curves.get(f"{name.replace('-', '_')}/{query['type']}", {"list": []})
            case ["athlete", _, name]:
                return self.lists.get(name, [])
            case ["activity", id_, "streams"]:
                return self.streams.get(id_, 404)
            case ["activity", id_]:
                return next((row for row in rows(self.activities) if str(row.get("id")) == id_), 404)
        return 404

    def sync(self, layout: str, streams: tuple[str, ...], state: Record | None = None) -> tuple[list[Record], str, str]:
        """Run the tap; see `run_tap`."""
        config = {
            "api_url": URL,
            "api_key": "a-key",
            "requests_per_second": 0,
            "activity_streams_layout": layout,
        }
        with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
            mock.add_callback("GET", re.compile(f"{URL}/.*"), self)
            return run_tap(config, catalog(config, streams), state or {})


def rows(values: list[Any]) -> list[Record]:
    """The objects of a list."""
    return [value for value in values if isinstance(value, dict)]


def picked(row: Any, fields: str | None) -> Any:
    """A row as the API gives it with `fields`: these keys, nulls dropped."""
    if fields is None or not isinstance(row, dict):
        return row
    return {name: row[name] for name in fields.split(",") if row.get(name) is not None}


def records(messages: list[Record], stream: str) -> list[Record]:
    """The records of a stream, in order."""
    return [one["record"] for one in messages if one["type"] == "RECORD" and one["stream"] == stream]
