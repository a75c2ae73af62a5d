"""Sender Policy Framework (RFC 7208): records read, evaluated for an address, counted, and added to."""
