"""Rules that ask somebody else: the own web server, the DNS, spam filters. Bounded in time; no answer is *unknown*."""

from webapp.mailcheck.outside.asking import ask

__all__ = ["ask"]
