"""Reads mail that came back: bounces, complaints, automatic replies. Pure: bytes in, what they say out."""

from webapp.feedback.returned.answer import Answer, asks_to_stop
from webapp.feedback.returned.reader import read
from webapp.feedback.returned.reading import Kind, Reading, Reason, Recipient, Severity

__all__ = ["Answer", "Kind", "Reading", "Reason", "Recipient", "Severity", "asks_to_stop", "read"]
