"""The SDK's own tests of targets, into a folder."""

from __future__ import annotations

import tempfile

from singer_sdk.testing import get_target_test_class

from target_influxdb.target import TargetInfluxDB

_FOLDER = tempfile.TemporaryDirectory()

TestTarget = get_target_test_class(TargetInfluxDB, config={"url": f"file://{_FOLDER.name}/points"})
