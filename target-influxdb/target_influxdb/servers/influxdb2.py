"""InfluxDB 2: /api/v2 through influxdb-client; what is known is read by InfluxQL."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta, timezone
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from typing_extensions import override

from target_influxdb.lineprotocol.escape import Dialect
from target_influxdb.servers import influxql, marks
from target_influxdb.servers.base import Deletion, parsed
from target_influxdb.servers.contents import InfluxQLServer
from target_influxdb.servers.http import Answer
from target_influxdb.servers.influxdb2_transport import V2Server

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from target_influxdb.config.settings import Settings
    from target_influxdb.servers.http import Http
    from target_influxdb.servers.marks import Mark

T = TypeVar("T")
ALL_TIME = ("1677-09-21T00:12:44Z", "2262-04-11T23:47:16Z")
"""All whole seconds that a server takes."""
YEAR = 52 * 7 * 86_400
NO_RIGHT = re.compile("no dbrp mappings|retention policy not set|insufficient permissions|not executed")
"""What InfluxQL says to a token that may not read the bucket, or not delete in it."""
ID = re.compile("[0-9a-f]{16}")


class InfluxDB2(V2Server, InfluxQLServer):
    """InfluxDB 2.x, and servers that look like it."""

    tag_values_since = ""
    """Time to name when values of tags are asked for."""

    def __init__(self, settings: Settings, http: Http, name: str) -> None:
        super().__init__(settings, http)
        self.name = name
        self._is_new = False
        """This run makes the bucket, so that nothing is in it."""
        self._influxql_deletes = True

    @override
    def log_in(self) -> Answer:
        return self._buckets()

    @override
    def create(self) -> Answer:
        self._is_new = True  # before the requests: while they are on their way the bucket is half there
        answer, bucket = self._new_bucket()
        return self._post("/api/v2/buckets", bucket) if bucket else answer

    def _new_bucket(self) -> tuple[Answer, dict[str, Any]]:
        """Return how the bucket is to be made, {} if its organization can't be read, and what was answered to that."""
        kind = "orgID" if ID.fullmatch(self.settings.org) else "org"  # as a write takes either
        answer = self.http.request("GET", "/api/v2/orgs", query={kind: self.settings.org})
        orgs: Any = parsed(answer).get("orgs")
        if not orgs:
            unseen = Answer(403, f"this token may not read the organization {self.settings.org!r}")
            return unseen if answer.ok else answer, {}
        rule = {"type": "expire", "everySeconds": 0, "shardGroupDurationSeconds": YEAR}
        return answer, {"orgID": orgs[0]["id"], "name": self.settings.bucket, "retentionRules": [rule]}

    @override
    def recreate(self) -> None:
        if "InfluxDB" not in self.name:
            super().recreate()
        found = self._buckets()
        answer, bucket = self._new_bucket()
        if not bucket:
            raise self.refused("GET /api/v2/orgs", answer)
        buckets: Any = parsed(found).get("buckets")
        if not buckets:
            self._manage("POST", "/api/v2/buckets", bucket)
            return
        old = buckets[0]
        kept = [rule for rule in old.get("retentionRules", ()) if rule.get("everySeconds")]
        bucket |= {"description": old.get("description", ""), "retentionRules": kept or bucket["retentionRules"]}
        # The new one first: a token that may not create buckets must not cost the old one.
        new = self._manage("POST", "/api/v2/buckets", bucket | {"name": f"{self.settings.bucket}.new"})
        self._manage("DELETE", f"/api/v2/buckets/{old['id']}")
        self._manage("PATCH", f"/api/v2/buckets/{parsed(new)['id']}", {"name": self.settings.bucket})

    def _manage(self, method: str, path: str, value: object = None, *, missing: int = 0) -> Answer:
        body = None if value is None else json.dumps(value).encode()
        answer = self.http.request(method, path, body=body, headers={"Content-Type": "application/json"})
        if not answer.done and answer.status != missing:
            raise self.refused(f"{method} {path}", answer)
        return answer

    def _post(self, path: str, value: object, query: dict[str, str] | None = None) -> Answer:
        headers = {"Content-Type": "application/json"}
        return self.http.request("POST", path, query=query, body=json.dumps(value).encode(), headers=headers)

    @override
    def known_tags(self, measurement: str, tag: str) -> set[str] | None:
        statement = influxql.ask_tag_values(measurement, tag, since=self.tag_values_since)
        nothing: set[str] = set()
        return self._known(lambda: influxql.tag_values(self._query(statement)), nothing)

    @override
    def known_times(self, measurement: str) -> tuple[int, int] | None:
        return self._known(
            lambda: influxql.time_range(lambda order: self._query(influxql.ask_time(measurement, order)))[1], (1, 0)
        )

    @override
    def measurements(self) -> set[str] | None:
        nothing: set[str] = set()
        return self._known(lambda: influxql.first_column(self._query("SHOW MEASUREMENTS")), nothing)

    @override
    def holds(self, measurement: str, tags: Mapping[str, str]) -> bool | None:
        statement = self._ask_any(measurement, tags)
        return self._known(lambda: influxql.any_series(self._query(statement)), nothing=False)

    def _ask_any(self, measurement: str, tags: Mapping[str, str]) -> str:
        return influxql.ask_any(measurement, tags)

    @override
    def _marks(self, statement: str) -> list[Mark] | None:
        nothing: list[Mark] = []
        return self._known(lambda: marks.read(self._query(statement)), nothing)

    def _known(self, ask: Callable[[], T | None], nothing: T) -> T | None:
        """Return what InfluxQL tells: `nothing` where the bucket is not there yet, None where it may not be read."""
        known = ask()
        if known is None:
            return nothing if self._is_missing() or self._is_new else ask()  # another run may have created it just now
        return known

    @override
    def _query(self, statement: str) -> Answer:
        return influxql.query(self.http, statement, self.settings.bucket)

    @override
    def _is_missing(self) -> bool:
        """Tell whether the bucket is not there yet: a query fails alike where it may not be read, a write does not."""
        return self.client.write(b"", "s", None).status == HTTPStatus.NOT_FOUND

    @override
    def delete(self, deletions: Sequence[Deletion]) -> Answer:
        refused = None
        for deletion in deletions[self._deleted_at_once(deletions) :]:  # a predicate knows AND only
            answer = self._delete(deletion)
            if answer.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
                refused = answer  # one kind may be allowed and the other not
            elif not answer.done:
                return answer
        return refused or Answer(204)

    def _deleted_at_once(self, deletions: Sequence[Deletion]) -> int:
        """Delete the first ones by InfluxQL, which knows OR: for each predicate the server looks through all it holds.

        Returns:
            their number, 0 for a token that may not read as well, or a bucket that InfluxQL does not know.
        """
        done = 0
        while len(deletions) - done > 1 and self._influxql_deletes:
            part = deletions[done : done + influxql.MOST_DELETIONS]
            self._influxql_deletes = self._query(influxql.delete_statements(part)).ok
            done += len(part) * self._influxql_deletes
        return done

    def _delete(self, deletion: Deletion) -> Answer:
        if all(value for _, value in deletion.tags):
            query = {"org": self.settings.org, "bucket": self.settings.bucket}
            return self._post("/api/v2/delete", request_of(deletion), query)
        # A predicate finds no points by a tag that they lack; InfluxQL does, where the token may read, too.
        answer = self._query(influxql.delete_statement(deletion))
        is_refused = answer.status == HTTPStatus.BAD_REQUEST and NO_RIGHT.search(answer.text)
        # InfluxQL knows buckets by name alone, not by id, and none with a slash.
        is_hidden = answer.status == HTTPStatus.NOT_FOUND and not self._is_missing() and not self._is_new
        return Answer(403, answer.text) if is_refused or is_hidden else answer

    @override
    def retention(self) -> int | None:
        buckets: Any = parsed(self._buckets()).get("buckets")
        rules = buckets[0].get("retentionRules", ()) if buckets else ()
        return next((rule["everySeconds"] * 10**9 for rule in rules if rule.get("everySeconds")), None)

    def _buckets(self) -> Answer:
        query = {"org": self.settings.org, "name": self.settings.bucket}
        return self.http.request("GET", "/api/v2/buckets", query=query)

    @override
    def advice(self, answer: Answer) -> str:
        if answer.status == HTTPStatus.NOT_FOUND:
            return f"check url, org {self.settings.org!r} and bucket {self.settings.bucket!r}"
        return super().advice(answer)


def request_of(deletion: Deletion) -> dict[str, str]:
    """Return the body of /api/v2/delete. Both times are required, and both belong to the range."""
    conditions = [("_measurement", deletion.measurement), *deletion.tags]
    # Quoted, any name will do; bare, some are words of the language.
    predicate = " AND ".join(f"{_text(key)}={_text(value)}" for key, value in conditions)
    if deletion.first is None or deletion.last is None:
        start, stop = ALL_TIME
    else:
        start, stop = _moment(deletion.first), _moment(deletion.last)
    return {"start": start, "stop": stop, "predicate": predicate}


def _text(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _moment(time: int) -> str:
    moment = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=time // 10**9)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{time % 10**9:09d}Z"


class InfluxDB3(InfluxDB2):
    """InfluxDB 3 through its v2-compatible write; the first write creates the database."""

    dialect = Dialect(halves_backslashes=True)
    cannot_delete = (
        "InfluxDB 3 Core cannot delete rows: points that a record replaces or a tombstone names stay in the database,"
        " and a field that a record has no more keeps its old value"
    )
    tag_values_since = ALL_TIME[0]  # without a time it answers for the last 24 hours
    most_columns = 500

    @override
    def log_in(self) -> Answer:
        return self.http.request("GET", "/api/v3/configure/database", query={"format": "json"})

    @override
    def create(self) -> None:  # type: ignore[override] # nothing to ask for
        return None

    @override
    def recreate(self) -> None:
        name = {"db": self.settings.bucket}
        self._manage("DELETE", f"/api/v3/configure/database?{urlencode(name)}", missing=404)
        self._manage("POST", "/api/v3/configure/database", name)

    @override
    def _ask_any(self, measurement: str, tags: Mapping[str, str]) -> str:
        where = " AND ".join(f"{influxql.identifier(tag)} = {influxql.text(value)}" for tag, value in tags.items())
        return f"SELECT * FROM {influxql.source(measurement, '')} WHERE {where} LIMIT 1"  # noqa: S608 - quoted

    @override
    def retention(self) -> None:
        return None

    @override
    def columns(self, measurement: str) -> set[str] | None:
        return influxql.first_column(self._query(influxql.ask_columns(measurement)))

    @override
    def advice_for(self, reason: str) -> str:
        if "databases" in reason and "limit" in reason:
            return (
                f"there is no room for {self.settings.bucket!r}: name a database that is there as bucket, or delete one"
            )
        return super().advice_for(reason)
