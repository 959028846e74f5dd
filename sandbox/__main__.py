"""`python -m sandbox`: serve a synthetic athlete until SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import sys
from datetime import date
from pathlib import Path

from sandbox import Account, AthleteParameters, RateLimit, Sandbox
from sandbox.parameters import TODAY


def arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="sandbox", description=__doc__)
    default = AthleteParameters()
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at; in a container 0.0.0.0")
    parser.add_argument("--athletes", type=int, default=1, help="how many athletes share the key")
    parser.add_argument("--athlete-id", default=default.athlete_id)
    parser.add_argument("--timezone", default=default.timezone)
    parser.add_argument("--last-day", type=date.fromisoformat, default=TODAY)
    parser.add_argument("--sports", default=",".join(default.sports), help="comma-separated types")
    for name in ("days", "activities", "seconds", "seed", "strava_stubs", "future_days"):
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=getattr(default, name))
    parser.add_argument("--channels", type=int, help="exactly this many numeric channels in every activity")
    parser.add_argument("--api-key", default="sandbox-key")
    parser.add_argument("--credentials", type=Path, help="give each athlete a token, and write them to this file")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds added to each answer")
    parser.add_argument("--rate-limit", action="store_true", help="10/s, 2,500 per 15 minutes, 5,000 a day")
    parser.add_argument("--control", action="store_true", help="serve POST /sandbox/edit and /sandbox/faults")
    parser.add_argument("--warm", action="store_true", help="make all streams before serving")
    return parser.parse_args()


def accounts(options: argparse.Namespace) -> list[Account]:
    """Make the athletes; the second and later ones have the next ids whose activities' ids are others."""
    match = re.fullmatch(r"(i?)(\d+)", options.athlete_id)
    if not match:
        raise ValueError(f"An athlete id is digits, mostly after an i, not {options.athlete_id!r}.")
    apart: dict[int, str] = {}
    for number in range(int(match[2]), int(match[2]) + 100 * options.athletes):
        id_ = f"{match[1]}{number}"
        if len(apart) < options.athletes:
            apart.setdefault(AthleteParameters(athlete_id=id_).number, id_)
    return [
        Account(
            AthleteParameters(
                athlete_id=id_,
                timezone=options.timezone,
                last_day=options.last_day,
                days=options.days,
                activities=options.activities,
                seconds=options.seconds,
                channels=options.channels,
                sports=tuple(options.sports.split(",")),
                seed=options.seed,
                strava_stubs=options.strava_stubs,
                future_days=options.future_days,
            )
        )
        for id_ in apart.values()
    ]


def write_credentials(path: Path, tokens: dict[str, str]) -> None:
    """Write the tokens as the tap reads them, for nobody else to read."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:  # noqa: PTH123 - with its mode
        json.dump({athlete: {"access_token": token} for athlete, token in tokens.items()}, file, indent=1)
    path.chmod(0o600)


def main() -> int:
    """Serve until told to stop."""
    options = arguments()
    try:
        found = accounts(options)
        tokens = {account.id: f"sandbox-token-{account.id}" for account in found} if options.credentials else {}
        if tokens:
            write_credentials(options.credentials, tokens)
        sandbox = Sandbox(
            found,
            api_key=options.api_key,
            port=options.port,
            host=options.host,
            latency=options.latency,
            rate_limit=RateLimit() if options.rate_limit else None,
            control=options.control,
            tokens=tokens,
        )
        if options.warm:
            sandbox.warm()
        ends = {signal.SIGTERM, signal.SIGINT}
        signal.pthread_sigmask(signal.SIG_BLOCK, ends)  # for the server's thread too
        with sandbox:
            athletes = ",".join(sandbox.accounts)
            sys.stdout.write(f"Sandbox ready: {sandbox.url}  athlete {athletes}  key {options.api_key}\n")
            sys.stdout.flush()
            signal.sigwait(ends)
    except (ValueError, OSError) as problem:
        sys.stderr.write(f"Sandbox cannot start: {problem}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
