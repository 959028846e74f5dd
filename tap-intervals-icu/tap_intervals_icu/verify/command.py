"""`tap-intervals-icu-verify`: the account's content as JSON lines, and a state that brings some of it again."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

import click
from singer_sdk.exceptions import ConfigValidationError

from tap_intervals_icu.tap import TapIntervalsIcu
from tap_intervals_icu.verify.census import census, selection_of
from tap_intervals_icu.verify.repair import repaired

if TYPE_CHECKING:
    from typing import IO


@click.group()
def main() -> None:
    """Compare a database with the account."""


@main.command("census")
@click.option("--config", type=click.Path(exists=True, dir_okay=False), help="Config file; else the environment.")
@click.option("--state", type=click.File(), help="State of the last sync: it knows the number of samples.")
def census_command(config: str | None, state: IO[str] | None) -> None:
    """Print what the account holds: three requests an athlete."""
    known = read(state) if state else {}
    try:
        tap = TapIntervalsIcu(config=config, parse_env_config=config is None)
        streams = selection_of(os.environ)
        for name in tap.athlete_names:
            for line in census(tap.find_athlete(name), known, streams):
                click.echo(json.dumps(line))
    except ConfigValidationError as error:
        raise click.ClickException(" ".join(error.errors)) from error
    click.echo(json.dumps({"stream": "requests", "count": tap.clients.transport.requests}))


@main.command("repair")
@click.option("--state", type=click.File(), required=True, help="State of the last sync.")
@click.option("--wishes", type=click.File(), required=True, help="What is due again; see `repair.repaired`.")
def repair_command(state: IO[str], wishes: IO[str]) -> None:
    """Print the state from which the next run brings again what is missing; no request."""
    click.echo(json.dumps(repaired(read(state), json.load(wishes))))


def read(file: IO[str]) -> dict[str, Any]:
    """Return a state, out of the object in which Meltano keeps it."""
    value = json.load(file)
    state: dict[str, Any] = value.get("singer_state", value)
    return state


if __name__ == "__main__":
    sys.exit(main())
