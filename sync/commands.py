"""The command line."""

from __future__ import annotations

import logging
import os
import sys
import time
from pathlib import Path
from typing import NoReturn, TextIO

import click

from sync import meltano_database, meltano_folder, notify, reset, stack_secrets, status, verify, volumes
from sync.account import with_source
from sync.comparison import wishes
from sync.log import Redactor
from sync.meltano_process import Meltano
from sync.runner import Outcome, Runner
from sync.service import once, serve
from sync.settings import ROOT, Settings, load

DATE = click.DateTime(["%Y-%m-%d"])


def start_logging(settings: Settings, output: TextIO = sys.stdout) -> None:
    """Write lines with UTC times; secrets are blotted out of all of them."""
    handler = logging.StreamHandler(output)
    handler.setFormatter(Redactor(settings.secrets))
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)


def ready() -> Settings:
    """Return the settings of a sync, once all that they name is there, and start logging."""
    settings = load()
    start_logging(settings)
    notify.check(settings.notify_urls)
    return with_source(settings)


@click.group(invoke_without_command=True)
@click.pass_context
def main(context: click.Context) -> None:
    """Keep InfluxDB in step with Intervals.icu: sync now and at every interval.

    Settings come from the environment and from .env: SYNC_INTERVAL_MINUTES, SYNC_JITTER_SECONDS, SYNC_NOTIFY_URLS,
    SYNC_NOTIFY_AFTER, SYNC_DIRECTORY, SYNC_RUN, SYNC_STOP_SECONDS. NAME_FILE instead of NAME reads a file.
    """
    if context.invoked_subcommand is None:
        settings = ready()
        context.exit(serve(Runner(settings), settings))


@main.command("run-once", context_settings={"ignore_unknown_options": True})
@click.option("--start-date", type=DATE, help="First local date to read, instead of the configured one.")
@click.option("--end-date", type=DATE, help="Last local date to read, instead of the configured one.")
@click.option("--streams/--no-streams", default=True, help="With the samples of activities, or without.")
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def run_once(
    context: click.Context, start_date: object, end_date: object, *, streams: bool, options: tuple[str, ...]
) -> None:
    """Sync once. OPTIONS are passed to `meltano run`, for example --full-refresh.

    Exit codes: 0 done, 1 failed, 3 done but for athletes who failed, 75 another sync is running, 143 stopped.
    """
    settings = ready()
    extra = {
        "INTERVALS_START_DATE": f"{start_date:%Y-%m-%d}" if start_date else "",
        "INTERVALS_END_DATE": f"{end_date:%Y-%m-%d}" if end_date else "",
        # Meltano's filter: it takes them out of whatever is selected.
        f"{settings.extractor.replace('-', '_').upper()}__SELECT_FILTER": "" if streams else '["!activity_streams"]',
    }
    outcome = once(Runner(settings), options, {name: value for name, value in extra.items() if value})
    context.exit(outcome.value)


@main.command()
def healthy() -> None:
    """Exit with 0 if the last success is at most three intervals old, else with 1."""
    settings = load()
    found = status.load(settings.directory / "status.json")
    problem = found.problem(time.time(), settings.interval)
    click.echo(problem or "Healthy.")
    sys.exit(bool(problem))


@main.command("reset")
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset_command(*, yes: bool) -> None:
    """Delete the bucket or database with all that is in it, create it anew, and forget past syncs."""
    settings = load()
    start_logging(settings)
    runner, meltano = Runner(settings), Meltano(settings)
    if not runner.lock.acquire(blocking=False):
        raise click.ClickException("A sync is running: nothing was deleted. Stop it, or wait until it ends.")
    try:
        if meltano_folder.is_running(Path(settings.environment["MELTANO_PROJECT_ROOT"])):
            raise click.ClickException(
                "A `meltano run` is in progress: nothing was deleted. Stop it, or wait until it ends."
            )
        meltano_folder.prepare(meltano, settings)
        database = reset.database_of(meltano, settings.loader)
        what = f"all files in {database.folder}" if database.folder else f"{database.name!r} at {database.url}"
        if not yes:
            confirm(what, database.name)
        # In this order: a state without data would keep later syncs from reading the history again.
        reset.clear_state(meltano, settings.state_id)
        reset.empty(meltano, settings.loader)
    finally:
        runner.lock.release()
    click.echo(f"Deleted {what}; the next sync reads the whole history.")


def confirm(what: str, name: str) -> None:
    """Have the name typed."""
    click.echo(f"This deletes {what}, and everything in it, for good. The next sync reads the whole history again.")
    if click.prompt(f"Type {name} to go on", default="", show_default=False) != name:
        raise click.ClickException("Nothing was deleted.")


@main.command("verify")
@click.option("--repair", is_flag=True, help="Bring again what is missing or different, and remove what is extra.")
@click.option("--recount", is_flag=True, help="With --repair: also samples whose number is not known.")
@click.option("--json", "is_json", is_flag=True, help="Print one JSON object instead of a table.")
def verify_command(*, repair: bool, recount: bool, is_json: bool) -> None:
    """Compare the database with a fresh census of the account; exit with 0 only if they are equal.

    Days of wellness, activities with type and start, and the number of samples of each, for every athlete.
    """
    settings = with_source(load())
    start_logging(settings, sys.stderr if is_json else sys.stdout)
    runner, meltano = Runner(settings), Meltano(settings)
    check = verify.Verification(settings, meltano)
    if not runner.lock.acquire(blocking=False):
        raise click.ClickException("A sync is running: verify when it has ended.")
    try:
        meltano_folder.prepare(meltano, settings)
        compared = check.compare()
        requests = check.requests
        is_due = repair and bool(wishes(compared, recount=recount))
        if is_due:
            check.prepare(compared, recount=recount)
            # The state was changed here: the target has no mark of it yet.
            outcome = once(runner, extra={"TARGET_INFLUXDB_STATE_CHECK": "adopt"}, is_locked=True)
            if outcome is Outcome.STOPPED:
                sys.exit(outcome.value)
            compared = check.compare()
            requests += check.requests
    finally:
        runner.lock.release()
    if is_json:
        click.echo(verify.as_json(compared, check.server, requests))
    else:
        lines = (*verify.table(compared), *verify.verdict(compared, check.server, repaired=is_due))
        click.echo("\n".join(lines))
    sys.exit(not all(one.is_equal for one in compared))


@main.command("meltano", add_help_option=False, context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def meltano_command(words: tuple[str, ...]) -> None:
    """Run Meltano with the settings of the sync, such as `invoke tap-intervals-icu:doctor`.

    In the stack, Meltano by itself lacks the token, which is in a file, and stumbles over variables that are empty.
    """
    run_meltano(with_source(load()), *words)


@main.command("doctor")
def doctor_command() -> None:
    """Tell whether the key, the account and the day's requests are all right. No secret is in what it says."""
    settings = with_source(load())
    run_meltano(settings, "invoke", f"{settings.extractor}:doctor")


def run_meltano(settings: Settings, *words: str) -> NoReturn:
    """Replace this process by Meltano."""
    os.chdir(settings.environment["MELTANO_PROJECT_ROOT"])
    os.execvpe(settings.meltano, [settings.meltano, *words], settings.environment)  # noqa: S606 - no shell is wanted


@main.command("tidy")
def tidy_command() -> None:
    """Have Meltano's database stay small, whoever starts Meltano; `make install` does it."""
    settings = load()
    meltano_database.prepare(Meltano(settings), settings)


@main.command("secrets")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--stack",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder in which boards, data source and scripts are laid for the other containers.",
)
def secrets_command(folder: Path, stack: Path | None) -> None:
    """Write the stack's passwords and tokens to FOLDER, unless they are there already."""
    datasources = os.environ.get("STACK_GRAFANA_DATASOURCES", "")
    alerts, units = (os.environ.get(f"STACK_{name}", "").lower() for name in ("ALERTS", "UNITS"))
    try:
        done = stack_secrets.fill(folder, os.environ)
        for name, what in done.items():
            click.echo(f"{folder / name}: {what}")
        goals, count = os.environ.get("STACK_GOALS", ""), 0
        if stack:
            count = volumes.lay_out(ROOT, stack, datasources, alerts=alerts == "true", units=units, goals=goals)
    except OSError as error:
        raise click.ClickException(meltano_folder.reason(error, folder)) from None
    if stack:
        click.echo(f"{stack}: {count} files of this version")
        click.echo(stack_secrets.welcome(folder, done, os.environ.get("STACK_GRAFANA_PORT", "")))


@main.command("viewer")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def viewer_command(folder: Path) -> None:
    """Write a token to FOLDER with which Grafana may only read, if the database is an InfluxDB 2."""
    from sync import viewer_token  # noqa: PLC0415 - asks a server: to import that takes a third of a start

    click.echo(viewer_token.make(folder, load().environment))
