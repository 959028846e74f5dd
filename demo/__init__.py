"""A sync of a synthetic athlete, end to end; run with `make demo`."""

import sys
from pathlib import Path

# Files of line protocol are read by the target's own reader, which needs nothing but the standard library.
sys.path.append(str(Path(__file__).resolve().parents[1] / "target-influxdb"))
