"""The affiliate's own page: his offers, his links, the mail he gets. Behind links in his mail, without a password."""
