"""Which keys sign for which domain: the table of DKIM keys, their DNS records, and what a sender child is given."""
