"""Settings of the service, from the environment and `.env`; what the environment says wins."""

from __future__ import annotations

import math
import os
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click
from dotenv import dotenv_values

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parent.parent
OURS = ("INTERVALS_", "INFLUXDB_", "SYNC_")
PLUGINS = ("TAP_", "TARGET_")
SECRETS = ("_KEY", "_TOKEN", "_PASSWORD")
DEMO = "demo"
SHORTEST_SECRET = 6
"""Shorter values are not hidden from the log: they would be found in every other word."""


@dataclass(frozen=True)
class Settings:
    """Times are seconds.

    Attributes:
        environment: What Meltano gets: no empty variables of ours, and the contents of `..._FILE` variables.
        directory: Where lock and status are kept.
        interval: From the start of one run to the start of the next.
        requests_a_day: What the API allows, as the tap has it; 0 means no limit.
        jitter: At most so much earlier or later.
        blocks: What follows `meltano run`: extractor and loader.
        stop_seconds: How long a run may take to store what it has after SIGTERM.
        notify_urls: Where apprise sends messages to.
        notify_after: So many failures in a row are worth a message.
        dotenv_time: When `.env` was changed last before it was read.
        demo_url: Server to read while there is no key: the sandbox of compose.yaml's profile `demo`.
        is_demo: Whether that is so. The demo has a bucket, a state and a status of its own.
    """

    environment: Mapping[str, str] = field(repr=False)
    directory: Path
    meltano: str
    blocks: tuple[str, ...] = ("tap-intervals-icu", "target-influxdb")
    interval: float = 900
    requests_a_day: float = 5000
    jitter: float = 30
    stop_seconds: float = 20
    notify_urls: tuple[str, ...] = field(default=(), repr=False)
    notify_after: int = 3
    dotenv_time: float = 0
    demo_url: str = ""
    is_demo: bool = False

    @property
    def extractor(self) -> str:
        """The plugin that reads."""
        return self.blocks[0]

    @property
    def loader(self) -> str:
        """The plugin that writes."""
        return self.blocks[-1]

    @property
    def job(self) -> str:
        """Name of what is run, as in Meltano's state ids."""
        return "-to-".join(self.blocks)

    @property
    def state_id(self) -> str:
        """Name of the state that Meltano keeps."""
        environment = self.environment.get("MELTANO_ENVIRONMENT", "prod")
        return f"{environment}:{self.job}{':' + DEMO if self.is_demo else ''}"

    @property
    def has_key(self) -> bool:
        """Whether there are credentials for Intervals.icu."""
        return has_key(self.environment)

    @property
    def secrets(self) -> frozenset[str]:
        """Values that no log may show."""
        values = {value for name, value in self.environment.items() if name.endswith(SECRETS) and is_ours(name)}
        return frozenset(value for value in {*values, *self.notify_urls} if len(value) >= SHORTEST_SECRET)


def dotenv_time(root: Path) -> float:
    """Return when `.env` was changed last, 0 if there is none."""
    path = root / ".env"
    return path.stat().st_mtime if path.is_file() else 0


def is_ours(name: str) -> bool:
    """Tell whether a variable belongs to this project."""
    return name.startswith((*OURS, *PLUGINS))


def load(environ: Mapping[str, str] = os.environ, root: Path = ROOT) -> Settings:
    """Read the settings.

    Raises:
        click.ClickException: One of them makes no sense.
    """
    root = Path(environ.get("MELTANO_PROJECT_ROOT", root))
    changed = dotenv_time(root)
    given = from_dotenv(root / ".env")
    given |= {name: value for name, value in environ.items() if value or not is_ours(name)}
    values = with_file_contents(given)
    directory = Path(values.get("SYNC_DIRECTORY") or root / ".meltano" / "sync")
    is_demo = bool(values.get("SYNC_DEMO_URL")) and not has_key(values)
    if is_demo:
        directory /= DEMO
        values |= {"INFLUXDB_BUCKET": demo_bucket(values.get("INFLUXDB_BUCKET", ""))}
        values |= {"MELTANO_RUN_STATE_ID_SUFFIX": DEMO}
        values |= {"TAP_INTERVALS_ICU_ARCHIVE_PATH": "off"}  # an invented activity may have the id of a real one
    return Settings(
        environment=values | {"MELTANO_PROJECT_ROOT": str(root)},
        directory=directory,
        meltano=values.get("SYNC_MELTANO") or beside_python("meltano"),
        blocks=plugins(values.get("SYNC_RUN", "")) or Settings.blocks,
        interval=number(values, "SYNC_INTERVAL_MINUTES", 15, least=0.01) * 60,
        requests_a_day=number(values, "TAP_INTERVALS_ICU_REQUESTS_PER_DAY", Settings.requests_a_day),
        jitter=number(values, "SYNC_JITTER_SECONDS", Settings.jitter),
        stop_seconds=number(values, "SYNC_STOP_SECONDS", Settings.stop_seconds),
        notify_urls=tuple(values.get("SYNC_NOTIFY_URLS", "").split()),
        notify_after=int(number(values, "SYNC_NOTIFY_AFTER", Settings.notify_after, least=1)),
        dotenv_time=changed,
        demo_url=values.get("SYNC_DEMO_URL", ""),
        is_demo=is_demo,
    )


def from_dotenv(path: Path) -> dict[str, str]:
    """Return what the file says.

    Raises:
        click.ClickException: It can't be read.
    """
    try:
        return {name: value for name, value in dotenv_values(path).items() if value}
    except OSError as error:
        raise click.ClickException(f"{path} can't be read: {error.strerror}.") from None
    except UnicodeError:
        raise click.ClickException(f"{path} is not plain text: save it again as UTF-8.") from None


def has_key(values: Mapping[str, str]) -> bool:
    """Tell whether there are credentials for Intervals.icu."""
    names = ("INTERVALS_API_KEY", "INTERVALS_CREDENTIALS_PATH")
    of_the_tap = ("API_KEY", "ACCESS_TOKEN", "CREDENTIALS_PATH")
    return any(values.get(name) for name in (*names, *(f"TAP_INTERVALS_ICU_{name}" for name in of_the_tap)))


def demo_bucket(name: str) -> str:
    """Return the name of the demo's bucket, as compose.yaml has it for Grafana; on 1.x the policy stays behind it."""
    bucket, slash, policy = name.partition("/")
    return f"{bucket}_{DEMO}{slash}{policy}"


def with_file_contents(values: Mapping[str, str]) -> dict[str, str]:
    """Replace each `NAME_FILE` of ours by `NAME` with the file's text, as container secrets come.

    The plugins' own variables (TARGET_INFLUXDB_TOKEN_FILE, ...) are left to the plugins.
    """
    result = dict(values)
    for name, path in values.items():
        if not name.startswith(OURS) or not name.endswith("_FILE"):
            continue
        target = name.removesuffix("_FILE")
        if values.get(target):
            raise click.ClickException(f"Both {target} and {name} are set: remove one.")
        try:
            result[target] = Path(path).read_text(encoding="utf-8-sig").strip()  # Windows marks UTF-8
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not text"
            raise click.ClickException(f"{name}: {path} can't be read ({reason}).") from None
        del result[name]
    return result


def plugins(text: str) -> tuple[str, ...]:
    """Return the names of an extractor and a loader, none for an empty text."""
    names = tuple(text.split())
    if names and (len(names) != 2 or not all(re.fullmatch(r"\w[\w-]*", name) for name in names)):  # noqa: PLR2004
        raise click.ClickException(
            f"SYNC_RUN: {text!r} must be two plugins of meltano.yml, an extractor and a loader "
            f"(no job, no option, no third one), such as {' '.join(Settings.blocks)!r}."
        )
    return names


def number(values: Mapping[str, str], name: str, default: float, least: float = 0) -> float:
    """Return a setting as a number."""
    text = values.get(name, "")
    try:
        value = float(text) if text else default
    except ValueError:
        value = least - 1
    if not least <= value < math.inf:
        raise click.ClickException(f"{name}: {text!r} must be a number of at least {least:g}.")
    return value


def beside_python(program: str) -> str:
    """Return the program of this Python's environment, else its bare name, to be found on PATH."""
    path = Path(sys.executable).with_name(program)
    return str(path) if path.exists() else program
