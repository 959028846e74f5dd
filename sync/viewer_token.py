"""A token for Grafana that may only read: what a viewer's browser sends reaches the database with Grafana's token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TIMEOUT = 30
NAME = "token"


def make(folder: Path, environ: Mapping[str, str]) -> str:
    """Have InfluxDB 2 make the token, unless `folder` has one that it takes; return what was done, in a sentence.

    Where there is none, Grafana reads with the token of the sync, so nothing here is an error. A database that does not
    answer says nothing against the token that there is.
    """
    file = folder / NAME
    url = environ.get("INFLUXDB_URL", "").rstrip("/")
    try:
        if not _ask("GET", f"{url}/ping").headers.get("X-Influxdb-Version", "").lstrip("v").startswith("2"):
            file.unlink(missing_ok=True)
            return "This database is not an InfluxDB 2: Grafana reads with what the sync has."
        if file.exists() and _ask("GET", f"{url}/api/v2/buckets", file.read_text(encoding="utf-8"), 401).ok:
            return f"{file}: kept"
        token = environ.get("INFLUXDB_TOKEN", "")
        org = environ.get("INFLUXDB_ORG", "")
        (found,) = _ask("GET", f"{url}/api/v2/orgs", token, params={"org": org}).json()["orgs"]
        resource = {"type": "buckets", "orgID": found["id"]}
        body = {
            "orgID": found["id"],
            "description": "Grafana: reads all buckets",
            "permissions": [{"action": "read", "resource": resource}],
        }
        made = _ask("POST", f"{url}/api/v2/authorizations", token, json=body).json()["token"]
    except (requests.RequestException, ValueError, KeyError) as error:
        if isinstance(error, (requests.ConnectionError, requests.Timeout)) and file.exists():
            return f"{file}: kept, as the database does not answer ({type(error).__name__})"
        file.unlink(missing_ok=True)
        return f"No token that may only read ({type(error).__name__}): Grafana reads with that of the sync."
    draft = file.with_suffix(".new")
    draft.unlink(missing_ok=True)
    draft.write_text(made, encoding="utf-8")
    draft.chmod(0o444)  # Grafana runs under another id; the volume is mounted nowhere else
    draft.replace(file)
    return f"{file}: made"


def _ask(method: str, url: str, token: str = "", allowed: int = 0, **arguments: Any) -> requests.Response:
    headers = {"Authorization": f"Token {token}"} if token else {}
    answer = requests.request(method, url, headers=headers, timeout=TIMEOUT, **arguments)
    if answer.status_code != allowed:
        answer.raise_for_status()
    return answer
