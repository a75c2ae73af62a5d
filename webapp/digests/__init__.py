"""Digests: at regular times each affiliate hears of the offers that are new for him, in one mail."""
