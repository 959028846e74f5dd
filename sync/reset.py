"""Start anew: let the loader delete what the database holds, and Meltano forget what it knows about past syncs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import click

from sync.log import reason

if TYPE_CHECKING:
    from sync.meltano_process import Meltano

LOADER = "target-influxdb"


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


def database_of(meltano: Meltano, loader: str) -> Database:
    """Return where the loader writes to, as Meltano has it configured.

    Raises:
        click.ClickException: Meltano does not tell, or the loader is none that can delete.
    """
    if not loader.startswith(LOADER):
        raise click.ClickException(f"reset deletes what {LOADER} wrote; SYNC_RUN names {loader}: nothing was deleted.")
    code, text, said = meltano.ask("config", "--unsafe", "print", loader)
    try:
        return Database(json.loads(text))
    except ValueError:
        raise click.ClickException(f"Meltano could not read its settings (exit code {code}). {reason(said)}") from None


def clear_state(meltano: Meltano, state_id: str) -> None:
    """Let Meltano forget past syncs, so that the next one reads everything."""
    code, _, said = meltano.ask("state", "clear", "--force", state_id)
    if code:
        raise click.ClickException(f"Meltano could not clear its state (exit code {code}). {reason(said)}")


def empty(meltano: Meltano, loader: str) -> None:
    """Let the loader delete all that its database holds, and make it anew.

    Raises:
        click.ClickException: It could not; the text says why.
    """
    code, _, said = meltano.ask("invoke", loader, "--reset", "all")
    if code:
        raise click.ClickException(reason(said) or f"{loader} could not empty the database (exit code {code}).")
