"""The least that bringing an athlete's samples over can take in Python, to compare a sync with.

Plain GET, gunzip, decode, the target's own encoder, plain POST, in one process. Nothing is checked, retried or
remembered, so that no tool for real use can be this cheap.
"""

from __future__ import annotations

import gzip
import sys
from base64 import b64encode
from datetime import datetime
from http.client import HTTPConnection
from typing import Any

import msgspec

from target_influxdb.lineprotocol.encode import encode
from target_influxdb.lineprotocol.types import FieldTypes

HEADERS = {"Accept-Encoding": "gzip", "User-Agent": "floor"}
ACTIVITIES = "/api/v1/athlete/0/activities?oldest=1970-01-01&newest=2100-01-01"


def main(api_url: str, key: str, url: str) -> None:
    """Bring over the samples of all activities, one request and one write for each."""
    HEADERS["Authorization"] = "Basic " + b64encode(f"API_KEY:{key}".encode()).decode()
    api, database = (HTTPConnection(one.removeprefix("http://")) for one in (api_url, url))
    types = FieldTypes()
    for activity in _get(api, ACTIVITIES):
        streams = _get(api, f"/api/v1/activity/{activity['id']}/streams.json")
        columns = {stream["type"]: stream["data"] for stream in streams}
        columns["longitude"] = next((stream["data2"] for stream in streams if stream["type"] == "latlng"), [])
        start = int(datetime.fromisoformat(activity["start_date"].replace("Z", "+00:00")).timestamp())
        times = [start + second for second in columns.pop("time")]
        tags = {"activity_id": activity["id"], "athlete_id": activity["icu_athlete_id"], "type": activity["type"]}
        head = ",".join(["activity_streams", *(f"{name}={value}" for name, value in tags.items())]).encode()
        _post(database, encode(head, columns, times, types, unit="s").body)


def _get(api: HTTPConnection, path: str) -> Any:
    api.request("GET", path, headers=HEADERS)
    with api.getresponse() as answer:
        body = answer.read()
        _insist(answer.status == 200, body)
        return msgspec.json.decode(gzip.decompress(body) if answer.headers["Content-Encoding"] == "gzip" else body)


def _post(database: HTTPConnection, body: bytes) -> None:
    database.request("POST", "/api/v2/write?org=org&bucket=bucket&precision=s", body)
    with database.getresponse() as answer:
        _insist(answer.status == 204, answer.read())


def _insist(good: bool, answer: bytes) -> None:  # noqa: FBT001 - reads as an assertion
    if not good:
        raise RuntimeError(answer[:500].decode(errors="replace"))


if __name__ == "__main__":
    main(*sys.argv[1:])
