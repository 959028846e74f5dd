"""Points on their way until they are stored: queue, retries, refusals, rejects, retention."""
