"""A sync of a synthetic athlete, end to end; run with `make demo`."""
