"""The servers, and which of them answers at an address."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from target_influxdb.servers.base import Deletion, Server
from target_influxdb.servers.folder import Folder
from target_influxdb.servers.http import Http
from target_influxdb.servers.influxdb1 import InfluxDB1, InfluxDB18
from target_influxdb.servers.influxdb2 import InfluxDB2, InfluxDB3
from target_influxdb.servers.victoriametrics import VictoriaMetrics

if TYPE_CHECKING:
    from target_influxdb.config.settings import Settings

__all__ = ["Deletion", "Folder", "Server", "connect"]

V2_SINCE = (1, 8)


def connect(settings: Settings) -> Server:
    """Return the server at the configured address, told by the version that its /ping names.

    Raises:
        urllib3.exceptions.HTTPError: no answer.
        ConnectionError: none that tells anything; it may come later.
    """
    if settings.is_file:
        return Folder(settings)
    http = Http(settings)
    if settings.api == "auto":
        return _detected(settings, http)
    if settings.api == "v1":
        return InfluxDB1(settings, http, "1")
    if settings.api == "v3":
        return InfluxDB3(settings, http, "InfluxDB 3")
    if settings.api == "victoriametrics":
        return VictoriaMetrics(settings, http)
    return InfluxDB2(settings, http, "InfluxDB 2")


def _detected(settings: Settings, http: Http) -> Server:
    answer = http.request("GET", "/ping")
    if answer.retryable:
        raise ConnectionError(answer.brief())
    version = answer.headers.get("X-Influxdb-Version", "").lstrip("v")
    numbers = re.match(r"(\d+)\.(\d+)", version)
    if numbers:
        major, minor = int(numbers[1]), int(numbers[2])
        if major == 1:
            kind = InfluxDB18 if (major, minor) >= V2_SINCE else InfluxDB1
            return kind(settings, http, version)
        kind_of_new = InfluxDB3 if major >= 3 else InfluxDB2  # noqa: PLR2004 - InfluxDB 3
        return kind_of_new(settings, http, f"InfluxDB {version}")
    if "X-Server-Hostname" in answer.headers:  # VictoriaMetrics alone sends it
        return VictoriaMetrics(settings, http)
    return InfluxDB2(settings, http, f"InfluxDB {version}" if version else "a server without version")
