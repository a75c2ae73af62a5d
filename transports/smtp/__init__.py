"""Any SMTP server: our own client, which always knows whether the final dot has left."""
