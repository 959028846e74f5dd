"""What an answer in the archive is about, and for which state of the activity it holds: pure."""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass
from typing import Any, Protocol

STREAMS = "streams"
"""Kind of the answers of `/activity/{id}/streams`."""

INTERVALS = "intervals"
"""Kind of the intervals that came with an activity, cut out of the answer for many."""


class Version(Protocol):
    """What change detection knows of an activity as it was listed."""

    @property
    def id(self) -> str: ...  # noqa: D102 - as of `Entry`

    @property
    def detail(self) -> str: ...  # noqa: D102

    @property
    def stamp(self) -> str: ...  # noqa: D102


@dataclass(frozen=True)
class Entry:
    """The label of an answer.

    An answer holds for as long as the activity's `detail` (a digest of its stamp, type and start: what decides whether
    its samples are read again) and `stream_types` (the streams that its row names, for a stream that was added without
    a stamp) stay as they are. The other properties only help people to find what they look for.

    Attributes:
        kind: Which request was answered.
        athlete_id: The athlete's own id, never the alias 0.
        activity_id: As in the API.
        detail: See above.
        stream_types: See above; sorted, joined by commas.
        stamp: The latest of the server's stamps (ISO, UTC); without one it can't be told whether an answer still holds.
        type: Such as Ride.
        start_date_local: The athlete's wall clock.
    """

    kind: str
    athlete_id: str
    activity_id: str
    detail: str
    stream_types: str
    stamp: str
    type: str
    start_date_local: str

    @classmethod
    def of(cls, kind: str, athlete_id: str, row: dict[str, Any], listed: Version) -> Entry:
        """Label an answer about an activity, given as the row of a list and what change detection made of it."""
        types = row.get("stream_types")
        return cls(
            kind=kind,
            athlete_id=athlete_id,
            activity_id=listed.id,
            detail=listed.detail,
            stream_types=",".join(sorted(map(str, types))) if isinstance(types, list) else "",
            stamp=listed.stamp,
            type=str(row.get("type") or ""),
            start_date_local=str(row.get("start_date_local") or row.get("start_date") or ""),
        )

    def checksum(self, body: bytes) -> str:
        """Return 32 hexadecimal digits that no other body, activity, athlete or state of the activity has."""
        label = "\0".join(astuple(self)).encode()
        return hashlib.blake2b(label + b"\0" + body, digest_size=16).hexdigest()
