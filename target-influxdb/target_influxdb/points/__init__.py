"""Records to points: pure functions."""
