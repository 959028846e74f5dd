"""What the writer needs of a server; one small class per kind implements it."""

from __future__ import annotations

import abc
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from target_influxdb.errors import TargetError
from target_influxdb.lineprotocol.escape import Dialect
from target_influxdb.servers.gzipped import gzipped
from target_influxdb.servers.http import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from target_influxdb.config.settings import Settings
    from target_influxdb.servers.http import Http
    from target_influxdb.servers.marks import Mark

Tags = tuple[str, ...]


@dataclass(frozen=True)
class Deletion:
    """Points to delete: those with all of these tags, in all of time or from `first` to `last` (ns, inclusive).

    The value "" means points that lack the tag.
    """

    measurement: str
    tags: tuple[tuple[str, str], ...]
    first: int | None = None
    last: int | None = None
    fields: frozenset[str] = frozenset()
    """For servers that keep each field by itself: fields that are known, how others may begin, other measurements."""
    beginnings: frozenset[str] = frozenset({""})
    others: frozenset[str] = frozenset()

    @property
    def timed(self) -> bool:
        """Whether only a part of the time is meant."""
        return self.first is not None

    @override
    def __str__(self) -> str:
        tags = ", ".join(f"{tag} {value!r}" for tag, value in self.tags)
        return f"{self.measurement!r}" + (f" with {tags}" if tags else "")


class Server(abc.ABC):
    """A place that takes line protocol."""

    name: str
    """Shown in logs."""
    dialect = Dialect()
    """How lines must be for it."""
    cannot_delete = ""
    """What can be deleted: "" everything; else a sentence that says what can't."""
    cannot_delete_times = ""
    deletes_more = ""
    """What else goes with what is deleted, "" for nothing."""
    joins_names = False
    """Names of measurements come with that of a field: `<measurement>_<field>`."""
    most_columns: int | None = None
    """Most columns of a measurement (tags, fields and the time); None for any number."""
    ahead: int | None = None
    """How far ahead of now points may lie, in nanoseconds; None for any."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @abc.abstractmethod
    def write(self, body: bytes, precision: str) -> Answer:
        """Send lines; answers other than 204 mean that some or all may be missing."""

    def sync(self) -> None:  # noqa: B027 - most servers have nothing to do
        """Make durable what was written."""

    def log_in(self) -> Answer:
        """Ask for something that whoever may write may ask for; 401 means that the credentials are wrong."""
        return Answer(204)

    def create(self) -> Answer | None:
        """Create the bucket or database; None where that is not possible or not needed."""
        return None

    def recreate(self) -> None:
        """Delete the bucket or database with all that is in it, and create it anew.

        Raises:
            TargetError: that is not possible, or the server refuses.
        """
        raise TargetError(f"{self.settings.url} does not say that it is an InfluxDB: delete the data there by hand.")

    def known_tags(self, measurement: str, tag: str) -> set[str] | None:
        """Return the values that a tag has in the database; None if that can't be read."""
        del measurement, tag
        return None

    def known_times(self, measurement: str) -> tuple[int, int] | None:
        """Return first and last time (ns) of a measurement, (1, 0) if it is empty; None if that can't be read."""
        del measurement
        return None

    def measurements(self) -> set[str] | None:
        """Return the names of the measurements that have points; None if they can't be read."""
        return None

    def holds(self, measurement: str, tags: Mapping[str, str]) -> bool | None:
        """Tell whether there is any point with all of some tags (one at least); None if that can't be read."""
        del measurement, tags
        return None

    def tag_keys(self, measurement: str) -> Tags:
        """Return the names of the tags of a measurement."""
        raise NotImplementedError

    def rows(self, measurement: str, tags: Tags, fields: Tags) -> Mapping[Tags, Sequence[Sequence[Any]]]:
        """Return time (ns) and values of some fields of all points, by the values of these tags; none if it can't."""
        raise NotImplementedError

    def counts(self, measurement: str, tags: Tags) -> Mapping[Tags, int]:
        """Return how many values the fullest field has, by the values of these tags."""
        raise NotImplementedError

    def marks(self, since: int, numbers: Sequence[int] = ()) -> list[Mark] | None:
        """Return the marks since a time (ns), of these numbers at least; None if they can't be read."""
        del since, numbers
        return None

    def last_marks(self) -> list[Mark] | None:
        """Return the last mark of each bookmark, or more; None if they can't be read."""
        return self.marks(0)

    def columns(self, measurement: str) -> set[str] | None:
        """Return the names of the fields of a measurement in the database; None if that can't be read."""
        del measurement
        return None

    def delete(self, deletions: Sequence[Deletion]) -> Answer:
        """Delete points; done if the answer is 2xx."""
        raise NotImplementedError

    def retention(self) -> int | None:
        """Return how long points are kept, in nanoseconds; None for ever or unknown."""
        return None

    def advice(self, answer: Answer) -> str:
        """Return what to do about a refusal that repeats (401, 403, 404, ...)."""
        return {
            401: "check token, or username and password",
            403: f"the account may not write to bucket {self.settings.bucket!r}: grant it write access",
            404: f"check url and bucket {self.settings.bucket!r}",
            405: "check url",
        }.get(answer.status, "check url and api")

    def advice_for(self, reason: str) -> str:
        """Return what to do about a refusal whose reason is about no line."""
        del reason
        return "check url, api, org and bucket"

    def close(self) -> None:  # noqa: B027 - most servers have nothing to do
        """Free connections."""


class HttpServer(Server):
    """A server behind HTTP."""

    def __init__(self, settings: Settings, http: Http) -> None:
        super().__init__(settings)
        self.http = http

    def packed(self, body: bytes) -> tuple[bytes, dict[str, str]]:
        """Return the body as it travels: compressed unless the server is on this machine."""
        if self.http.is_near:
            return body, {}
        return gzipped(body), {"Content-Encoding": "gzip"}

    def refused(self, what: str, answer: Answer) -> TargetError:
        """Return the error that names what a server refuses."""
        text = answer.brief().removeprefix(f"{answer.status}").strip()
        return TargetError(f"{self.settings.url} answered {answer.status} to {what}: {text}")

    @override
    def close(self) -> None:
        self.http.close()


def parsed(answer: Answer) -> Mapping[str, object]:
    """Return a JSON object from an answer, {} if it is none."""
    try:
        value = json.loads(answer.text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
