"""Passwords and tokens of the stack: made once, kept in files that its containers read."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

OF_THE_DATABASE = "influxdb-token"
FILES = {
    OF_THE_DATABASE: "INFLUXDB_TOKEN",
    "influxdb-password": "STACK_INFLUXDB_PASSWORD",
    "grafana-password": "STACK_GRAFANA_PASSWORD",
}
"""File names, and the variables whose values are taken instead of random ones."""
FIRST = ".first"
"""Behind the name of the token's file: the token of the first start, while another one takes its place."""
MADE = "made"


def fill(folder: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Write what is missing or given; return what was done by file name, never a secret.

    InfluxDB and Grafana take passwords at their first start alone, so one that is given later changes nothing. A token
    that is given later is that of a database outside the stack; without it the one of the first start counts again.

    The files can be read by every user who can enter the folder: the containers run under different ids. The folder is
    a volume that nothing else mounts.

    Raises:
        OSError: The folder can't be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return {name: _fill(folder / name, variable, environ.get(variable, "")) for name, variable in FILES.items()}


def _fill(path: Path, variable: str, given: str) -> str:
    """Have one file hold what counts; return what was done."""
    if not path.exists():
        _write(path, given or secrets.token_urlsafe(32))
        return f"taken from {variable}" if given else MADE
    now, first = path.read_text(encoding="utf-8"), path.with_name(path.name + FIRST)
    if path.name != OF_THE_DATABASE:
        return f"kept ({variable} counts at the first start only)" if given not in {"", now} else "kept"
    wanted = given or (first if first.exists() else path).read_text(encoding="utf-8")
    if wanted == now:
        return "kept"
    if not first.exists():
        _write(first, now)
    _write(path, wanted)
    return f"taken from {variable}" if given else "that of the first start again"


def _write(path: Path, value: str) -> None:
    """Replace the file whole."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    draft.write_text(value, encoding="utf-8")
    draft.chmod(0o444)
    draft.replace(path)


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
