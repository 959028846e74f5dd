"""`python -m scale`: who is synced. Each command works at once, from any of the machines; nothing is restarted."""

from __future__ import annotations

import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
import psycopg

from scale import machine, prepare, roster, settings, store
from scale.roster import RosterError
from scale.settings import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from scale.roster import Member, Roster
    from scale.settings import Settings


@click.group(help=__doc__)
@click.pass_context
def scale(context: click.Context) -> None:
    """Read the settings."""
    folder = Path(os.environ.get("SCALE_FOLDER") or machine.FOLDER)
    context.obj = settings.load(machine.environment(folder=folder))


def about_an_athlete(command: Callable[..., None]) -> click.Command:
    """Make a command of a function of the settings and an athlete's id."""
    return scale.command()(click.argument("athlete_id")(click.pass_obj(command)))


@about_an_athlete
@click.option("--api-key", is_flag=True, help="The secret is an API key, not an OAuth token.")
def add(values: Settings, athlete_id: str, *, api_key: bool) -> None:
    """Sync an athlete from now on; asks for the token, or reads it from the standard input."""
    secret = ask_secret(values, api_key=api_key)
    member = change(values, partial(roster.add, athlete_id=athlete_id, size=values.shard_size), secret)
    click.echo(f"Athlete {athlete_id} is {member.status.value}, in shard {member.shard}.")


@scale.command()
@click.option("--api-key", is_flag=True, help="The secrets are API keys, not OAuth tokens.")
@click.pass_obj
def load(values: Settings, *, api_key: bool) -> None:
    """Add many: reads lines of the standard input, each an athlete id, a blank and the token."""
    pairs = [line.split(maxsplit=1) for line in sys.stdin]  # [] of an empty line
    if lacking := next((number for number, pair in enumerate(pairs, 1) if len(pair) == 1), None):
        raise RosterError(f"Line {lacking} is not `ATHLETE_ID TOKEN`. Nobody was added.")
    with store.connect(values) as connection, connection.transaction():
        for athlete_id, secret in filter(None, pairs):
            decide = partial(roster.add, athlete_id=athlete_id, size=values.shard_size)
            store.change(connection, decide, encrypted(values, secret, api_key=api_key))
    click.echo(f"{sum(map(bool, pairs))} athletes are added.")


@about_an_athlete
def pause(values: Settings, athlete_id: str) -> None:
    """Leave an athlete out until `resume`."""
    change(values, partial(roster.pause, athlete_id=athlete_id))
    click.echo(f"Athlete {athlete_id} is paused. What is stored stays.")


@about_an_athlete
def resume(values: Settings, athlete_id: str) -> None:
    """Sync a paused athlete again, with all that happened meanwhile."""
    member = change(values, partial(roster.resume, athlete_id=athlete_id))
    click.echo(f"Athlete {athlete_id} is {member.status.value}.")


@about_an_athlete
def remove(values: Settings, athlete_id: str) -> None:
    """Sync an athlete no more, and forget the token. What the database holds stays."""
    change(values, partial(roster.remove, athlete_id=athlete_id))
    click.echo(f"Athlete {athlete_id} is removed, and the token forgotten. What is stored stays.")


@about_an_athlete
@click.option("--api-key", is_flag=True, help="The secret is an API key, not an OAuth token.")
def rotate(values: Settings, athlete_id: str, *, api_key: bool) -> None:
    """Replace an athlete's token; asks for it, or reads it from the standard input."""
    secret = ask_secret(values, api_key=api_key)
    change(values, partial(roster.rotate, athlete_id=athlete_id), secret)
    click.echo(f"Athlete {athlete_id} has a new token; the next run uses it.")


@scale.command("list")
@click.pass_obj
def list_(values: Settings) -> None:
    """Show who is synced: athlete, shard, status, and when last (UTC)."""
    with store.connect(values) as connection:
        members, since = store.roster(connection), store.last_success(connection)
    for one in sorted(members.values(), key=lambda member: (member.shard, member.athlete_id)):
        click.echo(f"{one.athlete_id:12} {one.shard:5} {one.status.value:8} {since.get(one.athlete_id, '-')}")


@scale.command("prepare")
@click.pass_obj
def prepare_(values: Settings) -> None:
    """Make databases, tables and pools, once, before the other parts start."""
    prepare.prepare(values, os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])


def change(values: Settings, decide: Callable[[Roster], Member], secret: bytes | None = None) -> Member:
    """Change the roster."""
    with store.connect(values) as connection:
        return store.change(connection, decide, secret)


def ask_secret(values: Settings, *, api_key: bool) -> bytes:
    """Ask for a secret, and return it encrypted. It is no argument, as those are seen in the list of processes."""
    if sys.stdin.isatty():
        secret = str(click.prompt("API key" if api_key else "OAuth token", hide_input=True))
    else:
        secret = sys.stdin.readline()
    if not secret.strip():
        raise RosterError("The token is empty. Nothing was changed.")
    return encrypted(values, secret, api_key=api_key)


def encrypted(values: Settings, secret: str, *, api_key: bool) -> bytes:
    """Encrypt a secret as the tap takes it."""
    return store.encrypt(values, json.dumps({"api_key" if api_key else "access_token": secret.strip()}))


def main() -> int:
    """Run a command; what can't be done is one sentence."""
    try:
        scale()
    except (RosterError, SettingsError) as problem:
        click.echo(f"{problem}", err=True)
    except psycopg.OperationalError as problem:
        click.echo(f"PostgreSQL does not answer (SCALE_DATABASE_URL): {str(problem).strip()}", err=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
