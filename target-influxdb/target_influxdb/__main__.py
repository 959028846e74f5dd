"""`python -m target_influxdb` is `target-influxdb`."""

from __future__ import annotations

from target_influxdb.start import main

main()
