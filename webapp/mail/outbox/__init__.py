"""The durable queue: one row for each mailing and recipient, and everything that may be done to rows."""
