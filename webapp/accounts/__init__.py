"""Users, their rights, sign-in, one-time links and the audit trail."""
