"""Who the network writes to."""
