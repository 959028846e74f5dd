"""Passwords and tokens of the stack: made once, kept in files that its containers read."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FILES = {
    "influxdb-token": "INFLUXDB_TOKEN",
    "influxdb-password": "STACK_INFLUXDB_PASSWORD",
    "grafana-password": "STACK_GRAFANA_PASSWORD",
}
"""File names, and the variables whose values are taken instead of random ones."""
MADE = "made"


def fill(folder: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Write what is missing or given; return what was done by file name, never a secret.

    The files can be read by every user who can enter the folder: the containers run under different ids. The folder is
    a volume that nothing else mounts.
    """
    folder.mkdir(parents=True, exist_ok=True)
    done = {}
    for name, variable in FILES.items():
        path = folder / name
        given = environ.get(variable, "")
        if not given and path.exists():
            done[name] = "kept"
            continue
        draft = path.with_suffix(".new")
        draft.unlink(missing_ok=True)
        draft.write_text(given or secrets.token_urlsafe(32), encoding="utf-8")
        draft.chmod(0o444)
        draft.replace(path)
        done[name] = f"taken from {variable}" if given else MADE
    return done


def welcome(folder: Path, done: Mapping[str, str], port: str) -> str:
    """Return what to tell of Grafana's password: the password itself at the first start only, if it was made here."""
    again = "docker compose exec grafana cat /secrets/grafana-password"
    if done["grafana-password"] != MADE:
        return f"Grafana's user is admin. The password of the first start: {again}"
    password = (folder / "grafana-password").read_text(encoding="utf-8")
    return (
        f"Grafana: port {port or 3000} of this machine, user admin, password {password}\n"
        f"This is said once. To see it again: {again}"
    )
