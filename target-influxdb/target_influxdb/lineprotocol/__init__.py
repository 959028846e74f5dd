"""The syntax of line protocol, written and read: the only place that knows it."""
