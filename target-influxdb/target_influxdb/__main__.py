"""`python -m target_influxdb` is `target-influxdb`."""

from __future__ import annotations

from target_influxdb.target import TargetInfluxDB

TargetInfluxDB.cli()
