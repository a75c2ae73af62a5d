"""Ways for a finished mail to leave. Knows nothing of `webapp`."""
