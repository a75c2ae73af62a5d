"""Fetches what came back from the mailbox that it came to, by IMAP or POP3."""
