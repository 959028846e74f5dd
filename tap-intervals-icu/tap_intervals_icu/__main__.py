"""Run the tap as `python -m tap_intervals_icu`."""

from tap_intervals_icu.start import main

main()
