"""The sender: one parent that owns the outbox, and children that render and send and never open the database."""
