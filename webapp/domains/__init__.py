"""Whether the sending domain is ready: DNS checks with the records to paste, DKIM keys, and what changed for the worse."""
