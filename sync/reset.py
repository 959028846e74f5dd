"""Start anew: delete what the database holds, and what Meltano knows about past syncs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import click
import requests

from sync.log import reason

if TYPE_CHECKING:
    from sync.child import Meltano

TIMEOUT = 60
YEAR = 52 * 7 * 86_400
"""Shard duration in seconds, as target-influxdb chooses it: with the default of a week, years of history are slow."""


@dataclass(frozen=True)
class Database:
    """A bucket, or on 1.x and 3 a database, or a folder of line protocol; `config` is the loader's."""

    config: dict[str, Any]

    @property
    def url(self) -> str:
        """Address without credentials and trailing slash."""
        parts = urlsplit(str(self.config.get("url", "")))
        return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl().rstrip("/")

    @property
    def folder(self) -> Path | None:
        """The folder of a `file://` address."""
        parts = urlsplit(self.url)
        return Path(unquote(parts.netloc + parts.path)) if parts.scheme == "file" else None

    @property
    def name(self) -> str:
        """What has to be typed to confirm."""
        return self.folder.name if self.folder else str(self.config.get("bucket", ""))

    @cached_property
    def version(self) -> str:
        """First digit of the server's version."""
        answer = self._ask("GET", "/ping")
        version = answer.headers.get("X-Influxdb-Version", "").lstrip("v")[:1]
        if version not in {"1", "2", "3"}:
            raise click.ClickException(
                f"{self.url} does not say that it is an InfluxDB: delete the data there by hand."
            )
        return version

    def recreate(self) -> None:
        """Delete everything, and create it again, empty, with shards of a year.

        Raises:
            click.ClickException: The server can't be reached, or refuses.
        """
        if self.folder:
            for file in self.folder.glob("*.lp.gz"):
                file.unlink()
            return
        {"1": self._recreate1, "2": self._recreate2, "3": self._recreate3}[self.version]()

    def _recreate1(self) -> None:
        database, _, policy = self.name.partition("/")
        name = quoted(database)
        if not policy:
            self._query(f"DROP DATABASE {name}")
            self._query(f"CREATE DATABASE {name} WITH SHARD DURATION 52w")
            return
        duration, shards, default = "INF", "52w", "DEFAULT"
        for old in self._query(f"SHOW RETENTION POLICIES ON {name}"):
            if old["name"] == policy:
                default = "DEFAULT" if old["default"] else ""
                if old["duration"] != "0s":  # what lasts shorter than a year can't have shards of a year
                    duration, shards = old["duration"], old["shardGroupDuration"]
        policy = quoted(policy)
        self._query(f"DROP RETENTION POLICY {policy} ON {name}")
        options = f"DURATION {duration} REPLICATION 1 SHARD DURATION {shards} {default}"
        self._query(f"CREATE RETENTION POLICY {policy} ON {name} {options}")

    def _recreate2(self) -> None:
        org = str(self.config.get("org", ""))
        found = self._ask("GET", "/api/v2/buckets", params={"name": self.name, "org": org}, missing=404).json()
        orgs = self._ask("GET", "/api/v2/orgs", params={"org": org}).json().get("orgs", [])
        if not orgs:
            raise click.ClickException(f"The token sees no organization {org!r}: check INFLUXDB_ORG.")
        rules = [{"type": "expire", "everySeconds": 0, "shardGroupDurationSeconds": YEAR}]
        bucket: dict[str, Any] = {"orgID": orgs[0]["id"], "name": self.name, "retentionRules": rules}
        old = next(iter(found.get("buckets", [])), None)
        if old is None:
            self._ask("POST", "/api/v2/buckets", json=bucket)
            return
        kept = [rule for rule in old.get("retentionRules", []) if rule.get("everySeconds")]
        bucket |= {"description": old.get("description", ""), "retentionRules": kept or rules}
        # The new one first: a token that may not create buckets must not cost the old one.
        new = self._ask("POST", "/api/v2/buckets", json=bucket | {"name": f"{self.name}.new"}).json()
        self._ask("DELETE", f"/api/v2/buckets/{old['id']}")
        self._ask("PATCH", f"/api/v2/buckets/{new['id']}", json={"name": self.name})

    def _recreate3(self) -> None:
        self._ask("DELETE", "/api/v3/configure/database", params={"db": self.name}, missing=404)
        self._ask("POST", "/api/v3/configure/database", json={"db": self.name})

    def _query(self, statement: str) -> list[dict[str, Any]]:
        """Return the rows of the answer; what is not there has none."""
        (result,) = self._ask("POST", "/query", params={"q": statement}).json()["results"]
        if "error" in result and "not found" not in result["error"]:
            raise click.ClickException(f"{self.url} refused: {result['error']}")
        series = result.get("series", [])
        return [dict(zip(one["columns"], row, strict=True)) for one in series for row in one.get("values", [])]

    def _secret(self, name: str) -> str:
        """Return a secret from its setting, or from the file that the setting `..._file` names."""
        path = self.config.get(f"{name}_file")
        text = Path(path).expanduser().read_text(encoding="utf-8") if path else self.config.get(name)
        return str(text or "").strip()

    def _ask(self, method: str, path: str, missing: int = 0, **arguments: Any) -> requests.Response:
        session = requests.Session()
        session.verify = self.config.get("ssl_ca_cert") or self.config.get("verify_ssl", True)
        parts = urlsplit(str(self.config.get("url", "")))
        if user := self.config.get("username") or unquote(parts.username or ""):
            session.auth = (user, self._secret("password") or unquote(parts.password or ""))
        elif token := self._secret("token"):
            session.headers["Authorization"] = f"Token {token}"
        try:
            answer = session.request(method, self.url + path, timeout=TIMEOUT, **arguments)
        except requests.RequestException as error:
            raise click.ClickException(f"{self.url} can't be reached ({type(error).__name__}).") from None
        if not answer.ok and answer.status_code != missing:
            text = " ".join(answer.text.split())[:300]
            raise click.ClickException(f"{self.url} answered {answer.status_code} to {method} {path}: {text}")
        return answer


def quoted(name: str) -> str:
    """Return an InfluxQL identifier."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def database_of(meltano: Meltano, loader: str) -> Database:
    """Return where the loader writes to, as Meltano has it configured."""
    code, text, said = meltano.ask("config", "--unsafe", "print", loader)
    try:
        return Database(json.loads(text))
    except ValueError:
        raise click.ClickException(f"Meltano does not tell its settings (exit code {code}). {reason(said)}") from None


def clear_state(meltano: Meltano, state_id: str) -> None:
    """Let Meltano forget past syncs, so that the next one reads everything."""
    code, _, said = meltano.ask("state", "clear", "--force", state_id)
    if code:
        raise click.ClickException(f"Meltano could not clear its state (exit code {code}). {reason(said)}")
