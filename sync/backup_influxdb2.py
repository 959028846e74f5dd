"""A bucket of InfluxDB 2 to a folder and back, through the server's API, as its own program `influx` does it.

    python -m sync.backup_influxdb2 backup FOLDER
    python -m sync.backup_influxdb2 restore FOLDER

Server, organization and bucket are those of the sync: INFLUXDB_URL, INFLUXDB_ORG, INFLUXDB_BUCKET, INFLUXDB_TOKEN. The
token must be an operator's, such as the one that the stack makes.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests
import urllib3

if TYPE_CHECKING:
    from collections.abc import Iterator

BUCKET = "bucket.json"
"""What the server says of the bucket: name, retention, shards and their times."""
TIMEOUT = 600
MISSING = 404


class BackupError(Exception):
    """Something the user has to know, in a sentence."""


@dataclass
class Server:
    """An InfluxDB 2 as an operator sees it."""

    url: str
    org: str
    token: str = field(repr=False)

    def ask(self, method: str, path: str, missing: int = 0, **arguments: Any) -> requests.Response:
        """Send a request; `missing` is a status that is no error.

        Raises:
            BackupError: The server can't be reached, or refuses.
        """
        headers = {"Authorization": f"Token {self.token}", **arguments.pop("headers", {})}
        url = f"{self.url.rstrip('/')}/api/v2/{path}"
        try:
            answer = requests.request(method, url, headers=headers, timeout=TIMEOUT, **arguments)
        except requests.RequestException as error:
            raise BackupError(f"{self.url} can't be reached ({type(error).__name__}).") from None
        if not answer.ok and answer.status_code != missing:
            said = " ".join(answer.text.split())[:300]
            hint = " It takes an operator token." if answer.status_code in {401, 403} else ""
            raise BackupError(f"{self.url} answered {answer.status_code} to {method} {path}: {said}.{hint}")
        return answer

    def bucket_id(self, name: str) -> str:
        """Return the id of a bucket, "" if there is none."""
        answer = self.ask("GET", "buckets", MISSING, params={"name": name, "org": self.org})
        return next((str(one["id"]) for one in answer.json().get("buckets", [])), "")

    def delete(self, name: str) -> None:
        """Delete a bucket, if it is there."""
        if id_ := self.bucket_id(name):
            self.ask("DELETE", f"buckets/{id_}")


def backup(server: Server, name: str, folder: Path) -> None:
    """Write a bucket to a new folder.

    Raises:
        BackupError: See the text.
    """
    answer = server.ask("GET", "backup/metadata")
    found = [one for one in manifests(answer) if one["bucketName"] == name and server.org == one["organizationName"]]
    if not found:
        raise BackupError(f"There is no bucket {name!r} in organization {server.org!r}.")
    folder.mkdir()
    (folder / BUCKET).write_text(json.dumps(found[0]), encoding="utf-8")
    for shard in shards(found[0]):
        as_it_is = {"headers": {"Accept-Encoding": "gzip"}, "stream": True}
        with server.ask("GET", f"backup/shards/{shard}", MISSING, **as_it_is) as part:
            if part.status_code == MISSING:  # its time has come meanwhile
                continue
            # Packed as it comes; a proxy may have unpacked it.
            pack = open if part.headers.get("Content-Encoding") == "gzip" else gzip.open
            try:
                with pack(file_of(folder, shard), "wb") as file:
                    shutil.copyfileobj(part.raw, file)
            except urllib3.exceptions.HTTPError as error:
                raise BackupError(f"{server.url} broke off shard {shard} ({type(error).__name__}).") from None


def restore(server: Server, name: str, folder: Path) -> None:
    """Bring a bucket back from a folder; the one that is there goes when the new one is whole.

    Raises:
        BackupError: See the text.
    """
    draft = f"{name}.restored"
    server.delete(draft)
    manifest = json.loads((folder / BUCKET).read_text(encoding="utf-8"))
    org = server.ask("GET", "orgs", params={"org": server.org}).json()["orgs"][0]
    manifest |= {"bucketName": draft, "organizationID": org["id"], "organizationName": org["name"]}
    made = server.ask("POST", "restore/bucketMetadata", json=manifest).json()
    for pair in made["shardMappings"]:
        path = file_of(folder, pair["oldId"])
        if path.exists():
            with path.open("rb") as file:
                packed = {"Content-Encoding": "gzip", "Content-Type": "application/octet-stream"}
                server.ask("POST", f"restore/shards/{pair['newId']}", data=file, headers=packed)
    server.delete(name)
    server.ask("PATCH", f"buckets/{made['id']}", json={"name": name})


def manifests(answer: requests.Response) -> list[dict[str, Any]]:
    """Return what is said of all buckets, out of an answer in parts, two of which are databases of the server."""
    boundary = answer.headers["Content-Type"].partition("boundary=")[2].strip('"')
    for part in answer.content.split(f"--{boundary}".encode()):
        head, _, body = part.partition(b"\r\n\r\n")
        if b'name="buckets"' in head:
            found: list[dict[str, Any]] = json.loads(body)
            return found
    raise BackupError("The server does not say what buckets it has: it is not an InfluxDB 2.1 or newer.")


def shards(manifest: dict[str, Any]) -> Iterator[int]:
    """Yield the ids of a bucket's shards."""
    for policy in manifest["retentionPolicies"]:
        for group in policy["shardGroups"] or ():
            if not group.get("deletedAt"):
                yield from (one["id"] for one in group["shards"])


def file_of(folder: Path, shard: int) -> Path:
    """Return where a shard is kept."""
    return folder / f"{shard}.tar.gz"


def main(command: str, folder: str) -> None:
    """Do as the command line says."""
    server = Server(os.environ["INFLUXDB_URL"], os.environ.get("INFLUXDB_ORG", ""), os.environ["INFLUXDB_TOKEN"])
    do = {"backup": backup, "restore": restore}[command]
    try:
        do(server, os.environ["INFLUXDB_BUCKET"], Path(folder))
    except BackupError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(*sys.argv[1:])
