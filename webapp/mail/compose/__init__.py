"""Composing mail: a draft with tokens is compiled once, then filled for each recipient at the price of its slots."""

from webapp.mail.compose.addresses import BadAddress, needs_smtputf8, wire_address, wire_domain
from webapp.mail.compose.compiled import CompiledMessage, Preview
from webapp.mail.compose.compiling import compile_message, links_to_count, lint
from webapp.mail.compose.draft import Draft
from webapp.mail.compose.head import InjectionSuspected
from webapp.mail.compose.problems import TokenProblems

__all__ = [
    "BadAddress",
    "CompiledMessage",
    "Draft",
    "InjectionSuspected",
    "Preview",
    "TokenProblems",
    "compile_message",
    "links_to_count",
    "lint",
    "needs_smtputf8",
    "wire_address",
    "wire_domain",
]
