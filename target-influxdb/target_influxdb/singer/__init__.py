"""All that reaches into the Singer SDK."""
