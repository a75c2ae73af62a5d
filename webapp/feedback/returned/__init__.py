"""Reads mail that came back: bounces, complaints, automatic replies. Pure: bytes in, what they say out."""

from webapp.feedback.returned.reader import read
from webapp.feedback.returned.reading import Kind, Reading, Reason, Recipient, Severity

__all__ = ["Kind", "Reading", "Reason", "Recipient", "Severity", "read"]
