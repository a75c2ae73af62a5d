"""A message, its audience, and the outcome of each mail."""
