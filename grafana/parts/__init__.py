"""What the boards are made of: queries, colours and units, panels, tables, maps, and the board around them."""

import importlib
import warnings

with warnings.catch_warnings():
    # The classic model is what Grafana 11 to 13 read from files; the SDK recommends its successor when it is imported.
    warnings.filterwarnings("ignore", "Prefer using dashboardv2", DeprecationWarning)
    importlib.import_module("grafana_foundation_sdk.models.dashboard")
