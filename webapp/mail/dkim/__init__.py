"""DKIM signatures (RFC 6376, 8301, 8463): keys, their DNS records, and what signs finished messages. No database."""
