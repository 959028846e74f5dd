"""Settings, read once into frozen dataclasses; every mistake is named in a sentence of its own."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from singer_sdk.exceptions import ConfigValidationError

from target_influxdb.config.address import read_address
from target_influxdb.lineprotocol.stamps import UNITS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

APIS = ("auto", "v1", "v2", "v3", "victoriametrics")
"""Values of the setting `api`."""
STATE_CHECKS = ("database", "marks", "adopt", "off")
"""Values of the setting `state_check`."""
GLOB = frozenset("*?[")
LIKENESS = 0.8
"""Of 0 to 1: a letter or two are wrong, or an ending."""
RESERVED_TAGS = frozenset({"_field", "_measurement"})


@dataclass(frozen=True)
class StreamMapping:
    """How one stream becomes points. None means the default that README.md describes."""

    name: str | None = None
    time: str | None = None
    time_offset: str | None = None
    time_zone: str = "UTC"
    precision: str | None = None
    tags: tuple[str, ...] | None = None
    fields: tuple[str, ...] | None = None
    exclude: tuple[str, ...] = ()
    integers: tuple[str, ...] = ()
    floats: tuple[str, ...] = ()
    replace: tuple[str, ...] = ()
    replace_time: bool = False
    """`replace: time`: a record replaces the very point it stands for."""


@dataclass(frozen=True)
class Settings:
    """The target's settings. Times in seconds, sizes in bytes."""

    url: str
    token: str = field(default="", repr=False)
    org: str = ""
    bucket: str = ""
    username: str = ""
    password: str = field(default="", repr=False)
    api: str = "auto"
    timeout: float = 30.0
    retry_timeout: float = 300.0
    create_bucket: bool = True
    verify_ssl: bool = True
    ssl_ca_cert: str | None = None
    measurements: tuple[tuple[str, StreamMapping], ...] = ()
    rejects_path: Path | None = None
    batch_lines: int = 5_000
    batch_bytes: int = 4_000_000
    max_series: int = 100_000
    state_check: str = "database"

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Settings:
        """Read and check the plugin's configuration.

        Raises:
            ConfigValidationError: with one sentence per mistake.
        """
        errors: list[str] = []
        url, username, password = read_address(str(config.get("url") or ""), errors)
        path = config.get("rejects_path")
        settings = cls(
            url=url,
            token=_secret(config, "token", errors),
            org=config.get("org") or "",
            bucket=config.get("bucket") or "",
            username=config.get("username") or username,
            password=_secret(config, "password", errors) or password,
            api=config.get("api") or "auto",
            timeout=_number(config, "timeout", 30_000, errors) / 1000,
            retry_timeout=_number(config, "retry_timeout", 300, errors, least=0),
            create_bucket=_unless_null(config.get("create_bucket"), default=True),
            verify_ssl=_unless_null(config.get("verify_ssl"), default=True),
            ssl_ca_cert=config.get("ssl_ca_cert") or None,
            measurements=tuple(_mappings(config.get("measurements") or {}, errors)),
            rejects_path=Path(path).expanduser() if path else None,
            batch_lines=int(_number(config, "batch_lines", 5_000, errors)),
            batch_bytes=int(_number(config, "batch_bytes", 4_000_000, errors)),
            max_series=int(_number(config, "max_series", 100_000, errors)),
            state_check=config.get("state_check") or "database",
        )
        errors += settings._mistakes()
        if errors:
            raise ConfigValidationError("The configuration has mistakes.", errors=errors)
        return settings

    def _mistakes(self) -> Iterator[str]:
        if self.url and not self.is_file and not self.bucket and self.api != "victoriametrics":
            yield "bucket: missing; name the bucket (InfluxDB 2), or the database (InfluxDB 1 and 3)."
        if self.api not in APIS:
            yield f"api: {self.api!r} is none of {', '.join(APIS)}."
        if self.state_check not in STATE_CHECKS:
            yield f"state_check: {self.state_check!r} is none of {', '.join(STATE_CHECKS)}."
        if self.ssl_ca_cert and not Path(self.ssl_ca_cert).is_file():
            yield f"ssl_ca_cert: there is no file {self.ssl_ca_cert!r}."
        if self.rejects_path and self.rejects_path.exists() and not self.rejects_path.is_dir():
            yield f"rejects_path: {str(self.rejects_path)!r} is no folder."

    @property
    def is_file(self) -> bool:
        """Whether points go to a folder, not to a server."""
        return self.url.startswith("file:")

    def mapping_of(self, stream: str) -> StreamMapping:
        """The mapping of a stream: its own, else the first glob that matches, else the defaults."""
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
        """A sentence on names in `measurements` that no stream has, but a stream without mapping nearly; else ""."""
        unused = [name for name, _ in self.measurements if not is_glob(name) and name not in streams]
        plain = [one for one in streams if not any(fnmatchcase(one, glob) for glob, _ in self.measurements)]
        pairs = [(close, one) for one in sorted(plain) for close in get_close_matches(one, unused, 1, LIKENESS)]
        return " ".join(
            f"measurements: no stream is called {close!r}, but {one!r} came without a mapping." for close, one in pairs
        )

    def is_alone(self, stream: str) -> bool:
        """Whether no other stream can write to the measurement of this one, seen in this run or not."""
        named = [glob for glob, mapping in self.measurements if glob != stream and mapping.name == stream]
        return not named and self.mapping_of(stream).name in {None, stream}


def is_glob(name: str) -> bool:
    """Whether a name holds wildcards."""
    return not GLOB.isdisjoint(name)


def _secret(config: Mapping[str, Any], name: str, errors: list[str]) -> str:
    """A secret from its setting or from the file named by `<name>_file`; no message repeats it."""
    path, secret = config.get(f"{name}_file"), config.get(name) or ""
    if path:
        if secret:
            errors.append(f"{name}: set either {name} or {name}_file, not both.")
        try:
            secret = Path(path).expanduser().read_text(encoding="utf-8").strip()
        except (OSError, UnicodeError) as error:
            errors.append(f"{name}_file: can't read {path!r} ({getattr(error, 'strerror', None) or 'no text'}).")
    if not isinstance(secret, str):
        errors.append(f"{name}: must be a text.")
        return ""
    secret = secret.strip("\r\n")  # as files and variables end
    if not secret.isprintable():
        errors.append(f"{name}: has line breaks or other characters that can't be printed.")
    return secret


def _unless_null(value: bool | None, *, default: bool) -> bool:  # noqa: FBT001 - read from JSON
    """A null is no answer: a check must not go off by it."""
    return default if value is None else value


def _number(config: Mapping[str, Any], name: str, default: float, errors: list[str], least: float = 1) -> float:
    value = config.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < least:
        errors.append(f"{name}: {value!r} must be a number of at least {least:g}.")
        return default
    return value


def _mappings(config: object, errors: list[str]) -> Iterator[tuple[str, StreamMapping]]:
    if not isinstance(config, dict):
        errors.append("measurements: must be an object with a mapping per stream.")
        return
    for stream, raw in config.items():
        if not isinstance(raw, dict):
            errors.append(f"measurements.{stream}: must be an object such as {{time: created_at, tags: [id]}}.")
            continue
        before = len(errors)
        errors += (f"measurements.{stream}.{text}" for text in _mapping_mistakes(raw))
        if len(errors) == before:
            given = {key: value for key, value in raw.items() if value is not None}
            values: dict[str, Any] = {
                key: tuple(value) if isinstance(value, list) else value for key, value in given.items()
            }
            if values.get("replace") == "time":
                values |= {"replace": (), "replace_time": True}
            yield stream, StreamMapping(**values)


MAPPING_KEYS = {one.name for one in fields(StreamMapping)} - {"replace_time"}
TEXT_KEYS = ("name", "time", "time_offset", "time_zone", "precision")
LIST_KEYS = ("tags", "fields", "exclude", "integers", "floats", "replace")


def _mapping_mistakes(raw: Mapping[str, Any]) -> Iterator[str]:
    for key in raw.keys() - MAPPING_KEYS:
        yield f"{key}: unknown; known are {', '.join(sorted(MAPPING_KEYS))}."
    for key in TEXT_KEYS:
        if raw.get(key) is not None and (not isinstance(raw[key], str) or not raw[key]):
            yield f"{key}: {raw[key]!r} must be a text."
    for key in LIST_KEYS:
        value = raw.get(key)
        if value is None or (key == "replace" and value == "time"):
            continue
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            hint = " or the word time" if key == "replace" else ""
            yield f"{key}: {value!r} must be a list of property names{hint}."
            return
    if raw.get("precision") not in {None, *UNITS}:
        yield f"precision: {raw['precision']!r} is none of {', '.join(UNITS)}."
    try:
        ZoneInfo(raw.get("time_zone") or "UTC")
    except (ValueError, OSError, TypeError, KeyError):
        yield f"time_zone: {raw.get('time_zone')!r} is no time zone such as Europe/Madrid."
    yield from _tag_mistakes(raw)


def _tag_mistakes(raw: Mapping[str, Any]) -> Iterator[str]:
    tags = raw.get("tags")
    times = {raw.get("time"), raw.get("time_offset")}
    for name in set(raw.get("integers") or ()) & set(raw.get("floats") or ()):
        yield f"floats: {name!r} is also among the integers; choose one."
    for name in times.intersection(raw.get("fields") or ()):
        yield f"fields: {name!r} is also the time; choose one."
    for tag in tags or ():
        if tag in (raw.get("fields") or ()):
            yield f"tags: {tag!r} is also a field; choose one."
        if tag in RESERVED_TAGS:
            yield f"tags: {tag!r} is reserved by InfluxDB."
        if tag in times:
            yield f"tags: {tag!r} is also the time; choose one."
    replace = raw.get("replace")
    if isinstance(replace, list) and tags is not None:
        for name in replace:
            if name not in tags:
                yield f"replace: {name!r} must be one of the tags; points can be deleted by tags and time only."
