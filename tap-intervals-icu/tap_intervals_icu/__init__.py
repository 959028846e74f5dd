"""Singer tap for Intervals.icu."""
