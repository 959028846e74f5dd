"""`python -m scale.webhooks`: receive webhooks until SIGTERM."""

from __future__ import annotations

import logging
import os
import sys

from aiohttp import web

from scale import settings, store
from scale.settings import SettingsError
from scale.webhooks.airflow_api import Airflow
from scale.webhooks.receiver import application

SHORTEST_SECRET = 8


def main() -> int:
    """Serve."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)-7s %(message)s")
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
    environ, secret = os.environ, os.environ.get("SCALE_WEBHOOK_SECRET", "")
    if len(secret) < SHORTEST_SECRET:
        sys.stderr.write("SCALE_WEBHOOK_SECRET is not set: copy it from the app's page at Intervals.icu.\n")
        return 1
    try:
        values = settings.load()
    except SettingsError as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    airflow = Airflow(
        environ.get("SCALE_AIRFLOW_URL") or "http://127.0.0.1:8090",
        environ.get("SCALE_AIRFLOW_USER") or "admin",
        environ.get("SCALE_AIRFLOW_PASSWORD") or "",
    )
    web.run_app(
        application(lambda: store.connect(values), airflow, secret),
        host=environ.get("SCALE_WEBHOOK_HOST") or "127.0.0.1",
        port=int(environ.get("SCALE_WEBHOOK_PORT") or "8091"),
        print=None,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
