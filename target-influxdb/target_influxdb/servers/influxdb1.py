"""InfluxDB 1: /write (all versions) or the /api/v2/write of 1.8 and later; the rest is InfluxQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typing_extensions import override

from target_influxdb.servers import influxql, marks
from target_influxdb.servers.contents import InfluxQLServer
from target_influxdb.servers.http import Answer
from target_influxdb.servers.influxdb2_transport import V2Server

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from target_influxdb.config.settings import Settings
    from target_influxdb.servers.base import Deletion
    from target_influxdb.servers.http import Http
    from target_influxdb.servers.marks import Mark

PRECISIONS = {"us": "u", "ns": "n"}
"""Names that differ from ours: v1 takes `us` for nanoseconds, in silence."""


class InfluxDB1(InfluxQLServer):
    """InfluxDB 1.x through /write. `bucket` is `database` or `database/retention policy`."""

    def __init__(self, settings: Settings, http: Http, version: str) -> None:
        super().__init__(settings, http)
        http.prefers_user = True
        self.name = f"InfluxDB {version}"
        self.database, _, self.policy = settings.bucket.partition("/")
        if self.policy:
            self.deletes_more = (
                f"InfluxDB 1 deletes in all retention policies of {self.database!r}, not in {self.policy!r} alone"
            )

    @override
    def write(self, body: bytes, precision: str) -> Answer:
        body, headers = self.packed(body)
        query = {"db": self.database, "precision": PRECISIONS.get(precision, precision)}
        if self.policy:
            query["rp"] = self.policy
        return influxql.with_missing_policy(
            self.http.request("POST", "/write", query=query, body=body, headers=headers)
        )

    @override
    def log_in(self) -> Answer:
        return influxql.query(self.http, "SHOW DATABASES")

    @override
    def create(self) -> Answer:
        name = f" NAME {influxql.identifier(self.policy)}" if self.policy else ""
        database = influxql.identifier(self.database)
        return influxql.query(self.http, f"CREATE DATABASE {database} WITH SHARD DURATION 52w{name}")

    @override
    def recreate(self) -> None:
        database = influxql.identifier(self.database)
        if not self.policy:
            self._manage(f"DROP DATABASE {database}")
            self._manage(f"CREATE DATABASE {database} WITH SHARD DURATION 52w")
            return
        duration, shards, default = "INF", "52w", "DEFAULT"
        for old in self._policies():
            if old["name"] == self.policy:
                default = "DEFAULT" if old["default"] else ""
                if old["duration"] != "0s":  # what lasts shorter than a year can't have shards of a year
                    duration, shards = old["duration"], old["shardGroupDuration"]
        policy = f"{influxql.identifier(self.policy)} ON {database}"
        self._manage(f"DROP RETENTION POLICY {policy}")
        self._manage(
            f"CREATE RETENTION POLICY {policy} DURATION {duration} REPLICATION 1 SHARD DURATION {shards} {default}"
        )

    def _manage(self, statement: str) -> None:
        answer = influxql.query(self.http, statement)
        if not answer.ok and "not found" not in answer.text:
            raise self.refused(statement, answer)

    @override
    def known_tags(self, measurement: str, tag: str) -> set[str] | None:
        answer = self._query(influxql.ask_tag_values(measurement, tag, self.policy))
        return set() if influxql.is_missing(answer) else influxql.tag_values(answer)

    @override
    def known_times(self, measurement: str) -> tuple[int, int] | None:
        answer, known = influxql.time_range(
            lambda order: self._query(influxql.ask_time(measurement, order, self.policy))
        )
        return (1, 0) if influxql.is_missing(answer) else known

    @override
    def measurements(self) -> set[str] | None:
        answer = self._query("SHOW MEASUREMENTS")
        return set() if influxql.is_missing(answer) else influxql.first_column(answer)

    @override
    def holds(self, measurement: str, tags: Mapping[str, str]) -> bool | None:
        answer = self._query(influxql.ask_any(measurement, tags, self.policy))
        return False if influxql.is_missing(answer) else influxql.any_series(answer)

    @override
    def _marks(self, statement: str) -> list[Mark] | None:
        answer = self._query(statement)
        return [] if influxql.is_missing(answer) else marks.read(answer)

    @override
    def _query(self, statement: str) -> Answer:
        return influxql.query(self.http, statement, self.database)

    @override
    def delete(self, deletions: Sequence[Deletion]) -> Answer:
        for start in range(0, len(deletions), influxql.MOST_DELETIONS):
            part = deletions[start : start + influxql.MOST_DELETIONS]
            if self._query(influxql.delete_statements(part)).ok:
                continue
            for deletion in part:  # of several statements no server says which one failed, and why
                answer = self._query(influxql.delete_statement(deletion))
                if not answer.ok:
                    return answer
        return Answer(204)

    @override
    def retention(self) -> int | None:
        for one in self._policies():
            if one["name"] == self.policy or (not self.policy and one["default"]):
                return influxql.duration(one["duration"]) or None
        return None

    def _policies(self) -> Iterator[dict[str, Any]]:
        """Yield the database's retention policies, as far as they may be read."""
        answer = influxql.query(self.http, f"SHOW RETENTION POLICIES ON {influxql.identifier(self.database)}")
        for series in influxql.series_of(answer) if answer.ok else ():
            yield from (dict(zip(series["columns"], row, strict=True)) for row in series.get("values", ()))


class InfluxDB18(V2Server, InfluxDB1):
    """InfluxDB 1.8 to 1.12 through its /api/v2/write."""

    @override
    def write(self, body: bytes, precision: str) -> Answer:
        return influxql.with_missing_policy(super().write(body, precision))
