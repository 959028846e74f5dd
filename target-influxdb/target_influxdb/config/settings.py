"""The settings: one declaration, read once; every mistake is named in a sentence of its own."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from singer_sdk.exceptions import ConfigValidationError

from target_influxdb.config.address import read_address
from target_influxdb.config.declared import read, setting
from target_influxdb.config.measurements import SCHEMA, StreamMapping, is_glob, mappings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

APIS = ("auto", "v1", "v2", "v3", "victoriametrics")
STATE_CHECKS = ("database", "marks", "adopt", "off")
LIKENESS = 0.8
"""Of 0 to 1: a letter or two are wrong, or an ending."""


@dataclass(frozen=True)
class Settings:
    """The target's settings, in the units in which they are given."""

    url: str = setting(
        "http://localhost:8086",
        "Address of the server, or file:///folder for gzipped line protocol files.",
        "Address",
    )
    bucket: str = setting(
        "", "Bucket (InfluxDB 2) or database (InfluxDB 1: `database` or `database/policy`; InfluxDB 3).", "Bucket"
    )
    org: str = setting("", "Organization (InfluxDB 2).", "Organization")
    token: str = setting(
        "",
        "API token. The right to write is enough; to replace points it must delete and should read.",
        "Token",
        is_secret=True,
    )
    username: str = setting("", "User name (InfluxDB 1).", "User")
    password: str = setting("", "Password (InfluxDB 1).", "Password", is_secret=True)
    measurements: tuple[tuple[str, StreamMapping], ...] = setting(
        (),
        "How streams become points: an object per stream name or wildcard. None is needed.",
        "Measurements",
        schema=SCHEMA,
    )
    rejects_path: Path | None = setting(
        None, "Folder for lines that the server refuses; without it such lines fail the run.", "Folder for rejects"
    )
    timeout: int = setting(30_000, "Time limit of a request, in milliseconds.", "Timeout")
    retry_timeout: int = setting(
        300, "How long a request is repeated while the server is away or busy, in seconds.", "Retry limit", least=0
    )
    create_bucket: bool = setting(
        default=True,
        description="Create a missing bucket or database, with a shard duration of a year.",
        title="Create bucket",
    )
    ssl_ca_cert: str | None = setting(None, "File with the certificate to trust.", "CA certificate")
    verify_ssl: bool = setting(
        default=True,
        description="Check the server's certificate; false is unsafe and warned of.",
        title="Verify TLS",
    )
    api: str = setting("auto", "Kind of server; auto asks it.", "API", choices=APIS)
    batch_lines: int = setting(5_000, "Most lines in a request.", "Lines per request")
    batch_bytes: int = setting(4_000_000, "Most bytes in a request, before compression.", "Bytes per request")
    max_series: int = setting(
        100_000,
        "Most different series (tag sets) in a run; beyond it a tag is not what it should be.",
        "Most series",
    )
    state_check: str = setting(
        "database",
        "How to notice another database than the state speaks of; see *Another database*.",
        "Check of the state",
        choices=STATE_CHECKS,
    )

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Settings:
        """Read and check the plugin's configuration.

        Raises:
            ConfigValidationError: with one sentence per mistake.
        """
        errors: list[str] = []
        values = read(cls, config, errors)
        values["url"], username, password = read_address(str(config.get("url") or ""), errors)
        values["username"] = values["username"] or username
        values["password"] = values["password"] or password
        values["measurements"] = tuple(mappings(config.get("measurements") or {}, errors))
        settings = cls(**values)
        errors += settings._mistakes()
        if errors:
            raise ConfigValidationError("The configuration has mistakes.", errors=errors)
        return settings

    def _mistakes(self) -> Iterator[str]:
        if self.url and not self.is_file and not self.bucket and self.api != "victoriametrics":
            yield "bucket: missing; name the bucket (InfluxDB 2), or the database (InfluxDB 1 and 3)."
        if self.ssl_ca_cert and not Path(self.ssl_ca_cert).is_file():
            yield f"ssl_ca_cert: there is no file {self.ssl_ca_cert!r}."
        if self.rejects_path and self.rejects_path.exists() and not self.rejects_path.is_dir():
            yield f"rejects_path: {str(self.rejects_path)!r} is no folder."

    @property
    def is_file(self) -> bool:
        """Whether points go to a folder, not to a server."""
        return self.url.startswith("file:")

    def mapping_of(self, stream: str) -> StreamMapping:
        """Return the mapping of a stream: its own, else the first glob that matches, else the defaults."""
        named = dict(self.measurements)
        if stream in named:
            return named[stream]
        matching = (mapping for glob, mapping in self.measurements if fnmatchcase(stream, glob))
        return next(matching, StreamMapping())

    @property
    def measurement_names(self) -> set[str]:
        """The measurements that the settings name, and the streams that they name without one."""
        return {mapping.name or name for name, mapping in self.measurements if mapping.name or not is_glob(name)}

    def misspelt(self, streams: Collection[str]) -> str:
        """Return a sentence on names that no stream has, but a stream without mapping nearly; else ""."""
        unused = [name for name, _ in self.measurements if not is_glob(name) and name not in streams]
        plain = [one for one in streams if not any(fnmatchcase(one, glob) for glob, _ in self.measurements)]
        pairs = [(close, one) for one in sorted(plain) for close in get_close_matches(one, unused, 1, LIKENESS)]
        return " ".join(
            f"measurements: no stream is called {close!r}, but {one!r} came without a mapping." for close, one in pairs
        )

    def is_alone(self, stream: str) -> bool:
        """Tell whether no other stream can write to the measurement of this one, seen in this run or not."""
        named = [glob for glob, mapping in self.measurements if glob != stream and mapping.name == stream]
        return not named and self.mapping_of(stream).name in {None, stream}
