"""JSON for the network's own tracking platform: keys, lists in and out, what became of a mail."""
