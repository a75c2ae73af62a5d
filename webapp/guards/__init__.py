"""Programme guards: how the mail of each sending domain is received, and what is stopped before a receiver stops us."""
