"""Keys and tokens of single athletes, from a file that nobody else can read. Its contents appear in no message."""

from __future__ import annotations

import json
import os
import re
import stat
from http import HTTPStatus
from pathlib import Path
from typing import Any

from tap_intervals_icu.api.credentials import Credential
from tap_intervals_icu.errors import TapError

ATHLETE_ID = re.compile(r"i?[0-9]+")
KINDS = {"api_key": "API key", "access_token": "access token"}
FORM = 'write {"api_key": "..."} for a key, {"access_token": "..."} for an OAuth token'
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_credentials(path: str) -> dict[str, Credential]:
    """Return the credentials in a JSON file, by athlete id, in the order of the file.

    An athlete's entry says whether it is a key or a token: {"i1": {"api_key": "..."}, "i2": {"access_token": "..."}}.

    Raises:
        TapError: The file is not there, can be read by others, or is no such JSON.
    """
    what = f"`credentials_path` {path}"
    try:
        with Path(path).expanduser().open("rb") as file:
            if os.fstat(file.fileno()).st_mode & OTHERS:
                raise TapError(f"{what} can be read by others: make it yours alone with chmod 600.")
            body = file.read()
    except OSError as error:
        raise TapError(f"{what} can not be read: {error.strerror}.") from None
    try:
        entries = json.loads(body, object_pairs_hook=_once)
    except json.JSONDecodeError as error:  # which quotes the whole file: raised without it
        place = f"{error.msg}, line {error.lineno}, column {error.colno}"
    except UnicodeDecodeError:
        place = "it is not UTF-8"
    except ValueError as error:
        place = str(error)
    else:
        place = ""
    if place:
        raise TapError(f"{what} is not valid JSON: {place}.")
    if not isinstance(entries, dict) or not entries:
        raise TapError(f"{what} names no athlete: for each, {FORM}, under the athlete's id.")
    return {athlete_id: _credential(what, athlete_id, entry) for athlete_id, entry in entries.items()}


def _credential(what: str, athlete_id: str, entry: Any) -> Credential:
    if not ATHLETE_ID.fullmatch(athlete_id) or athlete_id == "0":
        raise TapError(f"{what}: {athlete_id!r} is not an athlete's id, such as i12345 or 12345.")
    if not isinstance(entry, dict) or len(entry) != 1 or not entry.keys() <= KINDS.keys():
        raise TapError(f"{what}, athlete {athlete_id}: {FORM}.")
    ((kind, secret),) = entry.items()
    if not isinstance(secret, str) or not secret.strip():
        raise TapError(f"{what}, athlete {athlete_id}: {FORM}.")
    whose = f"The {KINDS[kind]} of athlete {athlete_id} in the file of `credentials_path`"
    refusals: dict[int, str] = {
        HTTPStatus.UNAUTHORIZED: f"{whose} is not valid (any more): put a new one there.",
        HTTPStatus.FORBIDDEN: f"{whose} is wrong, or has no right to this athlete's data: put another one there.",
    }
    return Credential(secret.strip(), kind == "access_token", f"{kind} of athlete {athlete_id}", refusals)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object none of whose keys is there twice."""
    names = [name for name, _ in pairs]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise ValueError(f"{twice[0]!r} is there twice")
    return dict(pairs)
