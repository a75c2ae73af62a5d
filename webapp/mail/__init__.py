"""The mail core: what is sent, to whom, and what became of it. No Flask in here."""
