"""What changed since the last run: what is remembered, the lists, the deletions, the plan."""
