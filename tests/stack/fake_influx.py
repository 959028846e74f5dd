"""Stands in for InfluxDB 2's program `influx`, as far as sync/backup.sh uses it: a bucket is a file named by it."""

import os
import sys
from pathlib import Path

buckets = Path(os.environ["FAKE_BUCKETS"])
words = sys.argv[1:]
options = {word[2:]: value for word, value in zip(words, [*words[1:], ""], strict=True) if word.startswith("--")}
command = words[0] if words[0] != "bucket" else words[1]

for name in ("INFLUX_HOST", "INFLUX_TOKEN", "INFLUX_ORG"):
    if not os.environ[name]:
        sys.exit(f"Error: must specify {name}")
if os.environ.get("FAKE_FAILURE") == command:
    sys.exit("Error: 401 Unauthorized: unauthorized access")


def bucket(name: str) -> Path:
    if not (buckets / name).exists():
        sys.exit(f'Error: bucket "{name}" not found')
    return buckets / name


def identified() -> Path:
    return bucket(options["id"].removeprefix("id-of-"))


if command == "backup":
    folder = Path(words[1])
    folder.mkdir()
    (folder / "bucket").write_text(bucket(options["bucket"]).read_text())
elif command == "restore":
    target = buckets / options["new-bucket"]
    if target.exists():
        sys.exit(f'Error: bucket "{target.name}" already exists')
    target.write_text((Path(words[1]) / "bucket").read_text())
elif command == "list":
    name = bucket(options["name"]).name
    sys.stdout.write(f"id-of-{name}\t{name}\tinfinite\t8736h0m0s\torg-id\timplicit\n")
elif command == "delete":
    identified().unlink()
elif command == "update":
    if (buckets / options["name"]).exists():
        sys.exit(f'Error: bucket "{options["name"]}" already exists')
    identified().rename(buckets / options["name"])
else:
    sys.exit(f"Error: unknown command {words}")
