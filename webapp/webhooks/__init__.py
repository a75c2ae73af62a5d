"""Tells programs of the network by HTTPS what became of its mails: chosen events, signed, at least once, in order."""
