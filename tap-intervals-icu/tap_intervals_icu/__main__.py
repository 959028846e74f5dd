"""Run the tap as `python -m tap_intervals_icu`."""

from tap_intervals_icu.tap import TapIntervalsIcu

TapIntervalsIcu.cli()
