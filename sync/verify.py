"""Prove that the database holds what the account holds, and mend what differs."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sync.comparison import ACTIVITIES, SAMPLES, WELLNESS, Compared, compare, tombstones, wishes
from sync.log import reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sync.comparison import Line
    from sync.meltano_process import Meltano
    from sync.settings import Settings

INVENTORY = f"{WELLNESS}:updated+ctl+atl,{ACTIVITIES}:updated,{SAMPLES}"
EXTRACTOR, LOADER = "tap-intervals-icu", "target-influxdb"
NAMED = 20
"""So many ids are named for each stream; `--json` names all."""


class Verification:
    """Asks both sides through Meltano, so with the settings of a sync."""

    def __init__(self, settings: Settings, meltano: Meltano) -> None:
        if not settings.extractor.startswith(EXTRACTOR) or not settings.loader.startswith(LOADER):
            raise click.ClickException(
                f"verify compares what {EXTRACTOR} brings to {LOADER}; SYNC_RUN names {' and '.join(settings.blocks)}."
            )
        self._settings = settings
        self._meltano = meltano
        self.requests = 0
        self.server: Line = {}

    def compare(self) -> list[Compared]:
        """Take a census of the account and read what the database has.

        Raises:
            click.ClickException: One of them can't be read.
        """
        with tempfile.TemporaryDirectory(prefix="verify-") as folder:
            state = Path(folder, "state.json")
            state.write_text(json.dumps(self.state()), encoding="utf-8")
            census = self._lines("invoke", f"{self._settings.extractor}:verify", "census", "--state", str(state))
        self.requests = census.pop()["count"]
        inventory = self._lines("invoke", self._settings.loader, "--inventory", INVENTORY)
        self.server = inventory[0]
        return compare(census, inventory)

    def state(self) -> dict[str, Any]:
        """Return the state of the last sync, {} if there is none."""
        code, text, said = self._meltano.ask("state", "get", self._settings.state_id)
        if code:
            raise click.ClickException(f"Meltano could not read the state (exit code {code}). {reason(said)}")
        state: dict[str, Any] = json.loads(text or "{}").get("singer_state", {})
        return state

    def prepare(self, compared: list[Compared], *, recount: bool) -> None:
        """Change the state so that the next run brings again what is missing or different, and looks for the extra.

        Days of wellness that the account does not have are removed at once: no run would.
        """
        with tempfile.TemporaryDirectory(prefix="verify-") as folder:
            old, wish, new = (Path(folder, name) for name in ("old.json", "wishes.json", "new.json"))
            old.write_text(json.dumps(self.state()), encoding="utf-8")
            wish.write_text(json.dumps(wishes(compared, recount=recount)), encoding="utf-8")
            repair = ("repair", "--state", str(old), "--wishes", str(wish))
            (state,) = self._lines("invoke", f"{self._settings.extractor}:verify", *repair)
            new.write_text(json.dumps({"singer_state": state}), encoding="utf-8")
            code, _, said = self._meltano.ask(
                "state", "set", "--force", self._settings.state_id, "--input-file", str(new)
            )
        if code:
            raise click.ClickException(f"Meltano did not take the new state (exit code {code}). {reason(said)}")
        messages = "".join(json.dumps(one) + "\n" for one in tombstones(compared, datetime.now(timezone.utc)))
        if messages:
            code, _, said = self._meltano.ask("invoke", self._settings.loader, say=messages)
            if code:
                raise click.ClickException(
                    f"The database still holds days that the account does not have. {reason(said)}"
                )

    def _lines(self, *command: str) -> list[Line]:
        code, text, said = self._meltano.ask(*command)
        if code:
            raise click.ClickException(reason(said) or f"meltano {' '.join(command[:3])} failed with exit code {code}.")
        return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def as_json(compared: Iterable[Compared], server: Line, requests: int) -> str:
    """Return all of it as JSON text."""
    streams = [asdict(one) for one in compared]
    equal = all(one.is_equal for one in compared)
    return json.dumps({"equal": equal, "server": server.get("server"), "requests": requests, "streams": streams})


def table(compared: list[Compared]) -> Iterator[str]:
    """Yield the lines of a table, then the ids that differ."""
    heads = ("athlete", "stream", "account", "database", "missing", "extra", "different", "unknown")
    rows = [(one.athlete_id, one.stream, one.account, one.database, *map(len, one.differences)) for one in compared]
    cells = [heads, *(tuple(cell if isinstance(cell, str) else f"{cell:,}" for cell in row) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        left = (cell.ljust(width) for cell, width in zip(row[:2], widths[:2], strict=True))
        right = (cell.rjust(width) for cell, width in zip(row[2:], widths[2:], strict=True))
        yield "  ".join((*left, *right))
    for one in compared:
        for what in ("missing", "extra", "different"):
            if ids := getattr(one, what):
                yield f"{what} {one.stream} of {one.athlete_id}: {named(ids, with_days=one.stream != WELLNESS)}"
        if one.outside:
            yield f"{one.outside:,} more {one.stream} of {one.athlete_id} lie outside of the configured days."


def named(ids: dict[str, str], *, with_days: bool) -> str:
    """Return the first ids as text, newest first."""
    newest = sorted(ids, key=lambda id_: ids[id_], reverse=True)
    shown = [f"{id_} ({ids[id_]})" if with_days and ids[id_] else id_ for id_ in newest[:NAMED]]
    return ", ".join(shown) + (f" and {len(ids) - NAMED:,} more" if len(ids) > NAMED else "")


def verdict(compared: list[Compared], server: Line, *, repaired: bool) -> Iterator[str]:
    """Yield what the table means, and what to do."""
    if all(one.is_equal for one in compared):
        yield "Equal: the database holds what the account holds."
        return
    if unknown := sum(len(one.unknown) for one in compared):
        yield (
            f"The number of samples of {unknown:,} activities is not known: they came before this version counted. "
            "`verify --repair --recount` reads them again."
        )
    if any(one.missing or one.extra or one.different for one in compared):
        yield (
            "Not equal after the repair: the log of the run says why. What is new since then comes with the next run."
            if repaired
            else "Not equal. What is new in the account since the last sync comes with the next one; `verify --repair` "
            "brings back all the rest."
        )
        if server.get("cannot_delete"):
            yield f"{server['cannot_delete']}."
